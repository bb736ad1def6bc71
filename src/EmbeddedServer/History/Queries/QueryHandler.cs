using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Query.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Queries;

/// <summary>
/// Queries. When no workflow task is pending one travels by itself; otherwise with the next workflow task, so that it sees everything that
/// came before it.
/// </summary>
internal sealed class QueryHandler(
    ExecutionRunner runner, QueryRoutes routes, QueryRegistry registry, WorkflowTaskResponses responses, HistoryEngineOptions options,
    TimeProvider time, IIdSource ids)
{
    private const int FailingAttempt = 3;
    private const string TooLarge = "Blob data size exceeds limit.";

    /// <param name="deadline">How long the caller waits, if that was said; the token fires then, or when the caller has gone.</param>
    public async Task<QueryWorkflowResponse> QueryAsync(
        NamespaceRef ns, QueryWorkflowRequest request, DateTimeOffset? deadline, CancellationToken cancellationToken)
    {
        var query = new PendingQuery(ids.NewId(), request.Query);
        ExecutionKey key;
        TimeSpan patience;
        using (var lease = await runner.LeaseAsync(ns.Id, request.Execution.WorkflowId).ConfigureAwait(false))
        {
            var state = ExecutionRunner.Load(lease, request.Execution.WorkflowId, request.Execution.RunId);
            if (IsRejected(state.Status, request.QueryRejectCondition))
            {
                return new QueryWorkflowResponse { QueryRejected = new QueryRejected { Status = state.Status } };
            }

            RequireReady(state, deadline);
            key = state.Key;
            patience = routes.PatienceWith(state);
            query.IsDirect = state.Task.LastCompletedStartedEventId > 0 && (!state.IsOpen || !state.Task.IsPending);
            if (!query.IsDirect && registry.CountAttached(key) >= options.MaximumAttachedQueries)
            {
                throw Errors.Busy("consistent query buffer is full, this may be caused by too many queries and workflow not able to process query fast enough");
            }

            registry.Add(key, query);
            routes.OfferNext(state);
        }

        try
        {
            var outcome = await AwaitAsync(ns, key, query, patience, deadline is not null, cancellationToken).ConfigureAwait(false);
            return outcome.IsAnswer
                ? new QueryWorkflowResponse { QueryResult = outcome.Answer }
                : throw Errors.QueryFailed(outcome.ErrorMessage!, outcome.Failure);
        }
        finally
        {
            registry.Remove(key, query.Id);
            routes.Withdraw(query);
            await OfferNextAsync(ns, key).ConfigureAwait(false);
        }
    }

    public async Task<PollWorkflowTaskQueueResponse?> StartAsync(NamespaceRef ns, QueryTask task, PollWorkflowTaskQueueRequest poll)
    {
        if (registry.Find(task.Key, task.QueryId) is not { IsDirect: true } query)
        {
            return null;
        }

        using var lease = await runner.LeaseAsync(ns.Id, task.Key.WorkflowId).ConfigureAwait(false);
        if (lease.Find(task.Key.RunId) is not { } state)
        {
            return null;
        }

        query.IsTaken = true;
        var cached = task.StickyNormalQueue is not null && poll.TaskQueue.Name == task.Queue;
        var response = responses.ForQuery(state, query.Id, cached);
        response.Query = query.Query;
        return response;
    }

    /// <summary>The query did not reach its worker: another one gets it.</summary>
    public async Task ReturnAsync(NamespaceRef ns, PollWorkflowTaskQueueResponse task)
    {
        var token = TaskToken.Parse(task.TaskToken, TaskTokenKind.Query, ns);
        using var lease = await runner.LeaseAsync(ns.Id, token.Key.WorkflowId).ConfigureAwait(false);
        if (registry.Find(token.Key, token.Id) is { } query && lease.Find(token.Key.RunId) is { } state)
        {
            routes.Offer(state, query);
        }
    }

    public Task CompleteAsync(NamespaceRef ns, RespondQueryTaskCompletedRequest request)
    {
        var token = TaskToken.Parse(request.TaskToken, TaskTokenKind.Query, ns);
        var query = registry.Remove(token.Key, token.Id) ?? throw Errors.NotFound("query task not found, or already expired");
        var outcome = IsTooLarge(request.QueryResult) ? new QueryOutcome(null, TooLarge, null)
            : request.CompletedType == QueryResultType.Answered ? new QueryOutcome(request.QueryResult, null, null)
            : new QueryOutcome(null, request.ErrorMessage, request.Failure);
        query.Outcome.TrySetResult(outcome);
        return Task.CompletedTask;
    }

    /// <summary>Hands queries to a workflow task that has just been started.</summary>
    public void Attach(ExecutionState state, PollWorkflowTaskQueueResponse task)
    {
        foreach (var query in registry.Attach(state.Key))
        {
            task.Queries[query.Id] = query.Query;
        }
    }

    /// <summary>A workflow task was completed that had queries with it; those that it did not answer go on waiting.</summary>
    public void Answer(ExecutionKey key, IEnumerable<KeyValuePair<string, WorkflowQueryResult>> results)
    {
        foreach (var (id, result) in results)
        {
            if (IsTooLarge(result.Answer))
            {
                registry.Remove(key, id)?.Outcome.TrySetException(Errors.InvalidArgument(TooLarge));
                continue;
            }

            var outcome = result.ResultType == QueryResultType.Answered
                ? new QueryOutcome(result.Answer, null, null)
                : new QueryOutcome(null, result.ErrorMessage, result.Failure);
            registry.Remove(key, id)?.Outcome.TrySetResult(outcome);
        }
    }

    private async Task OfferNextAsync(NamespaceRef ns, ExecutionKey key)
    {
        if (!registry.HasNext(key))
        {
            return;
        }

        using var lease = await runner.LeaseAsync(ns.Id, key.WorkflowId).ConfigureAwait(false);
        if (lease.Find(key.RunId) is { } state)
        {
            routes.OfferNext(state);
        }
    }

    private async Task<QueryOutcome> AwaitAsync(NamespaceRef ns, ExecutionKey key, PendingQuery query, TimeSpan patience, bool hasDeadline, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (!hasDeadline)
        {
            deadline.CancelAfter(options.QueryTimeout);
        }

        var outcome = query.Outcome.Task;
        try
        {
            while (await Task.WhenAny(outcome, Task.Delay(patience, time, deadline.Token)).ConfigureAwait(false) != outcome)
            {
                deadline.Token.ThrowIfCancellationRequested();
                await OfferAgainAsync(ns, key, query).ConfigureAwait(false);
            }

            return await outcome.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw Errors.DeadlineExceeded("query timed out before a worker could process it");
        }
        finally
        {
            await deadline.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>A worker took it and has said nothing: it is gone, or has forgotten it. Any may answer now; a second answer is told that it is too late.</summary>
    private async Task OfferAgainAsync(NamespaceRef ns, ExecutionKey key, PendingQuery query)
    {
        using var lease = await runner.LeaseAsync(ns.Id, key.WorkflowId).ConfigureAwait(false);
        if (query is { IsDirect: true, IsTaken: true } && lease.Find(key.RunId) is { } state)
        {
            routes.OfferToAny(state, query);
        }
    }

    /// <summary>One that waits for its first task is ready if that is due before the caller gives up.</summary>
    private static void RequireReady(ExecutionState state, DateTimeOffset? deadline)
    {
        if (!state.IsOpen && state.Task.LastCompletedStartedEventId == 0)
        {
            throw QueryRoutes.ClosedUnseen();
        }

        if (state.IsOpen && state.AwaitsFirstTask && !state.Task.IsPending && !(state.Info.ExecutionTime <= deadline))
        {
            throw Errors.NotReady("Workflow task is not scheduled yet.");
        }

        if (state.Task.Attempt >= FailingAttempt)
        {
            throw Errors.NotReady("Unable to query workflow due to Workflow Task in failed state.");
        }
    }

    private bool IsTooLarge(Payloads? answer) => answer is not null && answer.CalculateSize() > options.MaximumBlobBytes;

    private static bool IsRejected(WorkflowExecutionStatus status, QueryRejectCondition condition) => condition switch
    {
        QueryRejectCondition.NotOpen => status != WorkflowExecutionStatus.Running,
        QueryRejectCondition.NotCompletedCleanly => status is not (WorkflowExecutionStatus.Running or WorkflowExecutionStatus.Completed),
        _ => false,
    };
}
