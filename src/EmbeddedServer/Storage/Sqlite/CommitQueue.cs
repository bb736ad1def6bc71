using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>
/// The one writer: a thread that takes all requests that wait, writes them in one transaction and then completes them (group commit).
/// <para>
/// Somebody else's lock on the file (a backup, a <c>sqlite3</c>, a reader of ours that repairs the log's index) is waited out, however long it
/// lasts. At the first failure that is neither a lock nor a single request's own the queue stops for good: what is on disk then is
/// for the next start to find out.
/// </para>
/// </summary>
internal sealed partial class CommitQueue : IDisposable
{
    private readonly object _gate = new();
    private readonly Database _database;
    private readonly ExecutionWriter _writer;
    private readonly CommitQueueOptions _options;
    private readonly Thread _thread;
    private readonly TaskCompletionSource<StoreStoppedException> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Queue<WriteRequest> _waiting = new();
    private int _lastBatch;
    private volatile Exception? _failure;
    private bool _closing;
    private long _closingSince;

    public CommitQueue(Database database, ExecutionWriter writer, CommitQueueOptions options)
    {
        _database = database;
        _writer = writer;
        _options = options;
        _thread = new Thread(Run) { IsBackground = true, Name = "Onramp store writer" };
        _thread.Start();
    }

    public CommitStatistics Statistics { get; } = new();

    /// <summary>Completes with the reason when the queue has stopped by itself.</summary>
    public Task<StoreStoppedException> Failed => _failed.Task;

    public Task Add(WriteRequest request)
    {
        lock (_gate)
        {
            if (Failed.IsCompleted)
            {
                return Task.FromException(Stopped());
            }

            ObjectDisposedException.ThrowIf(_closing, typeof(SqliteStore));
            _waiting.Enqueue(request);
            Monitor.Pulse(_gate);
        }

        return request.Done;
    }

    /// <summary>Writes what still waits, then ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            _closingSince = Stopwatch.GetTimestamp();
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    private void Run()
    {
        var batch = new List<WriteRequest>(_options.MaximumBatch);
        while (Take(batch))
        {
            try
            {
                if (_failure is not null)
                {
                    throw _failure;
                }

                Commit(batch);
            }
            catch (Exception exception)
            {
                Stop(exception, batch);
                return;
            }

            foreach (var request in batch)
            {
                request.Complete();
            }

            batch.Clear();
        }
    }

