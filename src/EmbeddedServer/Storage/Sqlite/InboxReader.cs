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

    public IReadOnlyList<WorkflowKey> ReadKeys()
    {
        using var lease = connections.Rent();
        var statement = lease.Database.Prepare(
            """
            SELECT n.namespace_id, i.workflow_id
            FROM (SELECT DISTINCT namespace, workflow_id FROM inbox) i JOIN namespace_numbers n ON n.number = i.namespace
            """);
        var keys = new List<WorkflowKey>();
        while (statement.Step())
        {
            keys.Add(new WorkflowKey(statement.Text(0), statement.Text(1)));
        }

        return keys;
    }
}
