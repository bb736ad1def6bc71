using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Transitions;

/// <summary>What the rows of <see cref="WorkflowTaskTransitions"/> do, once the task has its new status.</summary>
internal static class WorkflowTaskEffects
{
    private static readonly TimeSpan SpeculativeStartBy = TimeSpan.FromSeconds(5);

    public static void Schedule(WorkflowTaskStep step)
    {
        var (tx, state, task) = (step.Tx, step.Tx.State, step.Task);
        task.IsSticky = task.StickyQueue.Length > 0;
        task.Queue = task.IsSticky ? task.StickyQueue : state.Info.TaskQueue;
        task.StartToCloseTimeout = step.StartToCloseTimeout;
        task.ScheduledAt = tx.Now;
        task.OriginalScheduledAt = step.HeartbeatSince ?? tx.Now;
        task.StartedAt = null;
        task.StartedEventId = 0;
        task.RequestId = "";
        task.StartBy = task.IsSticky ? tx.Now.Plus(task.StickyScheduleToStartTimeout) : task.IsSpeculative ? tx.Now.Plus(SpeculativeStartBy) : null;
        task.ScheduledEventId = task.IsTransient ? state.NextEventId : tx.Append(WorkflowTaskEvents.Scheduled(state)).EventId;
        state.AwaitsFirstTask &= task.IsSpeculative;
        tx.DispatchesWorkflowTask = true;
        tx.MovesSpeculativeTask = task.IsSpeculative;
        tx.Touch();
    }

    public static void Start(WorkflowTaskStep step)
    {
        var (tx, task) = (step.Tx, step.Task);
        task.StartedEventId = task.ScheduledEventId + 1;
        task.StartedAt = tx.Now;
        task.StartBy = null;
        task.Identity = step.Identity;
        task.RequestId = step.RequestId;
        task.HistorySizeBytes = tx.State.HistorySizeBytes;
        task.ContinueAsNewReasons = step.ContinueAsNewReasons;
        if (!task.IsTransient)
        {
            task.StartedEventId = tx.Append(WorkflowTaskEvents.Started(tx.State, step.Identity)).EventId;
        }

        tx.DispatchesWorkflowTask = false;
        tx.MovesSpeculativeTask = task.IsSpeculative;
        tx.Touch();
    }

    /// <summary>It came to nothing.</summary>
    public static void Drop(WorkflowTaskStep step)
    {
        step.Task.IsSpeculative = false;
        step.Task.WantsToClose = false;
        step.Tx.DispatchesWorkflowTask = false;
        step.Tx.Touch();
    }

    /// <summary>What it has not written is written.</summary>
    public static void SettleScheduled(WorkflowTaskStep step)
    {
        step.Task.ScheduledEventId = step.Tx.Append(WorkflowTaskEvents.Scheduled(step.Tx.State)).EventId;
        step.Task.IsSpeculative = false;
        step.Tx.State.AwaitsFirstTask = false;
    }

    public static void SettleStarted(WorkflowTaskStep step)
    {
        step.Task.ScheduledEventId = step.Tx.Append(WorkflowTaskEvents.Scheduled(step.Tx.State)).EventId;
        step.Task.StartedEventId = step.Tx.Append(WorkflowTaskEvents.Started(step.Tx.State, step.Identity)).EventId;
        step.Task.IsSpeculative = false;
        step.Tx.State.AwaitsFirstTask = false;
    }

    public static void Complete(WorkflowTaskStep step)
    {
        var (tx, task, request) = (step.Tx, step.Task, step.Completion!);
        if (task.Attempt > 1 || task.IsSpeculative)
        {
            tx.Append(WorkflowTaskEvents.Scheduled(tx.State));
            tx.Append(WorkflowTaskEvents.Started(tx.State, request.Identity));
        }

        var worker = VersionOf(request);
        var completed = tx.NewEvent(EventType.WorkflowTaskCompleted);
        completed.WorkflowTaskCompletedEventAttributes = new WorkflowTaskCompletedEventAttributes
        {
            ScheduledEventId = task.ScheduledEventId,
            StartedEventId = task.StartedEventId,
            Identity = request.Identity,
#pragma warning disable CS0612 // The older fields are those that workers without versioning read.
            WorkerVersion = worker,
#pragma warning restore CS0612
            SdkMetadata = request.SdkMetadata,
            MeteringMetadata = request.MeteringMetadata,
        };
        tx.Append(completed);
        task.IsSpeculative = false;
        task.WantsToClose = false;
        tx.State.AwaitsFirstTask = false;
        task.LastCompletedStartedEventId = task.StartedEventId;
        task.Attempt = 1;
        task.FailuresInARow = 0;
        ReportedProblems.Clear(tx);
        BuildIds.Track(tx.State, worker);
    }

