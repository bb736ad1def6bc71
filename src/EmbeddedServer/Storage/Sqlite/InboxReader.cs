namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>Reads inboxes.</summary>
internal sealed class InboxReader(ReadConnections connections, NumberedNames names)
{
    public IReadOnlyList<InboxRow> Read(WorkflowKey key, int maximumMessages, int maximumBytes)
    {
        if (names.FindNamespace(key.NamespaceId) is not { } ns)
        {
            return [];
        }

        using var lease = connections.Rent();
        var statement = lease.Database.Prepare("SELECT number, data FROM inbox WHERE namespace = ? AND workflow_id = ? ORDER BY number LIMIT ?")
            .Bind(ns).Bind(key.WorkflowId).Bind((long)maximumMessages);
        var rows = new List<InboxRow>();
        long bytes = 0;
        while (bytes < maximumBytes && statement.Step())
        {
            var row = new InboxRow(key, statement.Integer(0), statement.Blob(1));
            bytes += row.Data.Length;
            if (bytes > maximumBytes && rows.Count > 0)
            {
                break;
            }

            rows.Add(row);
        }

        statement.Reset();
        return rows;
    }

    public IReadOnlyList<WorkflowKey> ReadKeys(WorkflowKey? after, int count)
    {
        using var lease = connections.Rent();
        var statement = lease.Database.Prepare(
            """
            SELECT DISTINCT namespace, workflow_id FROM inbox WHERE (namespace, workflow_id) > (?, ?) ORDER BY namespace, workflow_id LIMIT ?
            """)
            .Bind(after is { NamespaceId: var id } ? names.FindNamespace(id) ?? 0 : 0).Bind(after?.WorkflowId ?? "").Bind((long)count);
        var keys = new List<WorkflowKey>();
        while (statement.Step())
        {
            keys.Add(new WorkflowKey(names.NamespaceOf(statement.Integer(0)), statement.Text(1)));
        }

        return keys;
    }
}
