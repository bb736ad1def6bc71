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
}

/// <summary>
/// A run has at most one workflow task. One whose attempt is above 1 is transient: it writes nothing until it is completed, and then all
/// three of its events at once, so a workflow that keeps failing does not grow.
/// </summary>
internal static class WorkflowTaskTransitions
{
    public static readonly TransitionTable<WorkflowTaskStatus, WorkflowTaskTrigger> Table = new(
        "workflow task",
        new(WorkflowTaskStatus.None, WorkflowTaskTrigger.Schedule, WorkflowTaskStatus.Scheduled, WorkflowTaskScheduled),
        new(WorkflowTaskStatus.Scheduled, WorkflowTaskTrigger.Start, WorkflowTaskStatus.Started, WorkflowTaskScheduled, WorkflowTaskStarted),
        new(WorkflowTaskStatus.Scheduled, WorkflowTaskTrigger.TimeOutWaiting, WorkflowTaskStatus.None, WorkflowTaskTimedOut),
        new(WorkflowTaskStatus.Started, WorkflowTaskTrigger.Complete, WorkflowTaskStatus.None, WorkflowTaskScheduled, WorkflowTaskStarted, WorkflowTaskCompleted),
        new(WorkflowTaskStatus.Started, WorkflowTaskTrigger.Fail, WorkflowTaskStatus.None, WorkflowTaskFailed),
        new(WorkflowTaskStatus.Started, WorkflowTaskTrigger.TimeOutStarted, WorkflowTaskStatus.None, WorkflowTaskTimedOut));
}
