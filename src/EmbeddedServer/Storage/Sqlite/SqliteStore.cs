using System.ComponentModel.DataAnnotations;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>
/// The store on one SQLite file (or in memory): write-ahead log, one writer thread with group commit, as many readers as there are
/// callers. A process that was killed leaves the file as of its last commit.
/// </summary>
public sealed class SqliteStore : IStore
{
    /// <summary>How long SQLite itself waits for a lock before the writer tries again.</summary>
    private const int WriterBusyMilliseconds = 1000;

    private const int ReaderBusyMilliseconds = 10_000;

    /// <summary>
    /// Rows are small and lie scattered: small pages write less besides what changed. A decision's rows, and ids of 50 characters in an index, still
    /// fit into one; what doesn't takes several.
    /// </summary>
    private const int NewPageBytes = 512;

    private readonly StoreLock? _lock;
    private readonly Database _database;
    private readonly NumberedNames _names = new();
    private readonly CommitQueue _queue;
    private readonly ExecutionReader _executions;
    private readonly WaitingReader _waiting;
    private readonly InboxReader _inboxes;
    private readonly ScheduleReader _schedules;
    private readonly BatchReader _batches;
    private readonly ClosedRunReader _closed;
    private readonly NamespaceTable _namespaces;
    private readonly IAttributeIndexer _indexer;
    private readonly StoreMetrics _metrics;
    private readonly Checkpointer? _checkpointer;
    private readonly long _pageBytes;
    private long _writtenPages;
    private int _disposed;

    private SqliteStore(SqliteStoreOptions options, StoreLock? storeLock, Database database)
    {
        Options = options;
        _lock = storeLock;
        _database = database;
        _namespaces = new NamespaceTable(database);
        _indexer = options.Indexer(this);
        Connections = options.IsInMemory
            ? new ReadConnections(database)
            : new ReadConnections(() => OpenReader(options.Path), options.MaximumIdleReaders);
        _executions = new ExecutionReader(Connections, _names);
        _waiting = new WaitingReader(Connections, _names);
        _inboxes = new InboxReader(Connections, _names);
        _schedules = new ScheduleReader(Connections, _names);
        _batches = new BatchReader(Connections, _names);
        _closed = new ClosedRunReader(Connections, _names);
        _queue = new CommitQueue(database, new ExecutionWriter(database, _names), new CommitQueueOptions
        {
            Path = options.Path,
            Logger = options.Logger,
            MaximumBatch = options.MaximumCommitsPerTransaction,
            SharesConnection = options.IsInMemory,
            LockReportDelay = options.LockReportDelay,
            ClosePatience = options.ClosePatience,
            Committed = Committed,
        });
        _metrics = new StoreMetrics(() => (_checkpointer?.Pages ?? 0) * _pageBytes);
        _pageBytes = database.ReadInteger("PRAGMA page_size");
        if (!options.IsInMemory)
        {
            _checkpointer = new Checkpointer(Database.Open(options.Path, readOnly: false), options.CheckpointBytes / _pageBytes, _queue.Fail);
        }
    }

    public SqliteStoreOptions Options { get; }

    public CommitStatistics Statistics => _queue.Statistics;

    /// <summary>Completes with the reason when the store has stopped by itself: every later commit throws it, reads go on. Closing doesn't complete it.</summary>
    public Task<StoreStoppedException> Failed => _queue.Failed;

    internal ReadConnections Connections { get; }

    internal NumberedNames Names => _names;

