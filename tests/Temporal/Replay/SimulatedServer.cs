using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Common;
using Temporalio.Converters;

namespace Temporalio.Tests.Replay;

/// <summary>
/// A history that grows by the rules a server keeps: command events follow the completion of their task, everything else waits for it.
/// It knows just enough to let workflow code live without a server, and is strict about what it accepts.
/// </summary>
internal sealed class SimulatedServer
{
    private readonly SortedDictionary<long, ActivityTaskScheduledEventAttributes> activities = [];
    private readonly Dictionary<string, long> timers = [];
    private DateTime now = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public SimulatedServer(string workflowType, params object?[] args)
    {
        var payloads = new Payloads();
        payloads.Payloads_.AddRange(args.Select(DataConverter.Default.PayloadConverter.ToPayload));
        Add(EventType.WorkflowExecutionStarted).WorkflowExecutionStartedEventAttributes = new()
        {
            WorkflowType = new() { Name = workflowType },
            TaskQueue = new() { Name = "queue" },
            OriginalExecutionRunId = RunId,
            FirstExecutionRunId = RunId,
            WorkflowTaskTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(10)),
            Attempt = 1,
            Input = payloads,
        };
    }

    public string RunId { get; } = "5f0e61d4-3d2c-4c52-9c27-3f1c9ed1c5c3";

    public List<HistoryEvent> Events { get; } = [];

    public bool Closed { get; private set; }

    public IReadOnlyCollection<long> PendingActivities => activities.Keys;

    public IReadOnlyCollection<string> PendingTimers => timers.Keys;

    /// <summary>Gets the text of the history: one event a line.</summary>
    public string Text => string.Join('\n', Events.Select(e => $"{e.EventId} {e.EventType}{Detail(e)}"));

    public WorkflowHistory History => new("workflow", [.. Events.Select(e => e.Clone())]);

    public void PassTime(TimeSpan time) => now += time;

    public void Signal(string name, params object?[] args)
    {
        var payloads = new Payloads();
        payloads.Payloads_.AddRange(args.Select(DataConverter.Default.PayloadConverter.ToPayload));
        Add(EventType.WorkflowExecutionSignaled).WorkflowExecutionSignaledEventAttributes = new() { SignalName = name, Input = payloads };
    }

    public void RequestCancel() => Add(EventType.WorkflowExecutionCancelRequested).WorkflowExecutionCancelRequestedEventAttributes = new();

    public void FireTimer(string timerId)
    {
        timers.Remove(timerId, out var started).ShouldBeTrue($"no timer {timerId}");
        Add(EventType.TimerFired).TimerFiredEventAttributes = new() { TimerId = timerId, StartedEventId = started };
    }

    public void CompleteActivity(long scheduledEventId, object? result)
    {
        var started = StartActivity(scheduledEventId);
        Add(EventType.ActivityTaskCompleted).ActivityTaskCompletedEventAttributes = new()
        {
            ScheduledEventId = scheduledEventId,
            StartedEventId = started,
            Result = new Payloads { Payloads_ = { DataConverter.Default.PayloadConverter.ToPayload(result) } },
        };
    }

    public void FailActivity(long scheduledEventId, string message)
    {
        var started = StartActivity(scheduledEventId);
        Add(EventType.ActivityTaskFailed).ActivityTaskFailedEventAttributes = new()
        {
            ScheduledEventId = scheduledEventId,
            StartedEventId = started,
            RetryState = RetryState.MaximumAttemptsReached,
            Failure = new Failure { Message = message, ApplicationFailureInfo = new() { Type = "Broken" } },
        };
    }

    public void TimeOutActivity(long scheduledEventId, TimeoutType type)
    {
        activities.Remove(scheduledEventId).ShouldBeTrue();
        Add(EventType.ActivityTaskTimedOut).ActivityTaskTimedOutEventAttributes = new()
        {
            ScheduledEventId = scheduledEventId,
            RetryState = RetryState.Timeout,
            Failure = new Failure { Message = $"activity {type} timeout", TimeoutFailureInfo = new() { TimeoutType = type } },
        };
    }

    public void CancelActivity(long scheduledEventId)
    {
        var started = StartActivity(scheduledEventId);
        Add(EventType.ActivityTaskCanceled).ActivityTaskCanceledEventAttributes = new()
        {
            ScheduledEventId = scheduledEventId,
            StartedEventId = started,
            Details = new Payloads { Payloads_ = { DataConverter.Default.PayloadConverter.ToPayload("as asked") } },
        };
    }

    public void Terminate()
    {
        Add(EventType.WorkflowExecutionTerminated).WorkflowExecutionTerminatedEventAttributes = new();
        Closed = true;
    }

    /// <summary>Starts a workflow task.</summary>
    /// <returns>The event that started it.</returns>
    public long StartTask()
    {
        now += TimeSpan.FromSeconds(1);
        var scheduled = Add(EventType.WorkflowTaskScheduled);
        scheduled.WorkflowTaskScheduledEventAttributes = new() { Attempt = 1 };
        var started = Add(EventType.WorkflowTaskStarted);
        started.WorkflowTaskStartedEventAttributes = new() { ScheduledEventId = scheduled.EventId, HistorySizeBytes = 100 * started.EventId };
        return started.EventId;
    }

    /// <summary>Fails the task that is under way; what its worker did does not count.</summary>
    public void FailTask(WorkflowTaskFailedCause cause = WorkflowTaskFailedCause.WorkflowWorkerUnhandledFailure, string newRunId = "") =>
        Add(EventType.WorkflowTaskFailed).WorkflowTaskFailedEventAttributes = new() { Cause = cause, NewRunId = newRunId };

    /// <summary>Completes the task that is under way.</summary>
    public void CompleteTask(IEnumerable<Command> commands)
    {
        var completed = Add(EventType.WorkflowTaskCompleted);
        completed.WorkflowTaskCompletedEventAttributes = new() { SdkMetadata = new() { CoreUsedFlags = { 1, 2, 3 } } };
        foreach (var command in commands)
        {
            Closed.ShouldBeFalse("nothing may follow the end of the run");
            Apply(command);
        }
    }

    private static string Detail(HistoryEvent e) => e.EventType switch
    {
        EventType.ActivityTaskScheduled => $" {e.ActivityTaskScheduledEventAttributes.ActivityType.Name} #{e.ActivityTaskScheduledEventAttributes.ActivityId}",
        EventType.WorkflowExecutionSignaled => $" {e.WorkflowExecutionSignaledEventAttributes.SignalName}",
        EventType.TimerStarted => $" #{e.TimerStartedEventAttributes.TimerId} {e.TimerStartedEventAttributes.StartToFireTimeout.ToTimeSpan().TotalMilliseconds} ms",
        EventType.TimerCanceled => $" #{e.TimerCanceledEventAttributes.TimerId}",
        EventType.TimerFired => $" #{e.TimerFiredEventAttributes.TimerId}",
        EventType.MarkerRecorded => $" {e.MarkerRecordedEventAttributes.MarkerName}",
        EventType.UpsertWorkflowSearchAttributes =>
            $" {string.Join(", ", e.UpsertWorkflowSearchAttributesEventAttributes.SearchAttributes.IndexedFields.Keys)}",
        EventType.WorkflowExecutionCompleted => $" {e.WorkflowExecutionCompletedEventAttributes.Result?.Payloads_[0].Data.ToStringUtf8()}",
        EventType.WorkflowExecutionFailed => $" {e.WorkflowExecutionFailedEventAttributes.Failure.Message}",
        _ => string.Empty,
    };

    private long StartActivity(long scheduledEventId)
    {
        activities.Remove(scheduledEventId).ShouldBeTrue($"no activity {scheduledEventId}");
        var started = Add(EventType.ActivityTaskStarted);
        started.ActivityTaskStartedEventAttributes = new() { ScheduledEventId = scheduledEventId, Attempt = 1 };
        return started.EventId;
    }

    private void Apply(Command command)
    {
        var e = Add(EventOf(command.CommandType));
        switch (command.CommandType)
        {
            case CommandType.ScheduleActivityTask:
                var schedule = command.ScheduleActivityTaskCommandAttributes;
                e.ActivityTaskScheduledEventAttributes = new()
                {
                    ActivityId = schedule.ActivityId,
                    ActivityType = schedule.ActivityType,
                    TaskQueue = schedule.TaskQueue,
                    Input = schedule.Input,
                };
                activities.Values.ShouldNotContain(a => a.ActivityId == schedule.ActivityId, "activity ids are unique");
                activities.Add(e.EventId, e.ActivityTaskScheduledEventAttributes);
                break;
            case CommandType.RequestCancelActivityTask:
                var cancelled = command.RequestCancelActivityTaskCommandAttributes.ScheduledEventId;
                activities.ContainsKey(cancelled).ShouldBeTrue($"no activity {cancelled} to cancel");
                e.ActivityTaskCancelRequestedEventAttributes = new() { ScheduledEventId = cancelled };
                break;
            case CommandType.StartTimer:
                var start = command.StartTimerCommandAttributes;
                timers.Add(start.TimerId, e.EventId);
                e.TimerStartedEventAttributes = new() { TimerId = start.TimerId, StartToFireTimeout = start.StartToFireTimeout };
                break;
            case CommandType.CancelTimer:
                var timerId = command.CancelTimerCommandAttributes.TimerId;
                timers.Remove(timerId, out var timerStarted).ShouldBeTrue($"no timer {timerId} to cancel");
                e.TimerCanceledEventAttributes = new() { TimerId = timerId, StartedEventId = timerStarted };
                break;
            case CommandType.RecordMarker:
                e.MarkerRecordedEventAttributes = new() { MarkerName = command.RecordMarkerCommandAttributes.MarkerName };
                e.MarkerRecordedEventAttributes.Details.Add(command.RecordMarkerCommandAttributes.Details);
                break;
            case CommandType.UpsertWorkflowSearchAttributes:
                e.UpsertWorkflowSearchAttributesEventAttributes = new()
                {
                    SearchAttributes = command.UpsertWorkflowSearchAttributesCommandAttributes.SearchAttributes,
                };
                break;
            case CommandType.ModifyWorkflowProperties:
                e.WorkflowPropertiesModifiedEventAttributes = new() { UpsertedMemo = command.ModifyWorkflowPropertiesCommandAttributes.UpsertedMemo };
                break;
            case CommandType.CompleteWorkflowExecution:
                e.WorkflowExecutionCompletedEventAttributes = new() { Result = command.CompleteWorkflowExecutionCommandAttributes.Result };
                Closed = true;
                break;
            case CommandType.FailWorkflowExecution:
                e.WorkflowExecutionFailedEventAttributes = new() { Failure = command.FailWorkflowExecutionCommandAttributes.Failure };
                Closed = true;
                break;
            case CommandType.CancelWorkflowExecution:
                e.WorkflowExecutionCanceledEventAttributes = new();
                Closed = true;
                break;
        }
    }

    private static EventType EventOf(CommandType type) => type switch
    {
        CommandType.ScheduleActivityTask => EventType.ActivityTaskScheduled,
        CommandType.RequestCancelActivityTask => EventType.ActivityTaskCancelRequested,
        CommandType.StartTimer => EventType.TimerStarted,
        CommandType.CancelTimer => EventType.TimerCanceled,
        CommandType.RecordMarker => EventType.MarkerRecorded,
        CommandType.UpsertWorkflowSearchAttributes => EventType.UpsertWorkflowSearchAttributes,
        CommandType.ModifyWorkflowProperties => EventType.WorkflowPropertiesModified,
        CommandType.CompleteWorkflowExecution => EventType.WorkflowExecutionCompleted,
        CommandType.FailWorkflowExecution => EventType.WorkflowExecutionFailed,
        CommandType.CancelWorkflowExecution => EventType.WorkflowExecutionCanceled,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    private HistoryEvent Add(EventType type)
    {
        now += TimeSpan.FromMilliseconds(1);
        var e = new HistoryEvent { EventId = Events.Count + 1, EventType = type, EventTime = Timestamp.FromDateTime(now) };
        Events.Add(e);
        return e;
    }
}
