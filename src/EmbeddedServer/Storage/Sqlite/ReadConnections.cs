using System.Collections.Concurrent;

namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>
/// Connections to read with. For a file each lease has its own connection and sees the last commit; in memory there is one
/// connection, which reader and writer take in turn.
/// </summary>
internal sealed class ReadConnections : IDisposable
{
    private readonly ConcurrentBag<Database> _idle = [];
    private readonly Func<Database>? _open;
    private readonly Database? _shared;
    private readonly int _maximumIdle;
    private volatile bool _disposed;

    /// <summary>A pool that opens connections as they are needed.</summary>
    public ReadConnections(Func<Database> open, int maximumIdle)
    {
        _open = open;
        _maximumIdle = maximumIdle;
    }

    /// <summary>One connection for everybody.</summary>
    public ReadConnections(Database shared) => _shared = shared;

    public Lease Rent()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_shared is not null)
        {
            Monitor.Enter(_shared);
            return new Lease(this, _shared);
        }

        return new Lease(this, _idle.TryTake(out var database) ? database : _open!());
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var database))
        {
            database.Dispose();
        }
    }

    private void Return(Database database)
    {
        if (_shared is not null)
        {
            Monitor.Exit(_shared);
        }
        else if (_disposed || _idle.Count >= _maximumIdle)
        {
            database.Dispose();
        }
        else
        {
            _idle.Add(database);
        }
    }

    /// <summary>Disposed on the thread that rented it, once, with all statements at their end or reset.</summary>
    public readonly struct Lease(ReadConnections owner, Database database) : IDisposable
    {
        public Database Database => database;

        public void Dispose() => owner.Return(database);
    }
}
