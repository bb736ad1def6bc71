using System.Collections.Frozen;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>How values of a system attribute are written in a query.</summary>
internal enum ColumnValues
{
    Plain,
    Time,
    Duration,
    Status,
}

/// <summary>A system attribute: an SQL expression over the row <c>v</c>; NULL where the run has no such value.</summary>
internal sealed record SystemColumn(string Name, string Sql, IndexedValueType Type, ColumnValues Values);

/// <summary>The system attributes that are columns of their own. What is only known at a run's end is NULL until then; a run that is its own root doesn't say so twice.</summary>
internal static class SystemColumns
{
    public const string WorkflowId = "WorkflowId";
    public const string RunId = "RunId";
    public const string WorkflowType = "WorkflowType";
    public const string Status = "ExecutionStatus";
    public const string CloseTime = "CloseTime";
    public const string ParentWorkflowId = "ParentWorkflowId";

    private static readonly FrozenDictionary<string, SystemColumn> ByName = new SystemColumn[]
    {
        new(WorkflowId, "v.workflow_id", IndexedValueType.Keyword, ColumnValues.Plain),
        new(RunId, "v.run_id", IndexedValueType.Keyword, ColumnValues.Plain),
        new(WorkflowType, "v.workflow_type", IndexedValueType.Keyword, ColumnValues.Plain),
        new("TaskQueue", "v.task_queue", IndexedValueType.Keyword, ColumnValues.Plain),
        new(Status, "v.status", IndexedValueType.Keyword, ColumnValues.Status),
        new("StartTime", "v.start_time", IndexedValueType.Datetime, ColumnValues.Time),
        new("ExecutionTime", "v.execution_time", IndexedValueType.Datetime, ColumnValues.Time),
        new(CloseTime, "v.close_time", IndexedValueType.Datetime, ColumnValues.Time),
        new("ExecutionDuration", "((v.close_time - v.execution_time) * 100)", IndexedValueType.Int, ColumnValues.Duration),
        new("HistoryLength", AtClose("v.history_length"), IndexedValueType.Int, ColumnValues.Plain),
        new("HistorySizeBytes", AtClose("v.history_size_bytes"), IndexedValueType.Int, ColumnValues.Plain),
        new("StateTransitionCount", AtClose("v.state_transition_count"), IndexedValueType.Int, ColumnValues.Plain),
        new(ParentWorkflowId, "v.parent_workflow_id", IndexedValueType.Keyword, ColumnValues.Plain),
        new("ParentRunId", "v.parent_run_id", IndexedValueType.Keyword, ColumnValues.Plain),
        new("RootWorkflowId", "coalesce(nullif(v.root_workflow_id, ''), v.workflow_id)", IndexedValueType.Keyword, ColumnValues.Plain),
        new("RootRunId", "coalesce(nullif(v.root_run_id, ''), v.run_id)", IndexedValueType.Keyword, ColumnValues.Plain),
        new(SystemSearchAttributes.NamespaceDivision, "v.division", IndexedValueType.Keyword, ColumnValues.Plain),
    }.ToFrozenDictionary(column => column.Name, StringComparer.Ordinal);

    public static SystemColumn? Find(string name) => ByName.GetValueOrDefault(name);

    private static string AtClose(string column) => $"iif(v.close_time IS NULL, NULL, {column})";
}
