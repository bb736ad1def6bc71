namespace Onramp.EmbeddedServer.Storage;

/// <summary>
/// The one durable thing. Everything that the server holds in memory can be rebuilt from it.
/// <para>
/// Reads see every commit whose task has completed. Reads are synchronous and may be made from any thread. After a failed write
/// (full disk, I/O error, failed fsync) the store stops: that commit and every later one throw <see cref="StoreStoppedException"/>, reads go on.
/// </para>
/// </summary>
public interface IStore : IAsyncDisposable
{
    /// <summary>
    /// Writes all of it in one transaction, or nothing. When the task completes it is on disk (synchronous=FULL); commits that
    /// wait at the same time share one fsync.
    /// </summary>
    /// <exception cref="StoreConflictException">
    /// A run marked <see cref="ExecutionWrite.IsNew"/> exists already, or a taken message is no longer in its inbox; only this commit fails.
    /// </exception>
    /// <exception cref="StoreConditionException">One of <see cref="InboxWrite.Conditions"/> doesn't hold any more; only this commit fails.</exception>
    /// <exception cref="StoreNamespaceGoneException">
    /// It begins a schedule, or runs and nothing else, in a namespace that <see cref="NamespaceRow.IsGone"/>; only this commit fails. A run that is there may go on as
    /// another one: whoever removes all until there are none meets both.
    /// </exception>
    Task CommitAsync(IReadOnlyList<ExecutionWrite> writes, InboxWrite? inbox = null, ScheduleWrite? schedule = null);

    /// <summary>The first messages in an inbox, in order: at most so many, and no more bytes than so many (but at least one message).</summary>
    IReadOnlyList<InboxRow> ReadInbox(WorkflowKey key, int maximumMessages, int maximumBytes);

    /// <summary>Inboxes that have messages, so many at most: the first ones, or those that come after one.</summary>
    IReadOnlyList<WorkflowKey> ReadInboxes(WorkflowKey? after, int count);

    /// <summary>The run, or null.</summary>
    ExecutionRow? FindExecution(ExecutionKey key);

    /// <summary>The run id that an empty run id means for this workflow id, or null when there never was one.</summary>
    string? FindCurrentRunId(string namespaceId, string workflowId);

    /// <summary>All pending rows of a run, ordered by kind, then id (ordinal).</summary>
    IReadOnlyList<PendingRow> ReadPending(ExecutionKey key);

    /// <summary>
    /// Batches that hold events from <paramref name="fromEventId"/> on, in order, until at least <paramref name="eventCount"/> events
    /// are covered or history ends. The first batch may begin before <paramref name="fromEventId"/>.
    /// </summary>
    IReadOnlyList<HistoryBatchRow> ReadHistory(ExecutionKey key, long fromEventId, int eventCount);

    /// <summary>The same towards the past: batches that hold events up to <paramref name="throughEventId"/>, latest first.</summary>
    IReadOnlyList<HistoryBatchRow> ReadHistoryReverse(ExecutionKey key, long throughEventId, int eventCount);

    /// <summary>What open runs wait for: of so many runs at most, from a place on; of fewer if they have more activity tasks than so many.</summary>
    /// <param name="from"><see cref="WaitingPage.Start"/>, or <see cref="WaitingPage.Next"/> of the page before.</param>
    /// <param name="only">Only tasks of this queue are read, and no wake-ups.</param>
    WaitingPage ReadWaiting(long from, int maximumRuns, QueueFilter? only = null, int mostActivities = WaitingPage.UsualActivities);

    /// <summary>The schedule, or null.</summary>
    ScheduleRow? FindSchedule(ScheduleKey key);

    /// <summary>All schedules of a namespace, by id.</summary>
    IReadOnlyList<ScheduleKey> ReadSchedules(string namespaceId);

    /// <summary>For recovery: every schedule that wants to be woken, and when.</summary>
    IReadOnlyList<(ScheduleKey Key, DateTimeOffset At)> ReadScheduleWakeUps();

    /// <summary>Writes a step of a batch operation, durably.</summary>
    /// <exception cref="StoreConflictException">It is new, and there is one of its key; or it isn't stored.</exception>
    /// <exception cref="StoreNamespaceGoneException">It is new, and its namespace <see cref="NamespaceRow.IsGone"/>.</exception>
    Task WriteBatchAsync(BatchWrite write);

    /// <summary>Removes all batch operations of a namespace.</summary>
    Task DeleteBatchesAsync(string namespaceId);

    /// <summary>The batch operation, or null.</summary>
    BatchRow? FindBatch(BatchKey key);

    /// <summary>Batch operations of a namespace with numbers below one, latest first.</summary>
    IReadOnlyList<BatchRow> ReadBatches(string namespaceId, long before, int count);

    /// <summary>For recovery: every batch operation that runs.</summary>
    IReadOnlyList<BatchKey> ReadRunningBatches();

    /// <summary>The next workflows that a batch operation is to be done to.</summary>
    IReadOnlyList<BatchTarget> ReadBatchTargets(BatchKey key, int count);

    /// <summary>Runs of a namespace, of all its divisions, that closed before a time: the first ones that closed after one of them.</summary>
    IReadOnlyList<ClosedRun> ReadClosedRuns(string namespaceId, DateTimeOffset before, ClosedRun? after, int count);

    /// <summary>
    /// Gives space that deleted runs have left back to the file system, a little at a time, so that commits needn't wait for it. Whether there
    /// is more to give back.
    /// </summary>
    Task<bool> ShrinkAsync();

    /// <summary>What was configured of task queues, of all namespaces.</summary>
    IReadOnlyList<TaskQueueConfigRow> ReadTaskQueueConfigs();

    /// <summary>Inserts or replaces what is configured of a task queue, durably.</summary>
    /// <param name="forgotten">One that is removed in the same transaction; null for none.</param>
    Task WriteTaskQueueConfigAsync(TaskQueueConfigRow row, TaskQueueConfigRow? forgotten = null);

    /// <summary>Removes what is configured of all task queues of a namespace.</summary>
    Task DeleteTaskQueueConfigsAsync(string namespaceId);

    IReadOnlyList<NamespaceRow> ReadNamespaces();

    /// <summary>Inserts or replaces a namespace, durably.</summary>
    Task WriteNamespaceAsync(NamespaceRow row);

    /// <summary>Removes a namespace that <see cref="NamespaceRow.IsGone"/> and of which nothing else is left. Nothing begins in it any more.</summary>
    Task DeleteNamespaceAsync(string id);
}

/// <summary>A commit would have written a run that exists, or done what another one did.</summary>
public sealed class StoreConflictException(string message) : Exception(message);

/// <summary>A run that the commit's decision looked at has changed since: decide again.</summary>
public sealed class StoreConditionException(string message) : Exception(message);

/// <summary>A commit would have begun something in a namespace that was deleted meanwhile.</summary>
public sealed class StoreNamespaceGoneException(string namespaceId) : Exception($"Namespace {namespaceId} is gone.")
{
    public string NamespaceId { get; } = namespaceId;
}

/// <summary>The store failed to write and takes no more writes; the message says why. The process should end and start again.</summary>
public sealed class StoreStoppedException(string message, Exception? innerException = null) : Exception(message, innerException);
