using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Commands;

/// <summary>RECORD_MARKER, UPSERT_WORKFLOW_SEARCH_ATTRIBUTES and MODIFY_WORKFLOW_PROPERTIES.</summary>
internal sealed class PropertyCommands(CommandLimits limits, HistoryEngineOptions options, ISearchAttributeTypes types)
{
    public void RecordMarker(CommandContext context, Command command)
    {
        const WorkflowTaskFailedCause Cause = WorkflowTaskFailedCause.BadRecordMarkerAttributes;
        var attributes = CommandContext.Require(
            command.RecordMarkerCommandAttributes, "RecordMarkerCommandAttributes", "RecordMarkerCommand", Cause);
        if (attributes.MarkerName.Length == 0)
        {
            throw new CommandFailedException(Cause, "MarkerName is not set on RecordMarkerCommand.");
        }

        if (limits.IsTooLong(attributes.MarkerName))
        {
            throw new CommandFailedException(
                Cause,
                $"MarkerName on RecordMarkerCommand exceeds length limit. MarkerName={attributes.MarkerName} Length={System.Text.Encoding.UTF8.GetByteCount(attributes.MarkerName)} Limit={limits.MaximumIdBytes}");
        }

        limits.RequireSize(
            attributes.Details.Sum(detail => (long)detail.Key.Length + detail.Value.CalculateSize()), options.MaximumBlobBytes, Cause,
            "RecordMarkerCommandAttributes.Details");
        var recorded = context.NewEvent(EventType.MarkerRecorded, command);
        recorded.MarkerRecordedEventAttributes = new MarkerRecordedEventAttributes
        {
            MarkerName = attributes.MarkerName,
            Details = { attributes.Details },
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            Header = attributes.Header,
            Failure = attributes.Failure,
        };
        context.Tx.Append(recorded);
    }

    public void UpsertSearchAttributes(CommandContext context, Command command)
    {
        const WorkflowTaskFailedCause Cause = WorkflowTaskFailedCause.BadSearchAttributes;
        var attributes = CommandContext.Require(
            command.UpsertWorkflowSearchAttributesCommandAttributes, "UpsertWorkflowSearchAttributesCommandAttributes",
            "UpsertWorkflowSearchAttributesCommand", Cause);
        SearchAttributes validated;
        SearchAttributes? merged;
        try
        {
            validated = SearchAttributeRules.ForUpsert(context.Namespace, attributes.SearchAttributes, types);
            merged = SearchAttributeRules.Merge(context.State.SearchAttributes, validated);
        }
        catch (RefusalException refused)
        {
            throw new CommandFailedException(Cause, refused.Message);
        }

        limits.RequireSize(SizeOf(attributes.SearchAttributes.IndexedFields), options.MaximumBlobBytes, Cause, "UpsertWorkflowSearchAttributesCommandAttributes");
        CommandLimits.RequireSearchAttributes(merged, Cause);
        var upserted = context.NewEvent(EventType.UpsertWorkflowSearchAttributes, command);
        upserted.UpsertWorkflowSearchAttributesEventAttributes = new UpsertWorkflowSearchAttributesEventAttributes
        {
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            SearchAttributes = validated,
        };
        context.Tx.Append(upserted);
        context.State.SearchAttributes = merged ?? new SearchAttributes();
        context.Tx.ChangeVisibility();
    }

    public void ModifyProperties(CommandContext context, Command command)
    {
        const WorkflowTaskFailedCause Cause = WorkflowTaskFailedCause.BadModifyWorkflowPropertiesAttributes;
        var attributes = CommandContext.Require(
            command.ModifyWorkflowPropertiesCommandAttributes, "ModifyWorkflowPropertiesCommandAttributes", "ModifyWorkflowPropertiesCommand", Cause);
        if (attributes.UpsertedMemo is null)
        {
            throw new CommandFailedException(Cause, "UpsertedMemo is not set on ModifyWorkflowPropertiesCommand.");
        }

        if (attributes.UpsertedMemo.Fields.Count == 0)
        {
            throw new CommandFailedException(Cause, "UpsertedMemo.Fields is not set on ModifyWorkflowPropertiesCommand.");
        }

        limits.RequireSize(SizeOf(attributes.UpsertedMemo.Fields), options.MaximumBlobBytes, Cause, "ModifyWorkflowPropertiesCommandAttributes");
        var merged = context.State.Memo.Clone();
        MemoRules.Merge(merged.Fields, attributes.UpsertedMemo.Fields);
        limits.RequireSize(merged.CalculateSize(), options.MaximumMemoBytes, Cause, "ModifyWorkflowPropertiesCommandAttributes. Memo");
        var modified = context.NewEvent(EventType.WorkflowPropertiesModified, command);
        modified.WorkflowPropertiesModifiedEventAttributes = new WorkflowPropertiesModifiedEventAttributes
        {
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            UpsertedMemo = attributes.UpsertedMemo,
        };
        context.Tx.Append(modified);
        context.State.Memo = merged;
        context.Tx.ChangeVisibility();
    }

    private static long SizeOf(IEnumerable<KeyValuePair<string, Payload>> fields) =>
        fields.Sum(field => (long)System.Text.Encoding.UTF8.GetByteCount(field.Key) + field.Value.Data.Length);
}
