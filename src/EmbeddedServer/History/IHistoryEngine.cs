using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History;

/// <summary>The namespace that a request works in.</summary>
public sealed record NamespaceRef(string Id, string Name);

/// <summary>Events of a run, and where to go on.</summary>
/// <param name="NextEventId">One past the last event of the run when this was read.</param>
public sealed record HistorySlice(ExecutionKey Key, IReadOnlyList<HistoryEvent> Events, long NextEventId, WorkflowExecutionStatus Status)
{
    public bool IsOpen => Status == WorkflowExecutionStatus.Running;
}

/// <summary>
/// Everything that happens to workflow executions. One writer a workflow id: each call loads the run, decides, commits, and only
/// then answers and dispatches. Requests come validated and normalised by <c>Frontend</c> (presence, lengths, policies, payload
/// sizes, search attributes); what depends on a run's state is checked here. All failures are <see cref="RefusalException"/>.
/// </summary>
public interface IHistoryEngine
{
    /// <summary>Loads wake-ups and queued tasks after a start of the process.</summary>
    Task RecoverAsync(CancellationToken cancellationToken);

    Task<StartWorkflowExecutionResponse> StartWorkflowAsync(NamespaceRef ns, StartWorkflowExecutionRequest request);

    Task<SignalWithStartWorkflowExecutionResponse> SignalWithStartAsync(NamespaceRef ns, SignalWithStartWorkflowExecutionRequest request);

    Task<SignalWorkflowExecutionResponse> SignalAsync(NamespaceRef ns, SignalWorkflowExecutionRequest request);

    Task RequestCancelAsync(NamespaceRef ns, RequestCancelWorkflowExecutionRequest request);

    Task TerminateAsync(NamespaceRef ns, TerminateWorkflowExecutionRequest request);

    /// <summary>Begins a new run at an earlier point of one; the current run is terminated if it is open.</summary>
    Task<ResetWorkflowExecutionResponse> ResetAsync(NamespaceRef ns, ResetWorkflowExecutionRequest request);

    Task<UpdateWorkflowExecutionOptionsResponse> UpdateOptionsAsync(NamespaceRef ns, UpdateWorkflowExecutionOptionsRequest request);

    Task DeleteAsync(NamespaceRef ns, DeleteWorkflowExecutionRequest request);

    Task<DescribeWorkflowExecutionResponse> DescribeAsync(NamespaceRef ns, DescribeWorkflowExecutionRequest request);

    /// <summary>Starts a matched workflow task; null when it is stale (drop it and poll on).</summary>
    Task<PollWorkflowTaskQueueResponse?> StartWorkflowTaskAsync(NamespaceRef ns, QueuedTask task, PollWorkflowTaskQueueRequest poll);

    /// <summary>The poll response for a query that travels alone; null when nobody waits for it any more.</summary>
    Task<PollWorkflowTaskQueueResponse?> StartQueryTaskAsync(NamespaceRef ns, QueryTask query, PollWorkflowTaskQueueRequest poll);

    Task<RespondWorkflowTaskCompletedResponse> CompleteWorkflowTaskAsync(NamespaceRef ns, RespondWorkflowTaskCompletedRequest request);

    Task FailWorkflowTaskAsync(NamespaceRef ns, RespondWorkflowTaskFailedRequest request);

    /// <summary>A started workflow task did not reach its worker: make it available again.</summary>
    Task AbandonWorkflowTaskAsync(NamespaceRef ns, PollWorkflowTaskQueueResponse task);

    Task CompleteQueryAsync(NamespaceRef ns, RespondQueryTaskCompletedRequest request);

    Task ResetStickyAsync(NamespaceRef ns, ResetStickyTaskQueueRequest request);

    /// <summary>Starts a matched activity task; null when it is stale (drop it and poll on).</summary>
    Task<PollActivityTaskQueueResponse?> StartActivityTaskAsync(NamespaceRef ns, QueuedTask task, PollActivityTaskQueueRequest poll);

