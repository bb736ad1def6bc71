using System.Collections.Concurrent;

namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>
/// The numbers that stand for namespaces and search attributes in the tables. The writer adds to them within its transaction; readers
/// only look. A number that a reader sees before its commit finds nothing.
/// </summary>
internal sealed class NumberedNames
{
    private readonly ConcurrentDictionary<string, long> _namespaces = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, string> _namespaceIds = new();
    private readonly ConcurrentDictionary<(long Namespace, string Name), long> _attributes = new();
    private readonly List<string> _newNamespaces = [];
    private readonly List<(long Namespace, string Name)> _newAttributes = [];

    public void Load(Database database)
    {
        var namespaces = database.Prepare("SELECT number, namespace_id FROM namespace_numbers");
        while (namespaces.Step())
        {
            _namespaces[namespaces.Text(1)] = namespaces.Integer(0);
            _namespaceIds[namespaces.Integer(0)] = namespaces.Text(1);
        }

        var attributes = database.Prepare("SELECT number, namespace, name FROM attribute_numbers");
        while (attributes.Step())
        {
            _attributes[(attributes.Integer(1), attributes.Text(2))] = attributes.Integer(0);
        }
    }

    /// <summary>The namespace's number, or null when nothing of it was ever stored.</summary>
    public long? FindNamespace(string namespaceId) => _namespaces.TryGetValue(namespaceId, out var number) ? number : null;

    /// <summary>The id of a namespace that rows are stored of.</summary>
    public string NamespaceOf(long number) => _namespaceIds[number];

    /// <summary>The attribute's number, or null when no run ever had it.</summary>
    public long? FindAttribute(long ns, string name) => _attributes.TryGetValue((ns, name), out var number) ? number : null;

    public long AddNamespace(Database database, string namespaceId)
    {
        if (_namespaces.TryGetValue(namespaceId, out var number))
        {
            return number;
        }

        number = _namespaces.Count + 1;
        database.Prepare("INSERT INTO namespace_numbers (number, namespace_id) VALUES (?, ?)").Bind(number).Bind(namespaceId).Run();
        _namespaces[namespaceId] = number;
        _namespaceIds[number] = namespaceId;
        _newNamespaces.Add(namespaceId);
        return number;
    }

    public long AddAttribute(Database database, long ns, string name)
    {
        if (_attributes.TryGetValue((ns, name), out var number))
        {
            return number;
        }

        number = _attributes.Count + 1;
        database.Prepare("INSERT INTO attribute_numbers (number, namespace, name) VALUES (?, ?, ?)")
            .Bind(number).Bind(ns).Bind(name).Run();
        _attributes[(ns, name)] = number;
        _newAttributes.Add((ns, name));
        return number;
    }

    public void Committed()
    {
        _newNamespaces.Clear();
        _newAttributes.Clear();
    }

    public void RolledBack()
    {
        _newNamespaces.ForEach(name => _namespaces.TryRemove(name, out _));
        _newAttributes.ForEach(name => _attributes.TryRemove(name, out _));
        Committed();
    }
}
