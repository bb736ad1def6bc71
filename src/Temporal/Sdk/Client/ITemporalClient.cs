using System.Linq.Expressions;
using Temporalio.Client.Interceptors;
using Temporalio.Worker;

namespace Temporalio.Client;

/// <summary>Starts workflows and talks to them. Safe for concurrent use.</summary>
public interface ITemporalClient : IWorkerClient
{
    /// <summary>Connection; may be shared with other clients.</summary>
    ITemporalConnection Connection { get; }

    /// <summary>The outermost interceptor.</summary>
    ClientOutboundInterceptor OutboundInterceptor { get; }

    /// <summary>Starts a workflow that has a result.</summary>
    /// <typeparam name="TWorkflow">Workflow.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="workflowRunCall">Call of the run method.</param>
    /// <param name="options">Options; id and task queue are required.</param>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">The id is taken.</exception>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(
        Expression<Func<TWorkflow, Task<TResult>>> workflowRunCall, WorkflowOptions options);

    /// <summary>Starts a workflow that has no result.</summary>
    /// <typeparam name="TWorkflow">Workflow.</typeparam>
    /// <param name="workflowRunCall">Call of the run method.</param>
    /// <param name="options">Options; id and task queue are required.</param>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">The id is taken.</exception>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    Task<WorkflowHandle<TWorkflow>> StartWorkflowAsync<TWorkflow>(
        Expression<Func<TWorkflow, Task>> workflowRunCall, WorkflowOptions options);

    /// <summary>Starts a workflow by name.</summary>
    /// <param name="workflow">Type name.</param>
    /// <param name="args">Arguments.</param>
    /// <param name="options">Options; id and task queue are required.</param>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">The id is taken.</exception>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    Task<WorkflowHandle> StartWorkflowAsync(string workflow, IReadOnlyCollection<object?> args, WorkflowOptions options);

    /// <summary>A handle of a workflow; no call is made.</summary>
    /// <param name="id">Workflow id.</param>
    /// <param name="runId">Run to talk to. Default: the current one.</param>
    /// <param name="firstExecutionRunId">First run of the chain that is meant, for cancelling and terminating.</param>
    WorkflowHandle GetWorkflowHandle(string id, string? runId = null, string? firstExecutionRunId = null);

    /// <summary>A handle of a workflow; no call is made.</summary>
    /// <typeparam name="TWorkflow">Workflow.</typeparam>
    /// <param name="id">Workflow id.</param>
    /// <param name="runId">Run to talk to. Default: the current one.</param>
    /// <param name="firstExecutionRunId">First run of the chain that is meant, for cancelling and terminating.</param>
    WorkflowHandle<TWorkflow> GetWorkflowHandle<TWorkflow>(string id, string? runId = null, string? firstExecutionRunId = null);

    /// <summary>A handle of a workflow; no call is made.</summary>
    /// <typeparam name="TWorkflow">Workflow.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="id">Workflow id.</param>
    /// <param name="runId">Run to talk to. Default: the current one.</param>
    /// <param name="firstExecutionRunId">First run of the chain that is meant, for cancelling and terminating.</param>
    WorkflowHandle<TWorkflow, TResult> GetWorkflowHandle<TWorkflow, TResult>(
        string id, string? runId = null, string? firstExecutionRunId = null);

    /// <summary>Lists workflows, newest first; asks for pages as they are needed.</summary>
    /// <param name="query">List filter; empty for all.</param>
    /// <param name="options">Options.</param>
    IAsyncEnumerable<WorkflowExecution> ListWorkflowsAsync(string query, WorkflowListOptions? options = null);

    /// <summary>Lists a page of workflows.</summary>
    /// <param name="query">List filter; empty for all.</param>
    /// <param name="nextPageToken">Where to go on; null to begin.</param>
    /// <param name="options">Options.</param>
    Task<WorkflowListPage> ListWorkflowsPaginatedAsync(
        string query, byte[]? nextPageToken, WorkflowListPaginatedOptions? options = null);

    /// <summary>Counts workflows.</summary>
    /// <param name="query">List filter, with a GROUP BY if wanted; empty for all.</param>
    /// <param name="options">Options.</param>
    Task<WorkflowExecutionCount> CountWorkflowsAsync(string query, WorkflowCountOptions? options = null);

    /// <summary>A handle of an activity that completes asynchronously; no call is made.</summary>
    /// <param name="taskToken">From the activity's info.</param>
    AsyncActivityHandle GetAsyncActivityHandle(byte[] taskToken);

    /// <summary>A handle of an activity that completes asynchronously; no call is made.</summary>
    /// <param name="workflowId">Workflow id.</param>
    /// <param name="runId">Run.</param>
    /// <param name="activityId">Activity id.</param>
    AsyncActivityHandle GetAsyncActivityHandle(string workflowId, string runId, string activityId);
}