    private bool Take(List<WriteRequest> batch)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && _failure is null)
            {
                if (_closing)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            Gather();
            while (batch.Count < _options.MaximumBatch && _waiting.TryDequeue(out var request))
            {
                batch.Add(request);
            }

            _lastBatch = batch.Count;
            return true;
        }
    }

    /// <summary>
    /// When decisions come many at a time, those that the last transaction released are about to bring the next ones: a moment's wait lets
    /// them share it, and the disk writes each page once for all of them. One that comes alone never waits. Needs the gate.
    /// </summary>
    private void Gather()
    {
        if (_lastBatch < _options.CrowdSize)
        {
            return;
        }

        var began = Stopwatch.GetTimestamp();
        while (_waiting.Count < _options.MaximumBatch && !_closing)
        {
            var left = _options.GatherTime - Stopwatch.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || !Monitor.Wait(_gate, left))
            {
                return;
            }
        }
    }

    private void Commit(List<WriteRequest> batch)
    {
        if (_options.SharesConnection)
        {
            Monitor.Enter(_database);
        }

        try
        {
            var started = Stopwatch.GetTimestamp();
            if (!TryCommitTogether(batch))
            {
                // Somebody's data is at fault. Each by itself tells whose.
                foreach (var request in batch)
                {
                    CommitAlone(request);
                }
            }

            var elapsed = Stopwatch.GetElapsedTime(started);
            Statistics.Add(batch.Count, elapsed);
            _options.Committed(batch.Count, elapsed);
        }
        finally
        {
            if (_options.SharesConnection)
            {
                Monitor.Exit(_database);
            }
        }
    }

    private bool TryCommitTogether(List<WriteRequest> batch)
    {
        try
        {
            InTransaction(() => batch.ForEach(Write));
            return true;
        }
        catch (Exception exception) when (IsOfOneRequest(exception))
        {
            Rollback();
            return false;
        }
    }

    private void CommitAlone(WriteRequest request)
    {
        try
        {
            InTransaction(() => Write(request));
        }
        catch (Exception exception) when (IsOfOneRequest(exception))
        {
            Rollback();
            request.Refusal = exception is SqliteError
                ? new InvalidOperationException($"The store can't hold this: {exception.Message}", exception)
                : exception;
        }
    }

    private void Write(WriteRequest request)
    {
        request.Refusal = null;
        request.Write(_writer);
    }

    private static bool IsOfOneRequest(Exception exception) => exception is not (SqliteError { IsOfStatement: false } or StoreStoppedException);

    /// <summary>Writes and commits, again from the start for as long as the file is locked by somebody else.</summary>
    private void InTransaction(Action write)
    {
        var began = Stopwatch.GetTimestamp();
        for (var isReported = false; ; isReported = ReportLock(began, isReported))
        {
            try
            {
                _database.Prepare("BEGIN IMMEDIATE").Run();
                write();
                _writer.Complete();
                _database.Prepare("COMMIT").Run();
                _writer.Committed();
                return;
            }
            catch (SqliteError error) when (error.IsBusy)
            {
                Rollback();
                GiveUpWhenClosing(error);
#pragma warning disable RS0030 // Another process lets go of its lock without an event, and this is the writer's own thread.
                Thread.Sleep(_options.LockRetryInterval);
#pragma warning restore RS0030
            }
        }
    }

    private void Rollback()
    {
        _database.RollbackQuietly();
        _writer.RolledBack();
    }

    private bool ReportLock(long began, bool isReported)
    {
        if (isReported || Stopwatch.GetElapsedTime(began) < _options.LockReportDelay)
        {
            return isReported;
        }

        LogLocked(_options.Logger, _options.Path);
        return true;
    }

    private void GiveUpWhenClosing(SqliteError error)
    {
        lock (_gate)
        {
            if (_closing && Stopwatch.GetElapsedTime(_closingSince) > _options.ClosePatience)
            {
                throw new StoreStoppedException("the store was closed while another program held a lock on its file", error);
            }
        }
    }

    /// <summary>Ends the queue because the file can't be written, though its own writes went well.</summary>
    public void Fail(Exception exception)
    {
        lock (_gate)
        {
            _failure ??= exception;
            Monitor.Pulse(_gate);
        }
    }

    private StoreStoppedException Stopped()
    {
        var reason = _failed.Task.GetAwaiter().GetResult();
        return new StoreStoppedException(reason.Message, reason.InnerException);
    }

    private void Stop(Exception exception, List<WriteRequest> batch)
    {
        var reason = exception as StoreStoppedException
            ?? new StoreStoppedException(exception is SqliteError error ? error.Explanation : exception.Message, exception);
        Queue<WriteRequest> waiting;
        lock (_gate)
        {
            _failed.SetResult(reason);
            waiting = _waiting;
            _waiting = new Queue<WriteRequest>();
        }

        _database.RollbackQuietly();
        foreach (var request in batch.Concat(waiting))
        {
            request.Fail(Stopped());
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Another program holds a lock on the data file {Path}; writes wait until it lets go")]
    private static partial void LogLocked(ILogger logger, string path);
}

/// <summary>How a <see cref="CommitQueue"/> works.</summary>
internal sealed record CommitQueueOptions
{
    /// <summary>The file's name, for logs.</summary>
    public required string Path { get; init; }

    public required ILogger Logger { get; init; }

    public required int MaximumBatch { get; init; }

    /// <summary>Readers use the same connection and lock it.</summary>
    public required bool SharesConnection { get; init; }

    /// <summary>How long a lock may last before it is reported.</summary>
    public required TimeSpan LockReportDelay { get; init; }

    /// <summary>Called on the writer's thread after each transaction, with how many decisions it held and what it took.</summary>
    public required Action<int, TimeSpan> Committed { get; init; }

    /// <summary>From how many decisions in the last transaction on the next one waits for company.</summary>
    public int CrowdSize { get; init; } = 2;

    /// <summary>
    /// How long it waits. Longer writes hardly less and costs much: a worker's few polls wait, too, and with them all that it could do. With 50 runs at
    /// once 2 ms wrote 38 KiB a run (in the rows and pages of schema 6) at 409 runs/s; 5 ms 35 KiB at 170; none 60 KiB at 442.
    /// </summary>
    public TimeSpan GatherTime { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>The pause before a locked file is tried again, after SQLite itself has waited.</summary>
    public TimeSpan LockRetryInterval { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How long closing waits for somebody else's lock.</summary>
    public required TimeSpan ClosePatience { get; init; }
}
