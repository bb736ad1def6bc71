using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History.Reads;

/// <summary>Pages of history, and waiting for more of it.</summary>
internal sealed class HistoryReads(ExecutionRunner runner, EventReader reader, HistoryNotifier notifier, IStore store)
{
    public Task<HistorySlice> ReadAsync(NamespaceRef ns, string workflowId, string runId, long fromEventId, int maximumEvents) =>
        runner.ReadAsync(ns, workflowId, runId, state =>
            new HistorySlice(state.Key, reader.Read(state, Math.Max(1, fromEventId), state.LastEventId, maximumEvents), state.NextEventId, state.Status));

    public Task<HistorySlice> ReadReverseAsync(NamespaceRef ns, string workflowId, string runId, long throughEventId, int maximumEvents) =>
        runner.ReadAsync(ns, workflowId, runId, state =>
        {
            var through = throughEventId <= 0 ? state.LastEventId : Math.Min(throughEventId, state.LastEventId);
            return new HistorySlice(state.Key, reader.ReadReverse(state, through, maximumEvents), state.NextEventId, state.Status);
        });

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
