using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>What happens to a run's workflow task, and the events of it. Which steps are legal is in <see cref="WorkflowTaskTransitions"/>.</summary>
internal sealed class WorkflowTaskMachine(HistoryEngineOptions options, IIdSource ids)
{
    public const string ServerIdentity = "history-service";
    private const int AttemptsWithoutBackoff = 3;

    /// <summary>The part of the updates that a run takes in all from which on it should go on as a new one.</summary>
    private const double UpdatesTillContinueAsNew = 0.9;
    private static readonly TimeSpan SpeculativeStartBy = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan InitialTimeoutGrowth = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaximumTimeoutGrowth = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Sees to it that the workflow learns of what was held: schedules a task unless there is one. A run that waits for its first task stays
    /// asleep, unless <paramref name="endBackoff"/>; so does a child whose parent has not recorded its start.
    /// </summary>
    public void ScheduleWorkflowTask(ExecutionTransaction tx, bool endBackoff = false)
    {
        var state = tx.State;
        if (!state.IsOpen || state.AwaitsParent || state.Task.IsPending || (state.AwaitsFirstTask && !endBackoff && tx.Now < state.Info.ExecutionTime))
        {
            return;
        }

        Schedule(tx);
    }

    /// <summary>Sees to it that a worker learns of an admitted update: the pending task takes it along, else a speculative one is made for it.</summary>
    public void ScheduleForUpdate(ExecutionTransaction tx)
    {
        var state = tx.State;
        if (state.Task.IsPending)
        {
            return;
        }

        if (state.Task.LastCompletedStartedEventId == 0)
        {
            ScheduleWorkflowTask(tx, endBackoff: true);
        }
        else
        {
            Schedule(tx, isSpeculative: true);
        }
    }

    /// <param name="heartbeatSince">For a task that only keeps its predecessor alive: when that chain began.</param>
    /// <param name="isSpeculative">Whether it is only for updates.</param>
    public void Schedule(ExecutionTransaction tx, DateTimeOffset? heartbeatSince = null, bool isSpeculative = false)
    {
        var state = tx.State;
        var task = state.Task;
        if (tx.FlushBufferedEvents())
        {
            // New events make it a task like any other: what a transient one writes later would not follow on them.
            task.Attempt = 1;
            isSpeculative = false;
        }

        task.IsSpeculative = isSpeculative && task.Attempt == 1;

        task.Status = tx.Take(WorkflowTaskTransitions.Table, task.Status, WorkflowTaskTrigger.Schedule);
        task.IsSticky = task.StickyQueue.Length > 0;
        task.Queue = task.IsSticky ? task.StickyQueue : state.Info.TaskQueue;
        task.StartToCloseTimeout = TimeoutOf(state.Info.WorkflowTaskTimeout, task.Attempt);
        task.ScheduledAt = tx.Now;
        task.OriginalScheduledAt = heartbeatSince ?? tx.Now;
        task.StartedAt = null;
        task.StartedEventId = 0;
        task.RequestId = "";
        task.StartBy = task.IsSticky ? tx.Now.Plus(task.StickyScheduleToStartTimeout) : task.IsSpeculative ? tx.Now.Plus(SpeculativeStartBy) : null;
        task.ScheduledEventId = task.IsTransient ? state.NextEventId : tx.Append(ScheduledEvent(state)).EventId;
        state.AwaitsFirstTask = false;
        tx.DispatchesWorkflowTask = true;
        tx.MovesSpeculativeTask = task.IsSpeculative;
        tx.Touch();
    }

    /// <summary>A poller has it.</summary>
    /// <param name="fromSticky">Whether it came from the sticky queue; from any other, the worker's cache is void.</param>
    public void Start(ExecutionTransaction tx, string identity, string requestId, bool fromSticky)
    {
        var state = tx.State;
        var task = state.Task;
        if (!fromSticky)
        {
            task.ClearSticky();
        }

        if (task.Attempt > 1 && task.ScheduledEventId != state.NextEventId)
        {
            // Events came after it was scheduled, so it can't stay transient.
            task.Attempt = 1;
            task.ScheduledEventId = tx.Append(ScheduledEvent(state)).EventId;
        }

        task.Status = tx.Take(WorkflowTaskTransitions.Table, task.Status, WorkflowTaskTrigger.Start);
        task.StartedEventId = task.ScheduledEventId + 1;
        task.StartedAt = tx.Now;
        task.StartBy = null;
        task.Identity = identity;
        task.RequestId = requestId;
        task.HistorySizeBytes = state.HistorySizeBytes;
        task.ContinueAsNewReason = ReasonOf(state);
        if (!task.IsTransient)
        {
            task.StartedEventId = tx.Append(StartedEvent(state, identity)).EventId;
        }

        tx.DispatchesWorkflowTask = false;
        tx.MovesSpeculativeTask = task.IsSpeculative;
        tx.Touch();
    }

