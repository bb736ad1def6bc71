using System.Text.Json;

namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>
/// Lists of builds, each written once, by number. There are about as many as there were builds, since most runs have had the same; they stay when the runs
/// that had them are gone.
/// </summary>
internal sealed class BuildLists(Database database)
{
    /// <summary>The number of a list, which is written if it is new; null for none.</summary>
    public long? Add(IReadOnlyList<string> builds)
    {
        if (builds.Count == 0)
        {
            return null;
        }

        var list = JsonSerializer.Serialize(builds);
        var known = database.Prepare("SELECT number FROM build_lists WHERE builds = ?").Bind(list);
        long? number = known.Step() ? known.Integer(0) : null;
        known.Reset();
        return number ?? Insert(list, builds);
    }

    private long Insert(string list, IReadOnlyList<string> builds)
    {
        var inserted = database.Prepare("INSERT INTO build_lists (builds) VALUES (?) RETURNING number").Bind(list);
        inserted.Step();
        var number = inserted.Integer(0);
        inserted.Reset();
        foreach (var build in builds)
        {
            database.Prepare("INSERT OR IGNORE INTO builds (build, list) VALUES (?, ?)").Bind(build).Bind(number).Run();
        }

        return number;
    }
}
