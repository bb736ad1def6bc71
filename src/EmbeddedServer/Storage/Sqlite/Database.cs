using System.Diagnostics;
using SQLitePCL;

namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>
/// One SQLite connection and its prepared statements. Not thread-safe: whoever has it is alone with it.
/// </summary>
internal sealed class Database : IDisposable
{
    private static readonly Lazy<bool> Library = new(() =>
    {
        Batteries_V2.Init();
        return true;
    });

    /// <summary>Of SQLite's virtual machine: a look at the clock costs next to nothing, and comes every few hundred microseconds.</summary>
    private const int InstructionsBetweenLooks = 5_000;

    private readonly sqlite3 _handle;
    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);

    private readonly delegate_progress _isOver;
    private long _deadline = long.MaxValue;

    private Database(sqlite3 handle)
    {
        _handle = handle;
        _isOver = _ => Stopwatch.GetTimestamp() > _deadline ? 1 : 0;
    }

    /// <summary>Opens a file (creating it unless <paramref name="readOnly"/>) or <c>:memory:</c>.</summary>
    public static Database Open(string path, bool readOnly)
    {
        _ = Library.Value;
        var flags = raw.SQLITE_OPEN_NOMUTEX
            | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        var result = raw.sqlite3_open_v2(path, out var handle, flags, null);
        if (result != raw.SQLITE_OK)
        {
            var message = handle is null || handle.IsInvalid ? "cannot open" : raw.sqlite3_errmsg(handle).utf8_to_string();
            handle?.Dispose();
            throw new SqliteError(result, message);
        }

        _ = raw.sqlite3_extended_result_codes(handle, 1);
        return new Database(handle);
    }

    /// <summary>The prepared statement for this text, reset; it stays owned by the connection.</summary>
    public Statement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = PrepareOnce(sql);
            _statements.Add(sql, statement);
        }

        statement.Reset();
        return statement;
    }

    /// <summary>A statement that the caller disposes, for text that won't come again.</summary>
    public Statement PrepareOnce(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var handle));
        return new Statement(this, handle);
    }

    /// <summary>Runs a script of statements that return nothing of interest.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    public long ReadInteger(string sql)
    {
        using var statement = PrepareOnce(sql);
        return statement.Step() ? statement.Integer(0) : 0;
    }

    public string ReadText(string sql)
    {
        using var statement = PrepareOnce(sql);
        return statement.Step() ? statement.Text(0) : "";
    }

    /// <summary>Copies the log into the file. Whether that was all of it, and how many pages remain.</summary>
    public (bool IsWhole, long RemainingPages) Checkpoint(CheckpointMode mode)
    {
        var result = raw.sqlite3_wal_checkpoint_v2(_handle, "main", (int)mode, out var log, out var copied);
        if (result != raw.SQLITE_OK && Error(result) is { IsBusy: false } error)
        {
            throw error;
        }

        if (log < 0 && result == raw.SQLITE_OK)
        {
            throw new InvalidOperationException("a checkpoint of a database that has no write-ahead log");
        }

        return (result == raw.SQLITE_OK && log == copied, Math.Max(0, log - copied));
    }

    /// <summary>Pages that this connection has written since it was opened.</summary>
    public long WrittenPages
    {
        get
        {
            Check(raw.sqlite3_db_status(_handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 0));
            return pages;
        }
    }

    /// <summary>Reads for so long at most; within itself, the sooner end counts. Statements throw <see cref="SqliteError.IsInterrupted"/> when that is over.</summary>
    public T Within<T>(TimeSpan limit, Func<Database, T> read)
    {
        var outer = _deadline;
        _deadline = Math.Min(outer, Stopwatch.GetTimestamp() + (long)(limit.TotalSeconds * Stopwatch.Frequency));
        raw.sqlite3_progress_handler(_handle, InstructionsBetweenLooks, _isOver, null);
        try
        {
            return read(this);
        }
        finally
        {
            _deadline = outer;
            if (outer == long.MaxValue)
            {
                raw.sqlite3_progress_handler(_handle, 0, null, null);
            }
        }
    }

    /// <summary>Reads with several statements that all see the same state. Not while a transaction is open.</summary>
    public T InOneState<T>(Func<Database, T> read)
    {
        Prepare("BEGIN").Run();
        try
        {
            return read(this);
        }
        finally
        {
            RollbackQuietly();
        }
    }

    public void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            throw Error(result);
        }
    }

    public SqliteError Error(int result) => new(result, raw.sqlite3_errmsg(_handle).utf8_to_string());

    /// <summary>Leaves a failed transaction; SQLite may have left it already.</summary>
    public void RollbackQuietly()
    {
        if (raw.sqlite3_get_autocommit(_handle) == 0)
        {
            _ = raw.sqlite3_exec(_handle, "ROLLBACK");
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
        _handle.Dispose();
    }
}
