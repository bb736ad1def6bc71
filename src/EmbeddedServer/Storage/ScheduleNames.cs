namespace Onramp.EmbeddedServer.Storage;

/// <summary>How a schedule is named where workflows are named otherwise: in lists, inboxes and wake-ups.</summary>
internal static class ScheduleNames
{
    /// <summary>What comes before a schedule's id to make the workflow id that lists and messages show.</summary>
    public const string WorkflowIdPrefix = "temporal-sys-scheduler:";

    public const string WorkflowType = "temporal-sys-scheduler-workflow";

    public const string TaskQueue = "temporal-sys-per-ns-tq";

    /// <summary>The division of a namespace's workflows that schedules make up.</summary>
    public const string Division = "TemporalScheduler";

    public const string DivisionQuery = $"TemporalNamespaceDivision = '{Division}'";

    public static string WorkflowIdOf(string scheduleId) => WorkflowIdPrefix + scheduleId;

    public static string ScheduleIdOf(string workflowId) => workflowId[WorkflowIdPrefix.Length..];

    /// <summary>Names its inbox, and its one writer.</summary>
    public static WorkflowKey ToWorkflowKey(this ScheduleKey key) => new(key.NamespaceId, WorkflowIdOf(key.ScheduleId));

    /// <summary>A schedule's wake-ups have no run id: no run is named so.</summary>
    public static ExecutionKey ToWakeUpKey(this ScheduleKey key) => new(key.NamespaceId, WorkflowIdOf(key.ScheduleId), "");

    /// <summary>The schedule that a wake-up is for; null when it is for a run.</summary>
    public static ScheduleKey? ScheduleOf(ExecutionKey wakeUp) =>
        wakeUp.RunId.Length == 0 ? new ScheduleKey(wakeUp.NamespaceId, ScheduleIdOf(wakeUp.WorkflowId)) : null;

    public static ScheduleKey ScheduleOf(WorkflowKey inbox) => new(inbox.NamespaceId, ScheduleIdOf(inbox.WorkflowId));
}
