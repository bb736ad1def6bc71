using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Temporalio.Client.Interceptors;

/// <summary>Cancels a workflow.</summary>
/// <param name="Id">Workflow id.</param>
/// <param name="RunId">Run, or the current one.</param>
/// <param name="FirstExecutionRunId">First run of the chain that is meant.</param>
/// <param name="Options">Options.</param>
public record CancelWorkflowInput(
    string Id,
    string? RunId,
    string? FirstExecutionRunId,
    WorkflowCancelOptions? Options);

/// <summary>Terminates a workflow.</summary>
/// <param name="Id">Workflow id.</param>
/// <param name="RunId">Run, or the current one.</param>
/// <param name="FirstExecutionRunId">First run of the chain that is meant.</param>
/// <param name="Reason">Reason.</param>
/// <param name="Options">Options.</param>
public record TerminateWorkflowInput(
    string Id,
    string? RunId,
    string? FirstExecutionRunId,
    string? Reason,
    WorkflowTerminateOptions? Options);

/// <summary>Describes a workflow.</summary>
/// <param name="Id">Workflow id.</param>
/// <param name="RunId">Run, or the current one.</param>
/// <param name="Options">Options.</param>
public record DescribeWorkflowInput(
    string Id,
    string? RunId,
    WorkflowDescribeOptions? Options);

/// <summary>Queries a workflow.</summary>
/// <param name="Id">Workflow id.</param>
/// <param name="RunId">Run, or the current one.</param>
/// <param name="Query">Name.</param>
/// <param name="Args">Arguments.</param>
/// <param name="Options">Options.</param>
/// <param name="Headers">Headers.</param>
public record QueryWorkflowInput(
    string Id,
    string? RunId,
    string Query,
    IReadOnlyCollection<object?> Args,
    WorkflowQueryOptions? Options,
    IDictionary<string, Payload>? Headers);

/// <summary>Signals a workflow.</summary>
/// <param name="Id">Workflow id.</param>
/// <param name="RunId">Run, or the current one.</param>
/// <param name="Signal">Name.</param>
/// <param name="Args">Arguments.</param>
/// <param name="Options">Options.</param>
/// <param name="Headers">Headers.</param>
public record SignalWorkflowInput(
    string Id,
    string? RunId,
    string Signal,
    IReadOnlyCollection<object?> Args,
    WorkflowSignalOptions? Options,
    IDictionary<string, Payload>? Headers);

/// <summary>Starts a workflow.</summary>
/// <param name="Workflow">Type name.</param>
/// <param name="Args">Arguments.</param>
/// <param name="Options">Options.</param>
/// <param name="Headers">Headers.</param>
public record StartWorkflowInput(
    string Workflow,
    IReadOnlyCollection<object?> Args,
    WorkflowOptions Options,
    IDictionary<string, Payload>? Headers);

/// <summary>Lists workflows.</summary>
/// <param name="Query">Query.</param>
/// <param name="Options">Options.</param>
public record ListWorkflowsInput(
    string Query,
    WorkflowListOptions? Options);

/// <summary>Lists a page of workflows.</summary>
/// <param name="Query">Query.</param>
/// <param name="NextPageToken">Where to go on.</param>
/// <param name="Options">Options.</param>
public record ListWorkflowsPaginatedInput(
    string Query,
    byte[]? NextPageToken,
    WorkflowListPaginatedOptions? Options);

/// <summary>Counts workflows.</summary>
/// <param name="Query">Query.</param>
/// <param name="Options">Options.</param>
public record CountWorkflowsInput(
    string Query,
    WorkflowCountOptions? Options);

/// <summary>Fetches a page of a history.</summary>
/// <param name="Id">Workflow id.</param>
/// <param name="RunId">Run, or the current one.</param>
/// <param name="PageSize">How many events.</param>
/// <param name="NextPageToken">Where to go on.</param>
/// <param name="WaitNewEvent">Whether to wait for new events.</param>
/// <param name="EventFilterType">Which events.</param>
/// <param name="SkipArchival">Whether not to look in the archive.</param>
/// <param name="Rpc">Options of the call.</param>
public record FetchWorkflowHistoryEventPageInput(
    string Id,
    string? RunId,
    int? PageSize,
    byte[]? NextPageToken,
    bool WaitNewEvent,
    HistoryEventFilterType EventFilterType,
    bool SkipArchival,
    RpcOptions? Rpc);

/// <summary>A page of a history.</summary>
/// <param name="Events">Events.</param>
/// <param name="NextPageToken">Where to go on; null at the end.</param>
public record WorkflowHistoryEventPage(
    IReadOnlyCollection<HistoryEvent> Events,
    byte[]? NextPageToken);
