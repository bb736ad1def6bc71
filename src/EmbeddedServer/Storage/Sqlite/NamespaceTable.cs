using Google.Protobuf;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.OperatorService.V1;

namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>All namespaces, kept in memory: there are few, and every request needs one.</summary>
internal sealed class NamespaceTable
{
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<NamespaceRow> _rows;

    public NamespaceTable(Database database)
    {
        var rows = new List<NamespaceRow>();
        var statement = database.Prepare("SELECT id, name, data, search_attributes FROM namespaces ORDER BY name");
        while (statement.Step())
        {
            rows.Add(new NamespaceRow(statement.Text(0), statement.Text(1), statement.Blob(2), ParseAttributes(statement.Blob(3))));
        }

        _rows = rows;
    }

    /// <exception cref="StoreNamespaceGoneException">Nothing begins there any more. Only the writer's thread has to know, see <see cref="Keep"/>.</exception>
    public void RequireHere(string namespaceId)
    {
        if (_gone.Contains(namespaceId))
        {
            throw new StoreNamespaceGoneException(namespaceId);
        }
    }

    /// <summary>By name. The same list as long as nothing changes.</summary>
    public IReadOnlyList<NamespaceRow> Rows => _rows;

    public void Write(Database database, NamespaceRow row) => database.Prepare(
            """
            INSERT INTO namespaces (id, name, data, search_attributes) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, data = excluded.data, search_attributes = excluded.search_attributes
            """)
        .Bind(row.Id).Bind(row.Name).Bind(row.Data).Bind(SerializeAttributes(row.SearchAttributes)).Run();

    public static void Delete(Database database, string id) => database.Prepare("DELETE FROM namespaces WHERE id = ?").Bind(id).Run();

    /// <summary>Shows a written row to readers. Only the writer's thread calls this.</summary>
    public void Keep(NamespaceRow row)
    {
        if (row.IsGone)
        {
            _gone.Add(row.Id);
        }

        _rows = _rows
            .Where(other => !string.Equals(other.Id, row.Id, StringComparison.Ordinal))
            .Append(row)
            .OrderBy(other => other.Name, StringComparer.Ordinal)
            .ToArray();
    }

    /// <summary>
    /// Shows readers a row no more. That it is gone is known until the process ends: who resolved it before may still be about to begin something there. Only the
    /// writer's thread calls this.
    /// </summary>
    public void Forget(string id)
    {
        _gone.Add(id);
        _rows = _rows.Where(row => !string.Equals(row.Id, id, StringComparison.Ordinal)).ToArray();
    }

    private static byte[] SerializeAttributes(IReadOnlyDictionary<string, IndexedValueType> attributes)
    {
        var message = new AddSearchAttributesRequest();
        foreach (var (name, type) in attributes)
        {
            message.SearchAttributes.Add(name, type);
        }

        return message.ToByteArray();
    }

    private static Dictionary<string, IndexedValueType> ParseAttributes(byte[] data) =>
        new(AddSearchAttributesRequest.Parser.ParseFrom(data).SearchAttributes, StringComparer.Ordinal);
}
