namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>Something that wants to be written. Its task completes when it is on disk.</summary>
internal abstract class WriteRequest
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    /// <summary>Set when this request alone can't be written; its transaction goes on without it.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>Writes within the open transaction, or sets <see cref="Refusal"/> and writes nothing.</summary>
    public abstract void Write(ExecutionWriter writer);

    /// <summary>Runs once it is on disk and before <see cref="Done"/> completes, on the writer's thread.</summary>
    public virtual void Committed()
    {
    }

    public void Complete()
    {
        if (Refusal is not null)
        {
            _done.TrySetException(Refusal);
            return;
        }

        Committed();
        _done.TrySetResult();
    }

    public void Fail(Exception exception) => _done.TrySetException(exception);
}

/// <summary>
/// The one writer: a thread that takes all requests that wait, writes them in one transaction and then completes them (group commit).
/// It stops at the first failure that is not a single request's own: what is on disk then is for the next start to find out.
/// </summary>
internal sealed class CommitQueue : IDisposable
{
    private readonly object _gate = new();
    private readonly Database _database;
    private readonly ExecutionWriter _writer;
    private readonly int _maximumBatch;
    private readonly bool _sharesConnection;
    private readonly Thread _thread;
    private Queue<WriteRequest> _waiting = new();
    private StoreStoppedException? _stopped;
    private bool _closing;

    /// <param name="sharesConnection">Readers use the same connection and lock it.</param>
    public CommitQueue(Database database, ExecutionWriter writer, int maximumBatch, bool sharesConnection)
    {
        _database = database;
        _writer = writer;
        _maximumBatch = maximumBatch;
        _sharesConnection = sharesConnection;
        _thread = new Thread(Run) { IsBackground = true, Name = "Onramp store writer" };
        _thread.Start();
    }

    public CommitStatistics Statistics { get; } = new();

    public Task Add(WriteRequest request)
    {
        lock (_gate)
        {
            if (_stopped is not null)
            {
                return Task.FromException(new StoreStoppedException(_stopped.Message, _stopped.InnerException));
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
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    private void Run()
    {
        var batch = new List<WriteRequest>(_maximumBatch);
        while (Take(batch))
        {
            try
            {
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
            while (_waiting.Count == 0)
            {
                if (_closing)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            while (batch.Count < _maximumBatch && _waiting.TryDequeue(out var request))
            {
                batch.Add(request);
            }

            return true;
        }
    }

    private void Commit(List<WriteRequest> batch)
    {
        if (_sharesConnection)
        {
            Monitor.Enter(_database);
        }

        try
        {
            var started = System.Diagnostics.Stopwatch.GetTimestamp();
            if (!TryCommitTogether(batch))
            {
                // Somebody's data is at fault. Each by itself tells whose.
                foreach (var request in batch)
                {
                    CommitAlone(request);
                }
            }

            Statistics.Add(batch.Count, System.Diagnostics.Stopwatch.GetElapsedTime(started));
        }
        finally
        {
            if (_sharesConnection)
            {
                Monitor.Exit(_database);
            }
        }
    }

    private bool TryCommitTogether(List<WriteRequest> batch)
    {
        try
        {
            Begin();
            foreach (var request in batch)
            {
                request.Write(_writer);
            }
        }
        catch (Exception exception) when (IsOfOneRequest(exception))
        {
            Rollback();
            return false;
        }

        End();
        return true;
    }

    private void CommitAlone(WriteRequest request)
    {
        try
        {
            request.Refusal = null;
            Begin();
            request.Write(_writer);
        }
        catch (Exception exception) when (IsOfOneRequest(exception))
        {
            Rollback();
            request.Refusal = exception is SqliteError
                ? new InvalidOperationException($"The store can't hold this: {exception.Message}", exception)
                : exception;
            return;
        }

        End();
    }

    private static bool IsOfOneRequest(Exception exception) => exception is not SqliteError error || error.IsOfStatement;

    private void Begin() => _database.Prepare("BEGIN IMMEDIATE").Run();

    private void End()
    {
        _database.Prepare("COMMIT").Run();
        _writer.Committed();
    }

    private void Rollback()
    {
        _database.Prepare("ROLLBACK").Run();
        _writer.RolledBack();
    }

    private void Stop(Exception exception, List<WriteRequest> batch)
    {
        Queue<WriteRequest> waiting;
        lock (_gate)
        {
            _stopped = new StoreStoppedException($"The store has stopped: {exception.Message}", exception);
            waiting = _waiting;
            _waiting = new Queue<WriteRequest>();
        }

        _database.RollbackQuietly();
        foreach (var request in batch.Concat(waiting))
        {
            request.Fail(new StoreStoppedException(_stopped.Message, exception));
        }
    }
}

/// <summary>How much was written, for measurements.</summary>
public sealed class CommitStatistics
{
    private long _commits;
    private long _transactions;
    private long _busyTicks;

    public long Commits => Interlocked.Read(ref _commits);

    public long Transactions => Interlocked.Read(ref _transactions);

    /// <summary>Time spent in transactions, syncing included.</summary>
    public TimeSpan Busy => TimeSpan.FromTicks(Interlocked.Read(ref _busyTicks));

    internal void Add(int commits, TimeSpan elapsed)
    {
        Interlocked.Add(ref _commits, commits);
        Interlocked.Increment(ref _transactions);
        Interlocked.Add(ref _busyTicks, elapsed.Ticks);
    }
}
