using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;
using static Temporalio.Api.Enums.V1.EventType;

namespace Onramp.EmbeddedServer.History.Transitions;

internal enum WorkflowTaskStatus
{
    None,
    Scheduled,
    Started,
}

internal enum WorkflowTaskTrigger
{
    Schedule,
    Start,
    Complete,
    Fail,
    TimeOutWaiting,
    TimeOutStarted,

    /// <summary>A speculative one becomes a task like any other.</summary>
    Settle,

    /// <summary>A speculative task came to nothing.</summary>
    Drop,

    /// <summary>The run goes on from here instead of the one that it was made of by a reset.</summary>
    Reset,
}

/// <summary>What happens to a run's workflow task, and what it brings along; what a step has no use for is left out.</summary>
internal sealed record WorkflowTaskStep(ExecutionTransaction Tx)
{
    /// <summary>Who says so, or has it.</summary>
    public string Identity { get; init; } = "";

    /// <summary>Of the poll that gets it.</summary>
    public string RequestId { get; init; } = "";

    public TimeSpan StartToCloseTimeout { get; init; }

    /// <summary>For a task that only keeps its predecessor alive: when that chain began.</summary>
    public DateTimeOffset? HeartbeatSince { get; init; }

    /// <summary>Why the run should go on as a new one.</summary>
    public IReadOnlyList<SuggestContinueAsNewReason> ContinueAsNewReasons { get; init; } = [];

    /// <summary>The worker's answer.</summary>
    public RespondWorkflowTaskCompletedRequest? Completion { get; init; }

    public WorkflowTaskFailedCause Cause { get; init; }

    public Failure? Failure { get; init; }

    /// <summary>The run that was reset.</summary>
    public string BaseRunId { get; init; } = "";

    public WorkflowTaskState Task => Tx.State.Task;

    public void Take(WorkflowTaskTrigger trigger) => Tx.Fire(WorkflowTaskTransitions.Table, Task.Status, trigger, this);
}

/// <summary>
/// A run has at most one workflow task. One whose attempt is above 1 is transient: it writes nothing until it is completed, and then all
/// three of its events at once, so a workflow that keeps failing does not grow. So is a speculative one, which carries updates: when all of
/// them are rejected it is dropped without a trace; when it fails, or something else happens meanwhile, it becomes a task like any other.
/// </summary>
internal static class WorkflowTaskTransitions
{
    private static readonly WorkflowTaskStatus[] Pending = [WorkflowTaskStatus.Scheduled, WorkflowTaskStatus.Started];

    public static readonly TransitionTable<WorkflowTaskStatus, WorkflowTaskTrigger, WorkflowTaskStep> Table = new(
        "workflow task", enter: static (step, status) => step.Task.Status = status,
        new([WorkflowTaskStatus.None], WorkflowTaskTrigger.Schedule, WorkflowTaskStatus.Scheduled, WorkflowTaskEffects.Schedule, WorkflowTaskScheduled),
        new([WorkflowTaskStatus.Scheduled], WorkflowTaskTrigger.Start, WorkflowTaskStatus.Started, WorkflowTaskEffects.Start, WorkflowTaskScheduled, WorkflowTaskStarted),
        new([WorkflowTaskStatus.Scheduled], WorkflowTaskTrigger.TimeOutWaiting, WorkflowTaskStatus.None, WorkflowTaskEffects.TimeOutWaiting, WorkflowTaskTimedOut),
        new([WorkflowTaskStatus.Scheduled], WorkflowTaskTrigger.Settle, null, WorkflowTaskEffects.SettleScheduled, WorkflowTaskScheduled),
        new([WorkflowTaskStatus.Started], WorkflowTaskTrigger.Settle, null, WorkflowTaskEffects.SettleStarted, WorkflowTaskScheduled, WorkflowTaskStarted),
        new(Pending, WorkflowTaskTrigger.Drop, WorkflowTaskStatus.None, WorkflowTaskEffects.Drop),
        new([WorkflowTaskStatus.Started], WorkflowTaskTrigger.Complete, WorkflowTaskStatus.None, WorkflowTaskEffects.Complete, WorkflowTaskScheduled, WorkflowTaskStarted, WorkflowTaskCompleted),
        new([WorkflowTaskStatus.Started], WorkflowTaskTrigger.Fail, WorkflowTaskStatus.None, WorkflowTaskEffects.Fail, WorkflowTaskFailed),
        new([WorkflowTaskStatus.Started], WorkflowTaskTrigger.Reset, WorkflowTaskStatus.None, WorkflowTaskEffects.FailByReset, WorkflowTaskFailed),
        new([WorkflowTaskStatus.Started], WorkflowTaskTrigger.TimeOutStarted, WorkflowTaskStatus.None, WorkflowTaskEffects.TimeOutStarted, WorkflowTaskTimedOut));
}
