using Temporalio.Api.Enums.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Common;
using Temporalio.Converters;

namespace Temporalio.Client;

/// <summary>A workflow as listed.</summary>
public class WorkflowExecution
{
    private readonly Lazy<IReadOnlyDictionary<string, IEncodedRawValue>> memo;
    private readonly Lazy<SearchAttributeCollection> searchAttributes;

    /// <summary>Wraps what the server sent.</summary>
    /// <param name="rawInfo">What the server sent.</param>
    /// <param name="dataConverter">Converter of the memo.</param>
    /// <param name="clientNamespaceForDataConverterWithContext">
    /// Namespace to make the converter specific to; null if it already is specific.
    /// </param>
    protected internal WorkflowExecution(
        WorkflowExecutionInfo rawInfo, DataConverter dataConverter, string? clientNamespaceForDataConverterWithContext)
    {
        RawInfo = rawInfo;
        var converter = clientNamespaceForDataConverterWithContext is { } name
            ? dataConverter.WithSerializationContext(new ISerializationContext.Workflow(name, rawInfo.Execution.WorkflowId))
            : dataConverter;
        memo = new(() => (rawInfo.Memo?.Fields ?? []).ToDictionary(
            field => field.Key, field => (IEncodedRawValue)new EncodedRawValue(converter, field.Value), StringComparer.Ordinal));
        searchAttributes = new(() => rawInfo.SearchAttributes is null
            ? SearchAttributeCollection.Empty
            : SearchAttributeCollection.FromProto(rawInfo.SearchAttributes));
    }

    /// <summary>Workflow id.</summary>
    public string Id => RawInfo.Execution.WorkflowId;

    /// <summary>Run id.</summary>
    public string RunId => RawInfo.Execution.RunId;

    /// <summary>Type name.</summary>
    public string WorkflowType => RawInfo.Type.Name;

    /// <summary>Task queue.</summary>
    public string TaskQueue => RawInfo.TaskQueue;

    /// <summary>Status.</summary>
    public WorkflowExecutionStatus Status => RawInfo.Status;

    /// <summary>When it was started.</summary>
    public DateTime StartTime => RawInfo.StartTime.ToDateTime();

    /// <summary>When its first task was or is due, later than the start by delay or schedule.</summary>
    public DateTime? ExecutionTime => RawInfo.ExecutionTime?.ToDateTime();

    /// <summary>When it closed, if it did.</summary>
    public DateTime? CloseTime => RawInfo.CloseTime?.ToDateTime();

    /// <summary>How many events it has.</summary>
    public int HistoryLength => (int)RawInfo.HistoryLength;

    /// <summary>Workflow id of the parent, if there is one.</summary>
    public string? ParentId => RawInfo.ParentExecution?.WorkflowId is { Length: > 0 } id ? id : null;

    /// <summary>Run id of the parent, if there is one.</summary>
    public string? ParentRunId => RawInfo.ParentExecution?.RunId is { Length: > 0 } id ? id : null;

    /// <summary>Memo.</summary>
    public IReadOnlyDictionary<string, IEncodedRawValue> Memo => memo.Value;

    /// <summary>Search attributes.</summary>
    public SearchAttributeCollection TypedSearchAttributes => searchAttributes.Value;

    internal WorkflowExecutionInfo RawInfo { get; private init; }
}

/// <summary>A workflow as described.</summary>
public class WorkflowExecutionDescription : WorkflowExecution
{
    private readonly DataConverter dataConverter;

    /// <summary>Wraps what the server sent.</summary>
    /// <param name="rawDescription">What the server sent.</param>
    /// <param name="dataConverter">Converter, already specific to the workflow.</param>
    protected internal WorkflowExecutionDescription(DescribeWorkflowExecutionResponse rawDescription, DataConverter dataConverter)
        : base(rawDescription.WorkflowExecutionInfo, dataConverter, clientNamespaceForDataConverterWithContext: null)
    {
        RawDescription = rawDescription;
        this.dataConverter = dataConverter;
    }

    internal DescribeWorkflowExecutionResponse RawDescription { get; private init; }

    /// <summary>The line about this run that was given at the start, if any.</summary>
    public Task<string?> GetStaticSummaryAsync() => TextAsync(RawDescription.ExecutionConfig?.UserMetadata?.Summary);

    /// <summary>The text about this run that was given at the start, if any.</summary>
    public Task<string?> GetStaticDetailsAsync() => TextAsync(RawDescription.ExecutionConfig?.UserMetadata?.Details);

    private async Task<string?> TextAsync(Api.Common.V1.Payload? payload) =>
        payload is null ? null : await dataConverter.ToValueAsync<string>(payload).ConfigureAwait(false);
}

/// <summary>A page of workflows.</summary>
/// <param name="Workflows">Workflows.</param>
/// <param name="NextPageToken">Where to go on; null at the end.</param>
public record WorkflowListPage(IReadOnlyCollection<WorkflowExecution> Workflows, byte[]? NextPageToken);
