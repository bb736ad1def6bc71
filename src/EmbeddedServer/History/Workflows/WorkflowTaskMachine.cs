using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>
/// Decides when a run needs a workflow task, and what kind of one. What happens to it then, and which steps are legal, is in
/// <see cref="WorkflowTaskTransitions"/>.
/// </summary>
internal sealed class WorkflowTaskMachine(HistoryEngineOptions options, IIdSource ids)
{
    public const string ServerIdentity = "history-service";
    private const int AttemptsWithoutBackoff = 3;

    /// <summary>The part of the updates that a run takes in all from which on it should go on as a new one.</summary>
    private const double UpdatesTillContinueAsNew = 0.9;
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
        if (!tx.State.Task.IsPending && !tx.State.AwaitsParent)
        {
            Schedule(tx, isSpeculative: true);
        }
    }

    /// <param name="heartbeatSince">For a task that only keeps its predecessor alive: when that chain began.</param>
    /// <param name="isSpeculative">Whether it is only for updates.</param>
    public void Schedule(ExecutionTransaction tx, DateTimeOffset? heartbeatSince = null, bool isSpeculative = false)
    {
        var task = tx.State.Task;
        if (tx.FlushBufferedEvents())
        {
            // New events make it a task like any other: what a transient one writes later would not follow on them.
            task.Attempt = 1;
            isSpeculative = false;
        }

        task.IsSpeculative = isSpeculative && task.Attempt == 1;
        new WorkflowTaskStep(tx) { StartToCloseTimeout = TimeoutOf(tx.State.Info.WorkflowTaskTimeout, task.Attempt), HeartbeatSince = heartbeatSince }
            .Take(WorkflowTaskTrigger.Schedule);
    }

    /// <summary>A poller has it.</summary>
    /// <param name="fromSticky">Whether it came from the sticky queue; from any other, the worker's cache is void.</param>
    public void Start(ExecutionTransaction tx, string identity, string requestId, bool fromSticky)
    {
        var state = tx.State;
        var task = state.Task;
        if (!fromSticky)
        {
            // What a speculative task writes later says where it was handed out.
            task.ClearSticky();
            task.IsSticky = false;
            task.Queue = state.Info.TaskQueue;
        }

        if (task.Attempt > 1 && task.ScheduledEventId != state.NextEventId)
        {
            // Events came after it was scheduled, so it can't stay transient.
            task.Attempt = 1;
            task.ScheduledEventId = tx.Append(WorkflowTaskEvents.Scheduled(state)).EventId;
        }

        new WorkflowTaskStep(tx) { Identity = identity, RequestId = requestId, ContinueAsNewReasons = [.. ReasonsOf(state)] }.Take(WorkflowTaskTrigger.Start);
    }

    /// <summary>Ends a speculative task without a trace.</summary>
    public static void Drop(ExecutionTransaction tx) => new WorkflowTaskStep(tx).Take(WorkflowTaskTrigger.Drop);

    /// <summary>
    /// A speculative task becomes one like any other with the next decision that is about anything else: what that decision writes follows on
    /// it. Who started it is not kept, so its started event doesn't say.
    /// </summary>
    public static void SettleSpeculative(ExecutionTransaction tx)
    {
        var task = tx.State.Task;
        if (!task.IsSpeculative || tx.MovesSpeculativeTask)
        {
            return;
        }

        task.StartBy = task.IsSticky ? task.StartBy : null;
        WriteSpeculative(tx, identity: "");
        if (!task.IsStarted)
        {
            tx.FlushBufferedEvents();
            tx.DispatchesWorkflowTask = true;
        }
    }

    /// <returns>The event that completes it.</returns>
    public static long Complete(ExecutionTransaction tx, RespondWorkflowTaskCompletedRequest request)
    {
        new WorkflowTaskStep(tx) { Completion = request }.Take(WorkflowTaskTrigger.Complete);
        return tx.State.LastEventId;
    }

    public static void Fail(ExecutionTransaction tx, WorkflowTaskFailedCause cause, Failure? failure, string identity)
    {
        WriteSpeculative(tx, identity);
        new WorkflowTaskStep(tx) { Cause = cause, Failure = failure, Identity = identity }.Take(WorkflowTaskTrigger.Fail);
    }

    public static void TimeOut(ExecutionTransaction tx)
    {
        WriteSpeculative(tx, identity: "");
        new WorkflowTaskStep(tx).Take(tx.State.Task.IsStarted ? WorkflowTaskTrigger.TimeOutStarted : WorkflowTaskTrigger.TimeOutWaiting);
    }

    /// <summary>A speculative task that fails, or that something else follows on, does leave a trace.</summary>
    private static void WriteSpeculative(ExecutionTransaction tx, string identity)
    {
        if (tx.State.Task.IsSpeculative)
        {
            new WorkflowTaskStep(tx) { Identity = identity }.Take(WorkflowTaskTrigger.Settle);
        }
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

    /// <summary>Why the run should go on as a new one, in the reference's order.</summary>
    private IEnumerable<SuggestContinueAsNewReason> ReasonsOf(ExecutionState state)
    {
        if (state.HistorySizeBytes >= options.SuggestContinueAsNewBytes)
        {
            yield return SuggestContinueAsNewReason.HistorySizeTooLarge;
        }

        // The event that says so counts.
        if (state.NextEventId >= options.SuggestContinueAsNewEvents)
        {
            yield return SuggestContinueAsNewReason.TooManyHistoryEvents;
        }

        if (state.Updates.Count >= options.MaximumUpdates * UpdatesTillContinueAsNew)
        {
            yield return SuggestContinueAsNewReason.TooManyUpdates;
        }
    }
}