    /// <summary>A started activity task did not reach its worker: make it available again.</summary>
    Task AbandonActivityTaskAsync(NamespaceRef ns, PollActivityTaskQueueResponse task);

    Task CompleteActivityAsync(NamespaceRef ns, RespondActivityTaskCompletedRequest request);

    Task CompleteActivityByIdAsync(NamespaceRef ns, RespondActivityTaskCompletedByIdRequest request);

    /// <summary>Answers whether the failure's details were too large and replaced (in the response's failures).</summary>
    Task<RespondActivityTaskFailedResponse> FailActivityAsync(NamespaceRef ns, RespondActivityTaskFailedRequest request);

    Task<RespondActivityTaskFailedByIdResponse> FailActivityByIdAsync(NamespaceRef ns, RespondActivityTaskFailedByIdRequest request);

    Task CancelActivityAsync(NamespaceRef ns, RespondActivityTaskCanceledRequest request);

    Task CancelActivityByIdAsync(NamespaceRef ns, RespondActivityTaskCanceledByIdRequest request);

    Task<RecordActivityTaskHeartbeatResponse> HeartbeatAsync(NamespaceRef ns, RecordActivityTaskHeartbeatRequest request);

    Task<RecordActivityTaskHeartbeatByIdResponse> HeartbeatByIdAsync(NamespaceRef ns, RecordActivityTaskHeartbeatByIdRequest request);

    Task PauseActivityAsync(NamespaceRef ns, PauseActivityRequest request);

    Task UnpauseActivityAsync(NamespaceRef ns, UnpauseActivityRequest request);

    Task ResetActivityAsync(NamespaceRef ns, ResetActivityRequest request);

    Task<UpdateActivityOptionsResponse> UpdateActivityOptionsAsync(NamespaceRef ns, UpdateActivityOptionsRequest request);

    /// <summary>Answers, or waits for a worker to answer, until the caller's deadline.</summary>
    Task<QueryWorkflowResponse> QueryAsync(NamespaceRef ns, QueryWorkflowRequest request, CancellationToken cancellationToken);

    /// <summary>Sends an update, or finds the one of the same id, and waits for the stage that is asked for, at most as long as held.</summary>
    Task<UpdateWorkflowExecutionResponse> UpdateAsync(
        NamespaceRef ns, UpdateWorkflowExecutionRequest request, TimeSpan hold, CancellationToken cancellationToken);

    /// <summary>Waits for an update that was sent before.</summary>
    Task<PollWorkflowExecutionUpdateResponse> PollUpdateAsync(
        NamespaceRef ns, PollWorkflowExecutionUpdateRequest request, TimeSpan hold, CancellationToken cancellationToken);

    /// <summary>Sends an update to a workflow that is started for it if need be.</summary>
    Task<ExecuteMultiOperationResponse> UpdateWithStartAsync(
        NamespaceRef ns, StartWorkflowExecutionRequest start, UpdateWorkflowExecutionRequest update, TimeSpan hold, CancellationToken cancellationToken);

    /// <summary>Events from <paramref name="fromEventId"/>, at most <paramref name="maximumEvents"/>. An empty run id means the current run.</summary>
    Task<HistorySlice> ReadHistoryAsync(NamespaceRef ns, string workflowId, string runId, long fromEventId, int maximumEvents);

    /// <summary>Events at and before <paramref name="throughEventId"/> (0: the last), latest first.</summary>
    Task<HistorySlice> ReadHistoryReverseAsync(NamespaceRef ns, string workflowId, string runId, long throughEventId, int maximumEvents);

    /// <summary>
    /// Waits until the run's next event id is past <paramref name="nextEventId"/> or the run has closed. Ends quietly when cancelled.
    /// </summary>
    Task WaitForHistoryAsync(ExecutionKey key, long nextEventId, CancellationToken cancellationToken);

    /// <summary>The current run's key, or the named run's.</summary>
    /// <exception cref="RefusalException">NOT_FOUND, or INVALID_ARGUMENT for a run id that is not a UUID.</exception>
    ExecutionKey Resolve(NamespaceRef ns, string workflowId, string runId);
}
