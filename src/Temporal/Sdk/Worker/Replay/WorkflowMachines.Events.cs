using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Replay;

/// <content>What each event that is not made by a command means.</content>
internal sealed partial class WorkflowMachines
{
    /// <summary>
    /// Everything a run can find in its history that no command of it made. Child workflows, external signals, updates and Nexus operations
    /// have their rows here once the workflow code can start them.
    /// </summary>
    private static readonly Dictionary<EventType, Action<WorkflowMachines, HistoryEvent>> EventHandlers = new()
    {
        [EventType.WorkflowExecutionStarted] = (m, e) => m.OnStarted(e),
        [EventType.WorkflowExecutionSignaled] = (m, e) => m.OnSignaled(e.WorkflowExecutionSignaledEventAttributes),
        [EventType.WorkflowExecutionCancelRequested] = (m, e) =>
            m.AddJob(new CancelWorkflowJob(e.WorkflowExecutionCancelRequestedEventAttributes.Cause)),
        [EventType.WorkflowTaskStarted] = (m, e) => m.OnTaskStarted(e),
        [EventType.WorkflowTaskCompleted] = (m, e) => m.Sdk.OnCompleted(e.WorkflowTaskCompletedEventAttributes.SdkMetadata),
        [EventType.WorkflowTaskFailed] = (m, e) => m.OnTaskFailed(e.WorkflowTaskFailedEventAttributes),
        [EventType.TimerFired] = (m, e) => m.Timer(e).Fire(),
        [EventType.ActivityTaskCompleted] = (m, e) => m.Activity(e, e.ActivityTaskCompletedEventAttributes.ScheduledEventId).OnClosed(e),
        [EventType.ActivityTaskFailed] = (m, e) => m.Activity(e, e.ActivityTaskFailedEventAttributes.ScheduledEventId).OnClosed(e),
        [EventType.ActivityTaskTimedOut] = (m, e) => m.Activity(e, e.ActivityTaskTimedOutEventAttributes.ScheduledEventId).OnClosed(e),
        [EventType.ActivityTaskCanceled] = (m, e) => m.Activity(e, e.ActivityTaskCanceledEventAttributes.ScheduledEventId).OnClosed(e),

        // Nothing that code could notice.
        [EventType.WorkflowTaskScheduled] = (_, _) => { },
        [EventType.WorkflowTaskTimedOut] = (_, _) => { },
        [EventType.ActivityTaskStarted] = (_, _) => { },
        [EventType.WorkflowExecutionTimedOut] = (_, _) => { },
        [EventType.WorkflowExecutionTerminated] = (_, _) => { },
        [EventType.WorkflowExecutionOptionsUpdated] = (_, _) => { },
        [EventType.WorkflowExecutionPaused] = (_, _) => { },
        [EventType.WorkflowExecutionUnpaused] = (_, _) => { },
    };

    private readonly Dictionary<long, TimerMachine> timersByStartedEventId = [];
    private readonly Dictionary<long, ActivityMachine> activitiesByScheduledEventId = [];

    /// <summary>Notes which event started a timer.</summary>
    internal void RegisterTimer(TimerMachine timer) => timersByStartedEventId.Add(timer.StartedEventId, timer);

    /// <summary>Forgets a timer that is no more.</summary>
    internal void ForgetTimer(TimerMachine timer) => timersByStartedEventId.Remove(timer.StartedEventId);

    /// <summary>Notes which event scheduled an activity.</summary>
    internal void RegisterActivity(ActivityMachine activity) => activitiesByScheduledEventId.Add(activity.ScheduledEventId, activity);

    private static WorkflowNondeterminismException Unknown(HistoryEvent historyEvent, long cause) =>
        new($"[TMPRL1100] Nondeterminism error: history event {historyEvent.EventId} ({historyEvent.EventType}) belongs to event {cause}, " +
            "which no command of the workflow made");

    private void ApplyEvent(HistoryEvent historyEvent)
    {
        if (EventHandlers.TryGetValue(historyEvent.EventType, out var handler))
        {
            handler(this, historyEvent);
        }
        else if (!historyEvent.WorkerMayIgnore)
        {
            throw new WorkflowNondeterminismException(
                $"[TMPRL1100] Nondeterminism error: history event {historyEvent.EventId} ({historyEvent.EventType}) is of no kind that this workflow can have");
        }
    }

    private TimerMachine Timer(HistoryEvent historyEvent)
    {
        var startedEventId = historyEvent.TimerFiredEventAttributes.StartedEventId;
        if (!timersByStartedEventId.Remove(startedEventId, out var timer))
        {
            throw Unknown(historyEvent, startedEventId);
        }

        timers.Remove(timer.Sequence);
        return timer;
    }

    private ActivityMachine Activity(HistoryEvent historyEvent, long scheduledEventId)
    {
        if (!activitiesByScheduledEventId.Remove(scheduledEventId, out var activity))
        {
            throw Unknown(historyEvent, scheduledEventId);
        }

        activities.Remove(activity.Sequence);
        return activity;
    }

    private void OnStarted(HistoryEvent historyEvent)
    {
        currentTime = historyEvent.EventTime.ToDateTime();
        AddJob(new InitializeJob(historyEvent.WorkflowExecutionStartedEventAttributes, currentTime));
    }

    private void OnSignaled(WorkflowExecutionSignaledEventAttributes signaled) =>
        AddJob(new SignalJob(signaled.SignalName, signaled.Input, signaled.Header));

    private void OnTaskStarted(HistoryEvent historyEvent)
    {
        var time = historyEvent.EventTime.ToDateTime();
        currentTime = time > currentTime ? time : currentTime;
        lastStarted = historyEvent.WorkflowTaskStartedEventAttributes;
        historySizeBytes = (int)Math.Min(lastStarted.HistorySizeBytes, int.MaxValue);
        LastStartedEventId = historyEvent.EventId;
    }

    private void OnTaskFailed(WorkflowTaskFailedEventAttributes failed)
    {
        if (failed.Cause == WorkflowTaskFailedCause.ResetWorkflow)
        {
            AddJob(new UpdateRandomSeedJob(RandomSeed.Of(failed.NewRunId)));
        }
    }
}