    /// <summary>Opens the file, creates it when there is none, and brings its tables to the current version.</summary>
    /// <exception cref="StoreOpenException">In use by another process, not one of ours, written by a newer version, or unreadable.</exception>
    /// <exception cref="ValidationException">An option is out of range.</exception>
    public static SqliteStore Open(SqliteStoreOptions options)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        var storeLock = options.IsInMemory ? null : StoreLock.Acquire(options.Path);
        Database? database = null;
        try
        {
            database = Database.Open(options.Path, readOnly: false);
            Configure(database, options);
            Schema.Migrate(database, options.Path);
            return new SqliteStore(options, storeLock, database);
        }
        catch (Exception exception)
        {
            database?.Dispose();
            storeLock?.Dispose();
            if (exception is SqliteError error)
            {
                throw new StoreOpenException(
                    error.IsNotADatabase
                        ? $"'{options.Path}' is not a SQLite database."
                        : $"'{options.Path}' can't be opened: {error.Message}",
                    error);
            }

            throw;
        }
    }

    public Task CommitAsync(IReadOnlyList<ExecutionWrite> writes, InboxWrite? inbox = null, ScheduleWrite? schedule = null)
    {
        if (writes.Count == 0 && inbox is null or { IsEmpty: true } && schedule is null)
        {
            return Task.CompletedTask;
        }

        var prepared = new PreparedWrite[writes.Count];
        for (var i = 0; i < prepared.Length; i++)
        {
            prepared[i] = Prepare(writes[i]);
        }

        return _queue.Add(new ExecutionCommit(_namespaces, prepared, inbox ?? InboxWrite.Nothing, schedule is null ? null : Prepare(schedule)));
    }

    public ExecutionRow? FindExecution(ExecutionKey key) => _executions.Find(key);

    public string? FindCurrentRunId(string namespaceId, string workflowId) => _executions.FindCurrentRunId(namespaceId, workflowId);

    public IReadOnlyList<PendingRow> ReadPending(ExecutionKey key) => _executions.ReadPending(key);

    public IReadOnlyList<HistoryBatchRow> ReadHistory(ExecutionKey key, long fromEventId, int eventCount) =>
        _executions.ReadHistory(key, fromEventId, eventCount);

    public IReadOnlyList<HistoryBatchRow> ReadHistoryReverse(ExecutionKey key, long throughEventId, int eventCount) =>
        _executions.ReadHistoryReverse(key, throughEventId, eventCount);

    public WaitingPage ReadWaiting(long from, int maximumRuns, QueueFilter? only = null, int mostActivities = WaitingPage.UsualActivities) =>
        _waiting.Read(from, maximumRuns, only, mostActivities);

    public IReadOnlyList<InboxRow> ReadInbox(WorkflowKey key, int maximumMessages, int maximumBytes) =>
        _inboxes.Read(key, maximumMessages, maximumBytes);

    public IReadOnlyList<WorkflowKey> ReadInboxes(WorkflowKey? after, int count) => _inboxes.ReadKeys(after, count);

    public ScheduleRow? FindSchedule(ScheduleKey key) => _schedules.Find(key);

    public IReadOnlyList<ScheduleKey> ReadSchedules(string namespaceId) => _schedules.ReadKeys(namespaceId);

    public IReadOnlyList<(ScheduleKey Key, DateTimeOffset At)> ReadScheduleWakeUps() => _schedules.ReadWakeUps();

    public Task WriteBatchAsync(BatchWrite write) => _queue.Add(new BatchCommit(table =>
    {
        if (write.Definition is not null)
        {
            _namespaces.RequireHere(write.Key.NamespaceId);
        }

        table.Write(write);
    }));

    public Task DeleteBatchesAsync(string namespaceId) => _queue.Add(new BatchCommit(table => table.Delete(namespaceId)));

    public BatchRow? FindBatch(BatchKey key) => _batches.Find(key);

    public IReadOnlyList<BatchRow> ReadBatches(string namespaceId, long before, int count) => _batches.Read(namespaceId, before, count);

    public IReadOnlyList<BatchKey> ReadRunningBatches() => _batches.ReadRunning();

    public IReadOnlyList<BatchTarget> ReadBatchTargets(BatchKey key, int count) => _batches.ReadTargets(key, count);

    public IReadOnlyList<ClosedRun> ReadClosedRuns(string namespaceId, DateTimeOffset before, ClosedRun? after, int count) =>
        _closed.Read(namespaceId, before, after, count);

    public async Task<bool> ShrinkAsync()
    {
        var request = new Shrinking(_database, Options.KeptFreeBytes / _pageBytes);
        await _queue.Add(request).ConfigureAwait(false);
        return request.HasMore;
    }

    public IReadOnlyList<TaskQueueConfigRow> ReadTaskQueueConfigs()
    {
        using var lease = Connections.Rent();
        return TaskQueueConfigTable.Read(lease.Database);
    }

    public Task WriteTaskQueueConfigAsync(TaskQueueConfigRow row, TaskQueueConfigRow? forgotten = null) => _queue.Add(new TaskQueueConfigWrite(table =>
    {
        table.Write(row);
        if (forgotten is not null)
        {
            table.Delete(forgotten);
        }
    }));

    public Task DeleteTaskQueueConfigsAsync(string namespaceId) => _queue.Add(new TaskQueueConfigWrite(table => table.Delete(namespaceId)));

    public IReadOnlyList<NamespaceRow> ReadNamespaces() => _namespaces.Rows;

    public Task WriteNamespaceAsync(NamespaceRow row) => _queue.Add(new NamespaceWrite(_database, _namespaces, row));

    public Task DeleteNamespaceAsync(string id) => _queue.Add(new NamespaceDeletion(_database, _namespaces, id));

    /// <summary>Commits what waits and closes the file; its write-ahead log is copied into it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await Task.Run(() =>
        {
            _queue.Dispose();
            _checkpointer?.Dispose();
            _metrics.Dispose();
            Connections.Dispose();
            _database.Dispose();
            _lock?.Dispose();
        }).ConfigureAwait(false);
    }

    private static void Configure(Database database, SqliteStoreOptions options)
    {
        database.Execute($"PRAGMA busy_timeout = {WriterBusyMilliseconds}; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536");
        database.Execute($"PRAGMA synchronous = {(int)options.Synchronous}; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON");
        if (options.IsInMemory)
        {
            return;
        }

        // These count for a new file only.
        database.Execute($"PRAGMA page_size = {NewPageBytes}; PRAGMA auto_vacuum = INCREMENTAL");
        var mode = database.ReadText("PRAGMA journal_mode = WAL");
        if (!string.Equals(mode, "wal", StringComparison.OrdinalIgnoreCase))
        {
            throw new StoreOpenException($"'{options.Path}' lies on a file system that has no shared memory (journal mode {mode}).");
        }

        // The checkpointer does it.
        _ = database.ReadInteger("PRAGMA wal_autocheckpoint = 0");
    }

    private void Committed(int decisions, TimeSpan elapsed)
    {
        var written = _database.WrittenPages;
        var pages = written - _writtenPages;
        _writtenPages = written;
        _metrics.Committed(decisions, elapsed, pages);
        _checkpointer?.Appended(pages);
    }

    private static Database OpenReader(string path)
    {
        var database = Database.Open(path, readOnly: true);
        database.Execute($"PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192; PRAGMA busy_timeout = {ReaderBusyMilliseconds}");
        return database;
    }

    private PreparedSchedule Prepare(ScheduleWrite write) => new(write, Index(write.Key.NamespaceId, write.Visibility?.Row));

    private PreparedWrite Prepare(ExecutionWrite write) => new(write, Index(write.Key.NamespaceId, write.Visibility));

    private IndexedAttributes Index(string namespaceId, VisibilityRow? row) =>
        row?.SearchAttributes is { Length: > 0 } attributes ? _indexer.Index(namespaceId, attributes) : IndexedAttributes.None;

    /// <summary>One decision's changes.</summary>
    private sealed class ExecutionCommit(NamespaceTable namespaces, PreparedWrite[] writes, InboxWrite inbox, PreparedSchedule? schedule) : WriteRequest
    {
        public override void Write(ExecutionWriter writer)
        {
            RequireNamespaces();
            if (writer.FindConflict(writes) is { } key)
            {
                Refusal = new StoreConflictException($"Run {key.RunId} of workflow '{key.WorkflowId}' exists already.");
                return;
            }

            if (writer.FindChanged(inbox.Conditions) is { } changed)
            {
                Refusal = new StoreConditionException($"Run {changed.RunId} of workflow '{changed.WorkflowId}' is not what it was.");
                return;
            }

            foreach (var write in writes)
            {
                writer.Write(write);
            }

            writer.Write(inbox);
            if (schedule is not null)
            {
                writer.Write(schedule);
            }
        }

        private void RequireNamespaces()
        {
            if (writes.All(prepared => prepared.Write.IsNew))
            {
                Array.ForEach(writes, prepared => namespaces.RequireHere(prepared.Write.Key.NamespaceId));
            }

            if (schedule?.Write is { Definition: not null, Delete: false, Key: var key })
            {
                namespaces.RequireHere(key.NamespaceId);
            }
        }
    }

    private sealed class BatchCommit(Action<BatchTable> write) : WriteRequest
    {
        public override void Write(ExecutionWriter writer) => write(writer.Batches);
    }

    private sealed class TaskQueueConfigWrite(Action<TaskQueueConfigTable> write) : WriteRequest
    {
        public override void Write(ExecutionWriter writer) => write(writer.TaskQueueConfigs);
    }

    private sealed class NamespaceWrite(Database database, NamespaceTable table, NamespaceRow row) : WriteRequest
    {
        public override void Write(ExecutionWriter writer) => table.Write(database, row);

        public override void Committed() => table.Keep(row);
    }

    private sealed class NamespaceDeletion(Database database, NamespaceTable table, string id) : WriteRequest
    {
        public override void Write(ExecutionWriter writer) => NamespaceTable.Delete(database, id);

        public override void Committed() => table.Forget(id);
    }
}
