using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Workflow.V1;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>Reads rows of the table <c>visibility</c> as they are listed.</summary>
internal static class VisibilityRows
{
    /// <summary>In the order in which <see cref="Read"/> expects them; the first two are the row's place in the order.</summary>
    public const string Columns =
        """
        v.close_order, v.start_time, v.workflow_id, v.run_id, v.workflow_type, v.task_queue, v.status, v.execution_time, v.close_time,
        v.parent_workflow_id, v.parent_run_id,
        coalesce(nullif(v.root_workflow_id, ''), v.workflow_id), coalesce(nullif(v.root_run_id, ''), v.run_id),
        v.history_length, v.history_size_bytes, v.state_transition_count, v.memo, v.search_attributes, v.execution,
        (SELECT b.builds FROM executions e JOIN build_lists b ON b.number = e.builds WHERE e.number = v.execution)
        """;

    /// <summary>Where the run's number is, which tells apart what closed and started at the same times.</summary>
    public const int NumberColumn = 18;

    private const int BuildsColumn = 19;

    /// <param name="typeOf">The types of the namespace's attributes; what it no longer has isn't listed.</param>
    public static WorkflowExecutionInfo Read(Statement row, Func<string, IndexedValueType?> typeOf)
    {
        var info = new WorkflowExecutionInfo
        {
            Execution = new WorkflowExecution { WorkflowId = row.Text(2), RunId = row.Text(3) },
            Type = new WorkflowType { Name = row.Text(4) },
            TaskQueue = row.Text(5),
            Status = (WorkflowExecutionStatus)row.Integer(6),
            StartTime = Time(row.Integer(1)),
            ExecutionTime = Time(row.Integer(7)),
            RootExecution = new WorkflowExecution { WorkflowId = row.Text(11), RunId = row.Text(12) },
            Memo = row.BlobOrNull(16) is { } memo ? Memo.Parser.ParseFrom(memo) : new Memo(),
            SearchAttributes = row.BlobOrNull(17) is { } attributes
                ? ListedAttributes.Of(SearchAttributes.Parser.ParseFrom(attributes), typeOf)
                : new SearchAttributes(),
        };
        if (row.TextOrNull(BuildsColumn) is { } builds)
        {
            info.SearchAttributes.IndexedFields[SystemSearchAttributes.BuildIds] = SearchAttributeValue.KeywordsOf(builds);
        }

        if (row.TextOrNull(9) is { Length: > 0 } parent)
        {
            info.ParentExecution = new WorkflowExecution { WorkflowId = parent, RunId = row.Text(10) };
        }

        if (!row.IsNull(8))
        {
            info.CloseTime = Time(row.Integer(8));
            info.ExecutionDuration = Duration.FromTimeSpan(TimeSpan.FromTicks(row.Integer(8) - row.Integer(7)));
            info.HistoryLength = row.Integer(13);
            info.HistorySizeBytes = row.Integer(14);
            info.StateTransitionCount = row.Integer(15);
        }

        return info;
    }

    private static Timestamp Time(long ticks) => Timestamp.FromDateTimeOffset(new DateTimeOffset(ticks, TimeSpan.Zero));
}
