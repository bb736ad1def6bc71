using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Reads;

/// <summary>What a run is, pages of its history, and waiting for more of it.</summary>
internal sealed class HistoryReads(ExecutionRunner runner, EventReader reader, HistoryNotifier notifier, IStore store)
{
    public Task<DescribeWorkflowExecutionResponse> DescribeAsync(NamespaceRef ns, DescribeWorkflowExecutionRequest request) =>
        runner.ReadAsync(ns, request.Execution.WorkflowId, request.Execution.RunId, state =>
        {
            var response = ExecutionDescriber.Describe(state);
            response.Callbacks.Add(reader.Describe(state));
            return response;
        });

    /// <summary>Events from <paramref name="fromEventId"/>, at most <paramref name="maximumEvents"/>. An empty run id means the current run.</summary>
    public Task<HistorySlice> ReadAsync(NamespaceRef ns, string workflowId, string runId, long fromEventId, int maximumEvents) =>
        runner.ReadAsync(ns, workflowId, runId, state =>
            new HistorySlice(state.Key, reader.Read(state, Math.Max(1, fromEventId), state.LastEventId, maximumEvents), state.NextEventId, state.Status)
            {
                // Who started the task is told when it is written.
                Unwritten = WorkflowTaskEvents.Unwritten(state, identity: ""),
            });

    /// <summary>Events at and before <paramref name="throughEventId"/> (0: the last), latest first.</summary>
    public Task<HistorySlice> ReadReverseAsync(NamespaceRef ns, string workflowId, string runId, long throughEventId, int maximumEvents) =>
        runner.ReadAsync(ns, workflowId, runId, state =>
        {
            var through = throughEventId <= 0 ? state.LastEventId : Math.Min(throughEventId, state.LastEventId);
            return new HistorySlice(state.Key, reader.ReadReverse(state, through, maximumEvents), state.NextEventId, state.Status);
        });

    /// <summary>
    /// Waits until the run's next event id is past <paramref name="nextEventId"/> or the run has closed. Ends quietly when cancelled.
    /// </summary>
    public async Task WaitAsync(ExecutionKey key, long nextEventId, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // Registered before the run is looked at, so that no news falls between the two.
            var waiter = notifier.Register(key);
            try
            {
                if (await HasNewsAsync(key, nextEventId).ConfigureAwait(false))
                {
                    return;
                }

                await waiter.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            finally
            {
                notifier.Unregister(key, waiter);
            }
        }
    }

    /// <summary>The current run's key, or the named run's.</summary>
    /// <exception cref="RefusalException">NOT_FOUND, or INVALID_ARGUMENT for a run id that is not a UUID.</exception>
    public ExecutionKey Resolve(NamespaceRef ns, string workflowId, string runId)
    {
        if (runId.Length == 0)
        {
            return new ExecutionKey(ns.Id, workflowId, store.FindCurrentRunId(ns.Id, workflowId) ?? throw Errors.WorkflowNotFound(workflowId));
        }

        if (!Guid.TryParseExact(runId, "D", out _))
        {
            throw Errors.InvalidArgument("Invalid RunId.");
        }

        var key = new ExecutionKey(ns.Id, workflowId, runId);
        return store.FindExecution(key) is null ? throw Errors.RunNotFound(workflowId, runId) : key;
    }

    private async Task<bool> HasNewsAsync(ExecutionKey key, long nextEventId)
    {
        using var lease = await runner.LeaseAsync(key.NamespaceId, key.WorkflowId).ConfigureAwait(false);
        return lease.Find(key.RunId) is not { } state || IsNews(state, nextEventId);
    }

    private static bool IsNews(ExecutionState state, long nextEventId) => !state.IsOpen || state.NextEventId > nextEventId;
}
