using Google.Protobuf;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Schedules;

/// <summary>How lists and counts see a schedule: like a running workflow of a division of its own.</summary>
internal static class ScheduleVisibility
{
    private const string Paused = "TemporalSchedulePaused";

    public static (ExecutionKey As, VisibilityRow Row) Of(ScheduleTransaction tx)
    {
        var created = tx.Definition.CreatedAt.ToInstant();
        var workflowId = ScheduleNames.WorkflowIdOf(tx.Key.ScheduleId);
        return (new ExecutionKey(tx.Key.NamespaceId, workflowId, tx.Definition.RunId), new VisibilityRow
        {
            WorkflowType = ScheduleNames.WorkflowType,
            TaskQueue = ScheduleNames.TaskQueue,
            Status = WorkflowExecutionStatus.Running,
            StartTime = created,
            ExecutionTime = created,
            RootWorkflowId = workflowId,
            RootRunId = tx.Definition.RunId,
            FirstRunId = tx.Definition.RunId,
            Memo = tx.Definition.Memo?.ToByteArray(),
            SearchAttributes = AttributesOf(tx).ToByteArray(),
        });
    }

    private static SearchAttributes AttributesOf(ScheduleTransaction tx)
    {
        var attributes = SearchAttributes.Parser.Read(tx.Definition.SearchAttributes) ?? new SearchAttributes();
        attributes.IndexedFields[SystemSearchAttributes.NamespaceDivision] = Value($"\"{ScheduleNames.Division}\"", IndexedValueType.Keyword);
        attributes.IndexedFields[Paused] = Value(tx.Schedule.State.Paused ? "true" : "false", IndexedValueType.Bool);
        return attributes;
    }

    /// <summary>A search attribute's payload from JSON.</summary>
    public static Payload Value(string json, IndexedValueType type) => new()
    {
        Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain"), ["type"] = ByteString.CopyFromUtf8(type.ToString()) },
        Data = ByteString.CopyFromUtf8(json),
    };
}