    public static void Fail(WorkflowTaskStep step)
    {
        var (tx, task) = (step.Tx, step.Task);
        if (task.Attempt == 1)
        {
            var failed = tx.NewEvent(EventType.WorkflowTaskFailed);
            failed.WorkflowTaskFailedEventAttributes = new WorkflowTaskFailedEventAttributes
            {
                ScheduledEventId = task.ScheduledEventId,
                StartedEventId = task.StartedEventId,
                Cause = step.Cause,
                Failure = step.Failure,
                Identity = step.Identity,
            };
            tx.Append(failed);
        }

        CountFailure(tx, countsAsAttempt: true);
        if (step.Cause is WorkflowTaskFailedCause.ResetWorkflow or WorkflowTaskFailedCause.FailoverCloseCommand)
        {
            // These say nothing of the worker.
            task.Attempt = 1;
        }

        task.WantsToClose = step.Cause == WorkflowTaskFailedCause.UnhandledCommand;
        ReportedProblems.Report(tx, "WorkflowTaskFailed", $"WorkflowTaskFailedCause{step.Cause}");
    }

    /// <summary>It counts as no failure: the next task is the first attempt.</summary>
    public static void FailByReset(WorkflowTaskStep step)
    {
        var failed = step.Tx.NewEvent(EventType.WorkflowTaskFailed);
        failed.WorkflowTaskFailedEventAttributes = new WorkflowTaskFailedEventAttributes
        {
            ScheduledEventId = step.Task.ScheduledEventId,
            StartedEventId = step.Task.StartedEventId,
            Cause = WorkflowTaskFailedCause.ResetWorkflow,
            Failure = step.Failure,
            Identity = step.Identity,
            BaseRunId = step.BaseRunId,
            NewRunId = step.Tx.State.Key.RunId,
        };
        step.Tx.Append(failed);
    }

    public static void TimeOutWaiting(WorkflowTaskStep step)
    {
        WriteTimedOut(step, TimeoutType.ScheduleToStart);
        CountFailure(step.Tx, countsAsAttempt: false);
    }

    public static void TimeOutStarted(WorkflowTaskStep step)
    {
        WriteTimedOut(step, TimeoutType.StartToClose);
        CountFailure(step.Tx, countsAsAttempt: true);
        step.Task.WantsToClose = false;
        ReportedProblems.Report(step.Tx, "WorkflowTaskTimedOut", $"WorkflowTaskTimedOutCause{TimeoutType.StartToClose}");
    }

    private static void WriteTimedOut(WorkflowTaskStep step, TimeoutType type)
    {
        if (step.Task.Attempt != 1)
        {
            return;
        }

        var timedOut = step.Tx.NewEvent(EventType.WorkflowTaskTimedOut);
        timedOut.WorkflowTaskTimedOutEventAttributes = new WorkflowTaskTimedOutEventAttributes
        {
            ScheduledEventId = step.Task.ScheduledEventId,
            StartedEventId = step.Task.StartedEventId,
            TimeoutType = type,
        };
        step.Tx.Append(timedOut);
    }

    /// <summary>A sticky worker that failed is given up first; only then does a failure count as an attempt.</summary>
    private static void CountFailure(ExecutionTransaction tx, bool countsAsAttempt)
    {
        var task = tx.State.Task;
        if (task.StickyQueue.Length > 0)
        {
            task.ClearSticky();
        }
        else if (countsAsAttempt)
        {
            task.FailuresInARow++;
            task.Attempt++;
        }

        tx.Touch();
    }

    /// <summary>
    /// The build that completed the task, which a replaying worker shows to workflow code. Workers say it in one of three places, by what they
    /// find among the server's capabilities; they read it from one.
    /// </summary>
    private static WorkerVersionStamp? VersionOf(RespondWorkflowTaskCompletedRequest request)
    {
#pragma warning disable CS0612
        if (request.WorkerVersionStamp is { } stamp)
        {
            return stamp;
        }

        var build = request.DeploymentOptions is { BuildId.Length: > 0 } deployment ? deployment.BuildId : request.BinaryChecksum;
#pragma warning restore CS0612
        return build.Length > 0 ? new WorkerVersionStamp { BuildId = build } : null;
    }
}
