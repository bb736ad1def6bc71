using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.Tests.History.Support;

/// <summary>A store whose next commit can be made to fail, with nothing written.</summary>
public sealed class FaultyStore(IStore store) : IStore
{
    public bool FailsNextCommit { get; set; }

    public async Task CommitAsync(IReadOnlyList<ExecutionWrite> writes)
    {
        if (FailsNextCommit)
        {
            FailsNextCommit = false;
            await Task.Yield();
            throw new StoreConflictException("made to fail");
        }

        await store.CommitAsync(writes);
    }

    public ExecutionRow? FindExecution(ExecutionKey key) => store.FindExecution(key);

    public string? FindCurrentRunId(string namespaceId, string workflowId) => store.FindCurrentRunId(namespaceId, workflowId);

    public IReadOnlyList<PendingRow> ReadPending(ExecutionKey key) => store.ReadPending(key);

    public IReadOnlyList<HistoryBatchRow> ReadHistory(ExecutionKey key, long fromEventId, int eventCount) => store.ReadHistory(key, fromEventId, eventCount);

    public IReadOnlyList<HistoryBatchRow> ReadHistoryReverse(ExecutionKey key, long throughEventId, int eventCount) =>
        store.ReadHistoryReverse(key, throughEventId, eventCount);

    public IEnumerable<WakeUp> ReadWakeUps() => store.ReadWakeUps();

    public IEnumerable<QueuedTask> ReadQueuedTasks() => store.ReadQueuedTasks();

    public IReadOnlyList<NamespaceRow> ReadNamespaces() => store.ReadNamespaces();

    public Task WriteNamespaceAsync(NamespaceRow row) => store.WriteNamespaceAsync(row);

    public ValueTask DisposeAsync() => store.DisposeAsync();
}