    /// <summary>Ends a speculative task without a trace.</summary>
    public void Drop(ExecutionTransaction tx)
    {
        var task = tx.State.Task;
        task.Status = tx.Take(WorkflowTaskTransitions.Table, task.Status, WorkflowTaskTrigger.Drop);
        task.IsSpeculative = false;
        tx.DispatchesWorkflowTask = false;
        tx.Touch();
    }

    /// <summary>
    /// A speculative task becomes one like any other with the next decision that is about anything else: what that decision writes follows on
    /// it. Who started it is not kept, so its started event doesn't say.
    /// </summary>
    public void SettleSpeculative(ExecutionTransaction tx)
    {
        var task = tx.State.Task;
        if (!task.IsSpeculative || tx.MovesSpeculativeTask)
        {
            return;
        }

        task.StartBy = task.IsSticky ? task.StartBy : null;
        var waits = !task.IsStarted;
        WriteSpeculative(tx, identity: "");
        if (waits)
        {
            tx.FlushBufferedEvents();
            tx.DispatchesWorkflowTask = true;
        }
    }

    public long Complete(ExecutionTransaction tx, RespondWorkflowTaskCompletedRequest request)
    {
        var state = tx.State;
        var task = state.Task;
        if (task.IsTransient)
        {
            tx.Append(ScheduledEvent(state));
            tx.Append(StartedEvent(state, request.Identity));
        }

        task.Status = tx.Take(WorkflowTaskTransitions.Table, task.Status, WorkflowTaskTrigger.Complete);
        task.IsSpeculative = false;

        var completed = tx.NewEvent(EventType.WorkflowTaskCompleted);
        completed.WorkflowTaskCompletedEventAttributes = new WorkflowTaskCompletedEventAttributes
        {
            ScheduledEventId = task.ScheduledEventId,
            StartedEventId = task.StartedEventId,
            Identity = request.Identity,
#pragma warning disable CS0612 // The older fields are those that workers without versioning read.
            WorkerVersion = VersionOf(request),
#pragma warning restore CS0612
            SdkMetadata = request.SdkMetadata,
            MeteringMetadata = request.MeteringMetadata,
        };
        task.LastCompletedStartedEventId = task.StartedEventId;
        task.Attempt = 1;
        task.FailuresInARow = 0;
        ReportedProblems.Clear(tx);
        return tx.Append(completed).EventId;
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

    public void Fail(ExecutionTransaction tx, WorkflowTaskFailedCause cause, Failure? failure, string identity)
    {
        var task = tx.State.Task;
        WriteSpeculative(tx, identity);
        task.Status = tx.Take(WorkflowTaskTransitions.Table, task.Status, WorkflowTaskTrigger.Fail);
        if (task.Attempt == 1)
        {
            var failed = tx.NewEvent(EventType.WorkflowTaskFailed);
            failed.WorkflowTaskFailedEventAttributes = new WorkflowTaskFailedEventAttributes
            {
                ScheduledEventId = task.ScheduledEventId,
                StartedEventId = task.StartedEventId,
                Cause = cause,
                Failure = failure,
                Identity = identity,
            };
            tx.Append(failed);
        }

        CountFailure(tx, countsAsAttempt: true);
        ReportedProblems.Report(tx, "WorkflowTaskFailed", $"WorkflowTaskFailedCause{cause}");
    }

    public void TimeOut(ExecutionTransaction tx)
    {
        var task = tx.State.Task;
        var started = task.IsStarted;
        WriteSpeculative(tx, identity: "");
        task.Status = tx.Take(WorkflowTaskTransitions.Table, task.Status, started ? WorkflowTaskTrigger.TimeOutStarted : WorkflowTaskTrigger.TimeOutWaiting);
        if (task.Attempt == 1)
        {
            var timedOut = tx.NewEvent(EventType.WorkflowTaskTimedOut);
            timedOut.WorkflowTaskTimedOutEventAttributes = new WorkflowTaskTimedOutEventAttributes
            {
                ScheduledEventId = task.ScheduledEventId,
                StartedEventId = task.StartedEventId,
                TimeoutType = started ? TimeoutType.StartToClose : TimeoutType.ScheduleToStart,
            };
            tx.Append(timedOut);
        }

        CountFailure(tx, countsAsAttempt: started);
        if (started)
        {
            ReportedProblems.Report(tx, "WorkflowTaskTimedOut", $"WorkflowTaskTimedOutCause{TimeoutType.StartToClose}");
        }
    }

    /// <summary>What a worker that has been given a transient task sees of it in the history; nothing else does, until it is written.</summary>
    public static IReadOnlyList<HistoryEvent> TransientEvents(ExecutionState state) =>
        state.Task.IsStarted ? UnwrittenEvents(state, state.Task.Identity) : [];

    /// <summary>The events of a transient task that are not written yet: one until it is started, then two.</summary>
    /// <param name="identity">Who started it, as its event is to say.</param>
    public static IReadOnlyList<HistoryEvent> UnwrittenEvents(ExecutionState state, string identity)
    {
        var task = state.Task;
        if (!state.IsOpen || !task.IsTransient || task.ScheduledEventId != state.NextEventId)
        {
            return [];
        }

        var scheduled = ScheduledEvent(state);
        scheduled.EventId = task.ScheduledEventId;
        if (!task.IsStarted)
        {
            return [scheduled];
        }

        var started = StartedEvent(state, identity);
        started.EventId = task.StartedEventId;
        return [scheduled, started];
    }

    /// <summary>A speculative task that fails, or that something else follows on, does leave a trace.</summary>
    private static void WriteSpeculative(ExecutionTransaction tx, string identity)
    {
        var task = tx.State.Task;
        if (task.IsSpeculative)
        {
            task.Status = tx.Take(WorkflowTaskTransitions.Table, task.Status, WorkflowTaskTrigger.Settle);
            task.ScheduledEventId = tx.Append(ScheduledEvent(tx.State)).EventId;
            if (task.IsStarted)
            {
                task.StartedEventId = tx.Append(StartedEvent(tx.State, identity)).EventId;
            }

            task.IsSpeculative = false;
        }
    }

    /// <summary>A sticky worker that failed is given up first; only then does a failure count as an attempt.</summary>
    private static void CountFailure(ExecutionTransaction tx, bool countsAsAttempt)
    {
        var task = tx.State.Task;
        task.FailuresInARow += countsAsAttempt ? 1 : 0;
        if (task.StickyQueue.Length > 0)
        {
            task.ClearSticky();
        }
        else if (countsAsAttempt)
        {
            task.Attempt++;
        }

        tx.Touch();
    }

    /// <summary>A task that keeps failing silently gets more time, so that it does not keep the workers busy.</summary>
    private TimeSpan TimeoutOf(TimeSpan configured, int attempt)
    {
        if (attempt <= AttemptsWithoutBackoff)
        {
            return configured;
        }

        var exponent = Math.Min(attempt - AttemptsWithoutBackoff - 1, 16);
        var growth = Clock.Min(InitialTimeoutGrowth * Math.Pow(2, exponent), MaximumTimeoutGrowth);
        return configured + (growth * (0.8 + (0.2 * ids.NextDouble())));
    }

    private static HistoryEvent ScheduledEvent(ExecutionState state) => new()
    {
        EventType = EventType.WorkflowTaskScheduled,
        EventTime = state.Task.ScheduledAt.ToProto(),
        WorkflowTaskScheduledEventAttributes = new WorkflowTaskScheduledEventAttributes
        {
            TaskQueue = state.Task.IsSticky
                ? new TaskQueue { Name = state.Task.Queue, Kind = TaskQueueKind.Sticky, NormalName = state.Info.TaskQueue }
                : new TaskQueue { Name = state.Task.Queue, Kind = TaskQueueKind.Normal },
            StartToCloseTimeout = state.Task.StartToCloseTimeout.ToLimit(),
            Attempt = state.Task.Attempt,
        },
    };

    private static HistoryEvent StartedEvent(ExecutionState state, string identity)
    {
        var task = state.Task;
        return new HistoryEvent
        {
            EventType = EventType.WorkflowTaskStarted,
            EventTime = task.StartedAt.ToProto(),
            WorkflowTaskStartedEventAttributes = new WorkflowTaskStartedEventAttributes
            {
                ScheduledEventId = task.ScheduledEventId,
                Identity = identity,
                RequestId = task.RequestId,
                SuggestContinueAsNew = task.ContinueAsNewReason != SuggestContinueAsNewReason.Unspecified,
                HistorySizeBytes = task.HistorySizeBytes,
                SuggestContinueAsNewReasons =
                {
                    task.ContinueAsNewReason == SuggestContinueAsNewReason.Unspecified ? [] : [task.ContinueAsNewReason],
                },
            },
        };
    }

    private SuggestContinueAsNewReason ReasonOf(ExecutionState state)
    {
        if (state.LastEventId >= options.SuggestContinueAsNewEvents)
        {
            return SuggestContinueAsNewReason.TooManyHistoryEvents;
        }

        if (state.HistorySizeBytes >= options.SuggestContinueAsNewBytes)
        {
            return SuggestContinueAsNewReason.HistorySizeTooLarge;
        }

        return state.Updates.Count >= options.MaximumUpdates * UpdatesTillContinueAsNew
            ? SuggestContinueAsNewReason.TooManyUpdates
            : SuggestContinueAsNewReason.Unspecified;
    }
}
