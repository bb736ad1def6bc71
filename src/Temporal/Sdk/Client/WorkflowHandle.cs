using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Client.Interceptors;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Temporalio.Client;

/// <summary>Talks to one workflow.</summary>
/// <param name="Client">Client.</param>
/// <param name="Id">Workflow id.</param>
/// <param name="RunId">Run to talk to; null for the current one.</param>
/// <param name="ResultRunId">Run whose result is meant; null for the current one.</param>
/// <param name="FirstExecutionRunId">First run of the chain that is meant, for cancelling and terminating.</param>
public record WorkflowHandle(
    ITemporalClient Client, string Id, string? RunId = null, string? ResultRunId = null, string? FirstExecutionRunId = null)
{
    /// <summary>Waits until the workflow completes.</summary>
    /// <param name="followRuns">Whether to follow the runs that it continues as, by retry, schedule or itself.</param>
    /// <param name="rpcOptions">Options of the calls.</param>
    /// <exception cref="WorkflowFailedException">It failed, was cancelled or terminated, or timed out.</exception>
    /// <exception cref="WorkflowContinuedAsNewException">It continued as new and runs are not followed.</exception>
    public Task GetResultAsync(bool followRuns = true, RpcOptions? rpcOptions = null) =>
        GetResultAsync<ValueTuple>(followRuns, rpcOptions);

    /// <summary>Waits for the workflow's result.</summary>
    /// <typeparam name="TResult">Result; a <see cref="ValueTuple"/> leaves it unread.</typeparam>
    /// <param name="followRuns">Whether to follow the runs that it continues as, by retry, schedule or itself.</param>
    /// <param name="rpcOptions">Options of the calls.</param>
    /// <exception cref="WorkflowFailedException">It failed, was cancelled or terminated, or timed out.</exception>
    /// <exception cref="WorkflowContinuedAsNewException">It continued as new and runs are not followed.</exception>
    public async Task<TResult> GetResultAsync<TResult>(bool followRuns = true, RpcOptions? rpcOptions = null)
    {
        var runId = ResultRunId;
        while (true)
        {
            var close = await CloseEventAsync(runId, rpcOptions).ConfigureAwait(false);
            var outcome = new WorkflowOutcome(close, Client.Options, Id);
            if (followRuns && outcome.NextRunId is { } next)
            {
                runId = next;
                continue;
            }

            return await outcome.GetResultAsync<TResult>().ConfigureAwait(false);
        }
    }

    /// <summary>Signals the workflow.</summary>
    /// <typeparam name="TWorkflow">Workflow with the signal.</typeparam>
    /// <param name="signalCall">Call of the signal's method.</param>
    /// <param name="options">Options.</param>
    public Task SignalAsync<TWorkflow>(Expression<Func<TWorkflow, Task>> signalCall, WorkflowSignalOptions? options = null)
    {
        var (method, args) = ExpressionUtil.ExtractCall(signalCall);
        return SignalAsync(WorkflowSignalDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <summary>Signals the workflow.</summary>
    /// <param name="signal">Name of the signal.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options.</param>
    public Task SignalAsync(string signal, IReadOnlyCollection<object?> args, WorkflowSignalOptions? options = null) =>
        Client.OutboundInterceptor.SignalWorkflowAsync(new(Id, RunId, signal, args, options, Headers: null));

    /// <summary>Queries the workflow.</summary>
    /// <typeparam name="TWorkflow">Workflow with the query.</typeparam>
    /// <typeparam name="TQueryResult">Result of the query.</typeparam>
    /// <param name="queryCall">Call of the query's method, or access to its property.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="WorkflowQueryFailedException">The query failed.</exception>
    /// <exception cref="WorkflowQueryRejectedException">The workflow's status rules queries out.</exception>
    public Task<TQueryResult> QueryAsync<TWorkflow, TQueryResult>(
        Expression<Func<TWorkflow, TQueryResult>> queryCall, WorkflowQueryOptions? options = null)
    {
        if (queryCall.Body is MemberExpression)
        {
            return ExpressionUtil.ExtractMemberAccess(queryCall) is PropertyInfo property
                ? QueryAsync<TQueryResult>(WorkflowQueryDefinition.NameFromPropertyForCall(property), [], options)
                : throw new ArgumentException("Query must be a method or a property", nameof(queryCall));
        }

        var (method, args) = ExpressionUtil.ExtractCall(queryCall);
        return QueryAsync<TQueryResult>(WorkflowQueryDefinition.NameFromMethodForCall(method), args, options);
    }

    /// <summary>Queries the workflow.</summary>
    /// <typeparam name="TQueryResult">Result of the query.</typeparam>
    /// <param name="query">Name of the query.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="WorkflowQueryFailedException">The query failed.</exception>
    /// <exception cref="WorkflowQueryRejectedException">The workflow's status rules queries out.</exception>
    public Task<TQueryResult> QueryAsync<TQueryResult>(
        string query, IReadOnlyCollection<object?> args, WorkflowQueryOptions? options = null) =>
        Client.OutboundInterceptor.QueryWorkflowAsync<TQueryResult>(new(Id, RunId, query, args, options, Headers: null));

    /// <summary>Describes the workflow.</summary>
    /// <param name="options">Options.</param>
    public Task<WorkflowExecutionDescription> DescribeAsync(WorkflowDescribeOptions? options = null) =>
        Client.OutboundInterceptor.DescribeWorkflowAsync(new(Id, RunId, options));

    /// <summary>Asks the workflow to cancel.</summary>
    /// <param name="options">Options.</param>
    public Task CancelAsync(WorkflowCancelOptions? options = null) =>
        Client.OutboundInterceptor.CancelWorkflowAsync(new(Id, RunId, FirstExecutionRunId, options));

    /// <summary>Terminates the workflow: it ends at once, without a chance to clean up.</summary>
    /// <param name="reason">Reason to record.</param>
    /// <param name="options">Options.</param>
    public Task TerminateAsync(string? reason = null, WorkflowTerminateOptions? options = null) =>
        Client.OutboundInterceptor.TerminateWorkflowAsync(new(Id, RunId, FirstExecutionRunId, reason, options));

    /// <summary>Fetches the history.</summary>
    /// <param name="options">Options.</param>
    public async Task<WorkflowHistory> FetchHistoryAsync(WorkflowHistoryEventFetchOptions? options = null)
    {
        var events = new List<HistoryEvent>();
        await foreach (var historyEvent in FetchHistoryEventsAsync(options).ConfigureAwait(false))
        {
            events.Add(historyEvent);
        }

        return new(Id, events);
    }

    /// <summary>Fetches the history event by event; asks for pages as they are needed.</summary>
    /// <param name="options">Options; those that wait go on until the workflow closes.</param>
    public IAsyncEnumerable<HistoryEvent> FetchHistoryEventsAsync(WorkflowHistoryEventFetchOptions? options = null) =>
        EventsAsync(RunId, options ?? new());

    private async IAsyncEnumerable<HistoryEvent> EventsAsync(
        string? runId, WorkflowHistoryEventFetchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (rpc, source) = (options.Rpc ?? new()).WithAdditionalCancellationToken(cancellationToken);
        using var disposing = source;
        byte[]? token = null;
        do
        {
            var page = await Client.OutboundInterceptor.FetchWorkflowHistoryEventPageAsync(new(
                Id, runId, PageSize: null, token, options.WaitNewEvent, options.EventFilterType, options.SkipArchival, rpc))
                .ConfigureAwait(false);
            foreach (var historyEvent in page.Events)
            {
                yield return historyEvent;
            }

            token = page.NextPageToken;
        }
        while (token is not null);
    }

    private async Task<HistoryEvent> CloseEventAsync(string? runId, RpcOptions? rpcOptions)
    {
        var options = new WorkflowHistoryEventFetchOptions
        {
            WaitNewEvent = true,
            EventFilterType = HistoryEventFilterType.CloseEvent,
            SkipArchival = true,
            Rpc = rpcOptions,
        };
        await foreach (var historyEvent in EventsAsync(runId, options).ConfigureAwait(false))
        {
            return historyEvent;
        }

        throw new InvalidOperationException($"Workflow {Id} closed without a closing event");
    }
}

/// <summary>Talks to one workflow of a known type.</summary>
/// <typeparam name="TWorkflow">Workflow.</typeparam>
/// <param name="Client">Client.</param>
/// <param name="Id">Workflow id.</param>
/// <param name="RunId">Run to talk to; null for the current one.</param>
/// <param name="ResultRunId">Run whose result is meant; null for the current one.</param>
/// <param name="FirstExecutionRunId">First run of the chain that is meant, for cancelling and terminating.</param>
public record WorkflowHandle<TWorkflow>(
    ITemporalClient Client, string Id, string? RunId = null, string? ResultRunId = null, string? FirstExecutionRunId = null)
    : WorkflowHandle(Client, Id, RunId, ResultRunId, FirstExecutionRunId)
{
    /// <summary>Signals the workflow.</summary>
    /// <param name="signalCall">Call of the signal's method.</param>
    /// <param name="options">Options.</param>
    public Task SignalAsync(Expression<Func<TWorkflow, Task>> signalCall, WorkflowSignalOptions? options = null) =>
        SignalAsync<TWorkflow>(signalCall, options);

    /// <summary>Queries the workflow.</summary>
    /// <typeparam name="TQueryResult">Result of the query.</typeparam>
    /// <param name="queryCall">Call of the query's method, or access to its property.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="WorkflowQueryFailedException">The query failed.</exception>
    /// <exception cref="WorkflowQueryRejectedException">The workflow's status rules queries out.</exception>
    public Task<TQueryResult> QueryAsync<TQueryResult>(
        Expression<Func<TWorkflow, TQueryResult>> queryCall, WorkflowQueryOptions? options = null) =>
        QueryAsync<TWorkflow, TQueryResult>(queryCall, options);
}

/// <summary>Talks to one workflow of a known type with a result.</summary>
/// <typeparam name="TWorkflow">Workflow.</typeparam>
/// <typeparam name="TResult">Its result.</typeparam>
/// <param name="Client">Client.</param>
/// <param name="Id">Workflow id.</param>
/// <param name="RunId">Run to talk to; null for the current one.</param>
/// <param name="ResultRunId">Run whose result is meant; null for the current one.</param>
/// <param name="FirstExecutionRunId">First run of the chain that is meant, for cancelling and terminating.</param>
public record WorkflowHandle<TWorkflow, TResult>(
    ITemporalClient Client, string Id, string? RunId = null, string? ResultRunId = null, string? FirstExecutionRunId = null)
    : WorkflowHandle<TWorkflow>(Client, Id, RunId, ResultRunId, FirstExecutionRunId)
{
    /// <summary>Waits for the workflow's result.</summary>
    /// <param name="followRuns">Whether to follow the runs that it continues as, by retry, schedule or itself.</param>
    /// <param name="rpcOptions">Options of the calls.</param>
    /// <exception cref="WorkflowFailedException">It failed, was cancelled or terminated, or timed out.</exception>
    /// <exception cref="WorkflowContinuedAsNewException">It continued as new and runs are not followed.</exception>
    public new Task<TResult> GetResultAsync(bool followRuns = true, RpcOptions? rpcOptions = null) =>
        GetResultAsync<TResult>(followRuns, rpcOptions);
}
