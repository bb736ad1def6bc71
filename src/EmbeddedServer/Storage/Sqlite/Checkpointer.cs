namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>
/// Copies the write-ahead log into the file, beside the writer, on a connection of its own: first what it can without being in anybody's
/// way, then, with the writer made to wait for the little that came meanwhile, the rest, so that the log begins anew and its file doesn't grow.
/// <para>
/// The log is bounded by a multiple of the threshold, at which the writer waits, as long as readers end; our own do, within seconds. One that
/// doesn't (another program's) keeps the log from beginning anew; the next commit tries again, and when that succeeds, the file that has
/// grown meanwhile is made short.
/// </para>
/// </summary>
internal sealed class Checkpointer : IDisposable
{
    /// <summary>How long the writer may be held for readers to leave the old log.</summary>
    private const int RestartBusyMilliseconds = 100;

    /// <summary>A writer that has appended this many times the threshold waits for the end of a checkpoint, unless somebody's old state prevents that.</summary>
    private const int HoldFactor = 4;

    private readonly object _gate = new();
    private readonly Database _database;
    private readonly long _thresholdPages;
    private readonly Action<Exception> _failed;
    private readonly Thread _thread;
    private long _pages;
    private bool _isAtWork;
    private bool _holdsWriter;
    private bool _isPrevented;
    private bool _closing;

    /// <param name="thresholdPages">Pages in the log that make it worth while.</param>
    /// <param name="failed">Called once, when the file can't be written.</param>
    public Checkpointer(Database database, long thresholdPages, Action<Exception> failed)
    {
        _database = database;
        _thresholdPages = thresholdPages;
        _failed = failed;
        database.Execute($"PRAGMA busy_timeout = {RestartBusyMilliseconds}");

        // A connection that has read nothing yet doesn't know of the log, and its checkpoints do nothing.
        database.ReadInteger("SELECT count(*) FROM sqlite_master");
        _thread = new Thread(Run) { IsBackground = true, Name = "Onramp store checkpointer" };
        _thread.Start();
    }

    /// <summary>Pages in the log that are not known to be in the file.</summary>
    public long Pages
    {
        get
        {
            lock (_gate)
            {
                return _pages;
            }
        }
    }

    /// <summary>Tells of pages that a commit appended to the log; returns when the writer may go on.</summary>
    public void Appended(long pages)
    {
        lock (_gate)
        {
            _pages += pages;
            if (_pages >= _thresholdPages)
            {
                Monitor.PulseAll(_gate);
            }

            while (_holdsWriter || (_pages >= HoldFactor * _thresholdPages && (_isAtWork || !_isPrevented) && !_closing))
            {
                Monitor.Wait(_gate);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join();
        _database.Dispose();
    }

    private void Run()
    {
        while (Wait())
        {
            try
            {
                Checkpoint();
            }
            catch (Exception exception)
            {
                _failed(exception);
                return;
            }
        }
    }

    private bool Wait()
    {
        lock (_gate)
        {
            while (!_closing && _pages < _thresholdPages)
            {
                Monitor.Wait(_gate);
            }

            return !_closing;
        }
    }

    private void Checkpoint()
    {
        var isWhole = false;
        bool hasGrown;
        lock (_gate)
        {
            _isAtWork = true;
        }

        try
        {
            _database.Checkpoint(CheckpointMode.Passive);
            lock (_gate)
            {
                _holdsWriter = true;
                hasGrown = _pages > 2 * HoldFactor * _thresholdPages;
            }

            (isWhole, _) = _database.Checkpoint(hasGrown ? CheckpointMode.Truncate : CheckpointMode.Restart);
        }
        finally
        {
            lock (_gate)
            {
                _isAtWork = false;
                _holdsWriter = false;
                _isPrevented = !isWhole;
                _pages = isWhole ? 0 : _pages;
                Monitor.PulseAll(_gate);
            }
        }

        lock (_gate)
        {
            if (!isWhole && !_closing)
            {
                // Somebody reads an old state; the next commit wakes this again.
                Monitor.Wait(_gate);
            }
        }
    }
}

/// <summary>How far a checkpoint goes.</summary>
internal enum CheckpointMode
{
    /// <summary>What nobody minds.</summary>
    Passive = 0,

    /// <summary>All, and the log begins anew with the next commit.</summary>
    Restart = 2,

    /// <summary>The same, and the log's file is emptied.</summary>
    Truncate = 3,
}
