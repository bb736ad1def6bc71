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
}

/// <summary>
/// A run has at most one workflow task. One whose attempt is above 1 is transient: it writes nothing until it is completed, and then all
/// three of its events at once, so a workflow that keeps failing does not grow. So is a speculative one, which carries updates: when all of
/// them are rejected it is dropped without a trace; when it fails, or something else happens meanwhile, it becomes a task like any other.
/// </summary>
internal static class WorkflowTaskTransitions
{
    public static readonly TransitionTable<WorkflowTaskStatus, WorkflowTaskTrigger> Table = new(
        "workflow task",
        new(WorkflowTaskStatus.None, WorkflowTaskTrigger.Schedule, WorkflowTaskStatus.Scheduled, WorkflowTaskScheduled),
        new(WorkflowTaskStatus.Scheduled, WorkflowTaskTrigger.Start, WorkflowTaskStatus.Started, WorkflowTaskScheduled, WorkflowTaskStarted),
        new(WorkflowTaskStatus.Scheduled, WorkflowTaskTrigger.TimeOutWaiting, WorkflowTaskStatus.None, WorkflowTaskTimedOut),
        new(WorkflowTaskStatus.Scheduled, WorkflowTaskTrigger.Settle, WorkflowTaskStatus.Scheduled, WorkflowTaskScheduled),
        new(WorkflowTaskStatus.Started, WorkflowTaskTrigger.Settle, WorkflowTaskStatus.Started, WorkflowTaskScheduled, WorkflowTaskStarted),
        new(WorkflowTaskStatus.Scheduled, WorkflowTaskTrigger.Drop, WorkflowTaskStatus.None),
        new(WorkflowTaskStatus.Started, WorkflowTaskTrigger.Drop, WorkflowTaskStatus.None),
        new(WorkflowTaskStatus.Started, WorkflowTaskTrigger.Complete, WorkflowTaskStatus.None, WorkflowTaskScheduled, WorkflowTaskStarted, WorkflowTaskCompleted),
        new(WorkflowTaskStatus.Started, WorkflowTaskTrigger.Fail, WorkflowTaskStatus.None, WorkflowTaskFailed),
        new(WorkflowTaskStatus.Started, WorkflowTaskTrigger.TimeOutStarted, WorkflowTaskStatus.None, WorkflowTaskTimedOut));
}
