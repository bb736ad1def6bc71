using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.Tests.History.Support;

/// <summary>A store whose next commit can be made to fail, with nothing written.</summary>
public sealed class FaultyStore(IStore store) : IStore
{
    public bool FailsNextCommit { get; set; }

    /// <summary>So many reads of runs and histories fail, after <see cref="GoodReads"/>. Default: none.</summary>
    public int FailingReads { get; set; }

    /// <summary>So many reads go well before some fail.</summary>
    public int GoodReads { get; set; }

    /// <summary>Messages that stay in their inboxes: a commit that would take one fails. Default: none.</summary>
    public Predicate<InboxRow> HoldsMail { get; set; } = _ => false;

    /// <summary>What a commit of these messages' effect waits for, when its decision is made. Default: nothing.</summary>
    public Func<IReadOnlyList<InboxRow>, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called before a step of a batch operation is written, which waits for it.</summary>
    public Func<BatchWrite, Task> BeforeBatch { get; set; } = _ => Task.CompletedTask;

    public async Task CommitAsync(IReadOnlyList<ExecutionWrite> writes, InboxWrite? inbox = null, ScheduleWrite? schedule = null)
    {
        if (inbox?.Taken is { Count: > 0 } taken)
        {
            await Before(taken);
        }

        if (inbox?.Taken.Any(row => HoldsMail(row)) == true)
        {
            await Task.Yield();
            throw new StoreConflictException("mail is held");
        }

        if (FailsNextCommit)
        {
            FailsNextCommit = false;
            await Task.Yield();
            throw new StoreConflictException("made to fail");
        }

        await store.CommitAsync(writes, inbox, schedule);
    }

    public ExecutionRow? FindExecution(ExecutionKey key) => Reads(store).FindExecution(key);

    public string? FindCurrentRunId(string namespaceId, string workflowId) => store.FindCurrentRunId(namespaceId, workflowId);

    public IReadOnlyList<PendingRow> ReadPending(ExecutionKey key) => store.ReadPending(key);

    public IReadOnlyList<HistoryBatchRow> ReadHistory(ExecutionKey key, long fromEventId, int eventCount) => Reads(store).ReadHistory(key, fromEventId, eventCount);

    public IReadOnlyList<HistoryBatchRow> ReadHistoryReverse(ExecutionKey key, long throughEventId, int eventCount) =>
        store.ReadHistoryReverse(key, throughEventId, eventCount);

    public IReadOnlyList<InboxRow> ReadInbox(WorkflowKey key, int maximumMessages, int maximumBytes) =>
        store.ReadInbox(key, maximumMessages, maximumBytes);

    public IReadOnlyList<WorkflowKey> ReadInboxes(WorkflowKey? after, int count) => store.ReadInboxes(after, count);

    public WaitingPage ReadWaiting(long from, int maximumRuns, QueueFilter? only = null, int mostActivities = WaitingPage.UsualActivities) =>
        store.ReadWaiting(from, maximumRuns, only, mostActivities);

    public ScheduleRow? FindSchedule(ScheduleKey key) => store.FindSchedule(key);

    public IReadOnlyList<ScheduleKey> ReadSchedules(string namespaceId) => store.ReadSchedules(namespaceId);

    public IReadOnlyList<(ScheduleKey Key, DateTimeOffset At)> ReadScheduleWakeUps() => store.ReadScheduleWakeUps();

    public async Task WriteBatchAsync(BatchWrite write)
    {
        await BeforeBatch(write);
        await store.WriteBatchAsync(write);
    }

    public Task DeleteBatchesAsync(string namespaceId) => store.DeleteBatchesAsync(namespaceId);

    public BatchRow? FindBatch(BatchKey key) => store.FindBatch(key);

    public IReadOnlyList<BatchRow> ReadBatches(string namespaceId, long before, int count) => store.ReadBatches(namespaceId, before, count);

    public IReadOnlyList<BatchKey> ReadRunningBatches() => store.ReadRunningBatches();

    public IReadOnlyList<BatchTarget> ReadBatchTargets(BatchKey key, int count) => store.ReadBatchTargets(key, count);

    public IReadOnlyList<ClosedRun> ReadClosedRuns(string namespaceId, DateTimeOffset before, ClosedRun? after, int count) =>
        store.ReadClosedRuns(namespaceId, before, after, count);

    public Task<bool> ShrinkAsync() => store.ShrinkAsync();

    public IReadOnlyList<TaskQueueConfigRow> ReadTaskQueueConfigs() => store.ReadTaskQueueConfigs();

    public Task WriteTaskQueueConfigAsync(TaskQueueConfigRow row, TaskQueueConfigRow? forgotten = null) => store.WriteTaskQueueConfigAsync(row, forgotten);

    public Task DeleteTaskQueueConfigsAsync(string namespaceId) => store.DeleteTaskQueueConfigsAsync(namespaceId);

    public IReadOnlyList<NamespaceRow> ReadNamespaces() => store.ReadNamespaces();

    public Task WriteNamespaceAsync(NamespaceRow row) => store.WriteNamespaceAsync(row);

    public Task DeleteNamespaceAsync(string id) => store.DeleteNamespaceAsync(id);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private IStore Reads(IStore from)
    {
        if (FailingReads > 0 && GoodReads-- <= 0)
        {
            FailingReads--;
            throw new InvalidOperationException("made to fail");
        }

        return from;
    }
}
