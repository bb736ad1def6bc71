namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>
/// Counts runs by namespace and status, those of no division (others are not counted unless they are asked for by name). What changes within
/// a transaction is added up and written at its end: one small row for all runs that began in it, one for all that ended.
/// </summary>
internal sealed class VisibilityCounts(Database database)
{
    private readonly Dictionary<(long Namespace, long Status), long> _changes = [];

    /// <summary>A row was what it was before, and is what it is after; null where it isn't there.</summary>
    public void Change((long Namespace, long Status, string? Division)? before, (long Namespace, long Status, string? Division)? after)
    {
        Add(before, -1);
        Add(after, 1);
    }

    public void Write()
    {
        foreach (var ((ns, status), change) in _changes)
        {
            if (change != 0)
            {
                database.Prepare(
                    """
                    INSERT INTO visibility_counts (namespace, status, runs) VALUES (?, ?, ?)
                    ON CONFLICT (namespace, status) DO UPDATE SET runs = runs + excluded.runs
                    """)
                    .Bind(ns).Bind(status).Bind(change).Run();
            }
        }

        _changes.Clear();
    }

    /// <summary>The transaction came to nothing.</summary>
    public void Forget() => _changes.Clear();

    private void Add((long Namespace, long Status, string? Division)? row, long change)
    {
        if (row is (var ns, var status, null))
        {
            _changes[(ns, status)] = _changes.GetValueOrDefault((ns, status)) + change;
        }
    }
}
