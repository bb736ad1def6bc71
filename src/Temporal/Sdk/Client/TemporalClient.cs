using System.Linq.Expressions;
using Temporalio.Client.Interceptors;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Temporalio.Client;

/// <summary>A client of one namespace.</summary>
public class TemporalClient : ITemporalClient
{
    /// <summary>A client over a connection.</summary>
    /// <param name="connection">Connection; may be shared.</param>
    /// <param name="options">Options.</param>
    public TemporalClient(ITemporalConnection connection, TemporalClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        var own = (TemporalClientOptions)options.Clone();
        foreach (var plugin in own.Plugins ?? [])
        {
            plugin.ConfigureClient(own);
        }

        Connection = connection;
        Options = own;
        OutboundInterceptor = new RootClientInterceptor(this);
        foreach (var interceptor in (own.Interceptors ?? []).Reverse())
        {
            OutboundInterceptor = interceptor.InterceptClient(OutboundInterceptor);
        }
    }

    /// <inheritdoc/>
    public ITemporalConnection Connection { get; private init; }

    /// <inheritdoc/>
    public TemporalClientOptions Options { get; private init; }

    /// <inheritdoc/>
    public ClientOutboundInterceptor OutboundInterceptor { get; private init; }

    /// <summary>Call options that retry.</summary>
    protected internal static RpcOptions RetryRpcOptions { get; } = new() { Retry = true };

    /// <summary>Connects and makes a client.</summary>
    /// <param name="options">Options.</param>
    /// <exception cref="InvalidOperationException">The server can't be reached or refuses.</exception>
    public static async Task<TemporalClient> ConnectAsync(TemporalClientConnectOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Func<TemporalClientConnectOptions, Task<TemporalConnection>> connect = o => TemporalConnection.ConnectAsync(o);
        foreach (var plugin in (options.Plugins ?? []).Reverse())
        {
            var next = connect;
            connect = o => plugin.ConnectAsync(o, next);
        }

        return new TemporalClient(await connect(options).ConfigureAwait(false), options.ToClientOptions());
    }

    /// <summary>Makes a client that connects with its first call. A worker needs one that is connected.</summary>
    /// <param name="options">Options.</param>
    public static TemporalClient CreateLazy(TemporalClientConnectOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new TemporalClient(TemporalConnection.CreateLazy(options), options.ToClientOptions());
    }

    /// <inheritdoc/>
    public Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(
        Expression<Func<TWorkflow, Task<TResult>>> workflowRunCall, WorkflowOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(workflowRunCall);
        return OutboundInterceptor.StartWorkflowAsync<TWorkflow, TResult>(
            new(WorkflowDefinition.NameFromRunMethodForCall(method), args, options, Headers: null));
    }

    /// <inheritdoc/>
    public async Task<WorkflowHandle<TWorkflow>> StartWorkflowAsync<TWorkflow>(
        Expression<Func<TWorkflow, Task>> workflowRunCall, WorkflowOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(workflowRunCall);
        return await OutboundInterceptor.StartWorkflowAsync<TWorkflow, ValueTuple>(
            new(WorkflowDefinition.NameFromRunMethodForCall(method), args, options, Headers: null)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<WorkflowHandle> StartWorkflowAsync(string workflow, IReadOnlyCollection<object?> args, WorkflowOptions options) =>
        await OutboundInterceptor.StartWorkflowAsync<ValueTuple, ValueTuple>(new(workflow, args, options, Headers: null))
            .ConfigureAwait(false);

    /// <inheritdoc/>
    public WorkflowHandle GetWorkflowHandle(string id, string? runId = null, string? firstExecutionRunId = null) =>
        new(this, id, RunId: runId, ResultRunId: runId, FirstExecutionRunId: firstExecutionRunId);

    /// <inheritdoc/>
    public WorkflowHandle<TWorkflow> GetWorkflowHandle<TWorkflow>(
        string id, string? runId = null, string? firstExecutionRunId = null) =>
        new(this, id, RunId: runId, ResultRunId: runId, FirstExecutionRunId: firstExecutionRunId);

    /// <inheritdoc/>
    public WorkflowHandle<TWorkflow, TResult> GetWorkflowHandle<TWorkflow, TResult>(
        string id, string? runId = null, string? firstExecutionRunId = null) =>
        new(this, id, RunId: runId, ResultRunId: runId, FirstExecutionRunId: firstExecutionRunId);

    /// <inheritdoc/>
    public IAsyncEnumerable<WorkflowExecution> ListWorkflowsAsync(string query, WorkflowListOptions? options = null) =>
        OutboundInterceptor.ListWorkflowsAsync(new(query, options));

    /// <inheritdoc/>
    public Task<WorkflowListPage> ListWorkflowsPaginatedAsync(
        string query, byte[]? nextPageToken, WorkflowListPaginatedOptions? options = null) =>
        OutboundInterceptor.ListWorkflowsPaginatedAsync(new(query, nextPageToken, options));

    /// <inheritdoc/>
    public Task<WorkflowExecutionCount> CountWorkflowsAsync(string query, WorkflowCountOptions? options = null) =>
        OutboundInterceptor.CountWorkflowsAsync(new(query, options));

    /// <inheritdoc/>
    public AsyncActivityHandle GetAsyncActivityHandle(byte[] taskToken) =>
        new(this, new AsyncActivityHandle.TaskTokenReference(taskToken));

    /// <inheritdoc/>
    public AsyncActivityHandle GetAsyncActivityHandle(string workflowId, string runId, string activityId) =>
        new(this, new AsyncActivityHandle.IdReference(workflowId, runId, activityId));

    /// <summary>Call options that retry unless they say otherwise.</summary>
    protected internal static RpcOptions DefaultRetryOptions(RpcOptions? origOptions)
    {
        if (origOptions is null)
        {
            return RetryRpcOptions;
        }

        if (origOptions.Retry is not null)
        {
            return origOptions;
        }

        var options = (RpcOptions)origOptions.Clone();
        options.Retry = true;
        return options;
    }
}
