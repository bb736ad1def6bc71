using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Onramp.Sandbox.Storage;

/// <summary>
/// Everything that the sandbox knows: JSON documents by system, kind and key in one SQLite file. One caller at a time
/// (<see cref="Gate"/>) works in one transaction; what <see cref="Transact"/> returned from has reached the disk.
/// </summary>
internal sealed class DocumentStore : IDisposable
{
    /// <summary>The system name under which the sandbox keeps its own records: ledger, faults, scheduled transitions, counters.</summary>
    public const string Own = "sandbox";

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _get;
    private readonly SqliteCommand _put;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _list;
    private readonly List<Change> _changes = [];

    static DocumentStore() => SQLitePCL.Batteries_V2.Init();

    public DocumentStore(string dataFile)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = dataFile, Pooling = false }.ToString());
        _connection.Open();
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        Execute("PRAGMA busy_timeout=5000");
        Execute("""
            CREATE TABLE IF NOT EXISTS documents(
              system TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
              PRIMARY KEY(system, kind, key)) WITHOUT ROWID
            """);
        _get = Prepare("SELECT body FROM documents WHERE system=$system AND kind=$kind AND key=$key", "$system", "$kind", "$key");
        _put = Prepare(
            "INSERT INTO documents VALUES($system,$kind,$key,$body) ON CONFLICT(system,kind,key) DO UPDATE SET body=excluded.body",
            "$system", "$kind", "$key", "$body");
        _delete = Prepare("DELETE FROM documents WHERE system=$system AND kind=$kind AND key=$key", "$system", "$kind", "$key");
        _list = Prepare(
            "SELECT key, body FROM documents WHERE system=$system AND kind=$kind AND key>=$from AND key<$to ORDER BY key",
            "$system", "$kind", "$from", "$to");
    }

    /// <summary>Held by whoever reads or writes; every other member asks for it.</summary>
    public Lock Gate { get; } = new();

    /// <summary>What the open transaction has changed so far, in order, the sandbox's own records left out.</summary>
    public IReadOnlyList<Change> Changes => _changes;

    /// <summary>Runs in one transaction: kept durably when it returns, and not at all when it throws.</summary>
    public T Transact<T>(Func<T> work)
    {
        Execute("BEGIN IMMEDIATE");
        _changes.Clear();
        try
        {
            var result = work();
            Execute("COMMIT");
            return result;
        }
        catch
        {
            Execute("ROLLBACK");
            throw;
        }
    }

    /// <summary>Marks the point that <see cref="RollbackToMark"/> returns to.</summary>
    public void Mark() => Execute("SAVEPOINT mark");

    public void RollbackToMark()
    {
        Execute("ROLLBACK TO mark");
        _changes.Clear();
    }

    public JsonObject? Get(string system, string kind, string key)
    {
        Bind(_get, system, kind, key);
        return _get.ExecuteScalar() is string body ? (JsonObject)JsonNode.Parse(body)! : null;
    }

    /// <summary>Writes a document. Writing what is already there changes nothing and isn't counted as a change.</summary>
    public void Put(string system, string kind, string key, JsonObject body)
    {
        Bind(_get, system, kind, key);
        var text = body.ToJsonString(Json.Compact);
        var before = _get.ExecuteScalar() as string;
        if (string.Equals(before, text, StringComparison.Ordinal))
        {
            return;
        }

        Bind(_put, system, kind, key, text);
        _put.ExecuteNonQuery();
        Note(system, kind, key, before is null ? ChangeKind.Created : ChangeKind.Updated);
    }

    public bool Delete(string system, string kind, string key)
    {
        Bind(_delete, system, kind, key);
        var found = _delete.ExecuteNonQuery() > 0;
        if (found)
        {
            Note(system, kind, key, ChangeKind.Deleted);
        }

        return found;
    }

    /// <summary>Documents of a kind in key order, those whose key begins with <paramref name="prefix"/>.</summary>
    public List<(string Key, JsonObject Body)> List(string system, string kind, string prefix = "")
    {
        Bind(_list, system, kind, prefix, prefix + "\uffff");
        var result = new List<(string, JsonObject)>();
        using var reader = _list.ExecuteReader();
        while (reader.Read())
        {
            result.Add((reader.GetString(0), (JsonObject)JsonNode.Parse(reader.GetString(1))!));
        }

        return result;
    }

    /// <summary>All documents of all systems but the sandbox's own, ordered by system, kind and key.</summary>
    public List<(string System, string Kind, string Key, JsonObject Body)> All()
    {
        using var command = Prepare("SELECT system, kind, key, body FROM documents WHERE system<>$own ORDER BY system, kind, key", "$own");
        Bind(command, Own);
        var result = new List<(string, string, string, JsonObject)>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            result.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2), (JsonObject)JsonNode.Parse(reader.GetString(3))!));
        }

        return result;
    }

    /// <summary>The next number of a counter that never goes back, 1 at first.</summary>
    public long Next(string counter)
    {
        var value = (Get(Own, "counter", counter)?["value"]?.GetValue<long>() ?? 0) + 1;
        Put(Own, "counter", counter, new JsonObject { ["value"] = value });
        return value;
    }

    /// <summary>Where a counter stands, 0 at first.</summary>
    public long Current(string counter) => Get(Own, "counter", counter)?["value"]?.GetValue<long>() ?? 0;

    /// <summary>Removes every document but the settings.</summary>
    public void Clear()
    {
        Execute("DELETE FROM documents WHERE NOT (system='sandbox' AND kind='setting')");
        _changes.Clear();
    }

    public void Dispose()
    {
        _get.Dispose();
        _put.Dispose();
        _delete.Dispose();
        _list.Dispose();
        _connection.Dispose();
    }

    private void Note(string system, string kind, string key, ChangeKind change)
    {
        if (!string.Equals(system, Own, StringComparison.Ordinal))
        {
            _changes.Add(new Change(system, kind, key, change));
        }
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter(name, SqliteType.Text));
        }

        return command;
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<string> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }
    }
}
