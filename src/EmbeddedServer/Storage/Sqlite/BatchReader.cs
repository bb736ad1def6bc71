namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>Reads batch operations.</summary>
internal sealed class BatchReader(ReadConnections connections, NumberedNames names)
{
    public BatchRow? Find(BatchKey key)
    {
        if (names.FindNamespace(key.NamespaceId) is not { } ns)
        {
            return null;
        }

        using var lease = connections.Rent();
        var statement = lease.Database.Prepare("SELECT number, definition, progress FROM batch_operations WHERE namespace = ? AND job_id = ?")
            .Bind(ns).Bind(key.JobId);
        var row = statement.Step() ? new BatchRow(key, statement.Integer(0), statement.Blob(1), statement.Blob(2)) : null;
        statement.Reset();
        return row;
    }

    public IReadOnlyList<BatchRow> Read(string namespaceId, long before, int count)
    {
        if (names.FindNamespace(namespaceId) is not { } ns)
        {
            return [];
        }

        using var lease = connections.Rent();
        var statement = lease.Database.Prepare(
            "SELECT job_id, number, definition, progress FROM batch_operations WHERE namespace = ? AND number < ? ORDER BY number DESC LIMIT ?")
            .Bind(ns).Bind(before).Bind((long)count);
        var rows = new List<BatchRow>();
        while (statement.Step())
        {
            rows.Add(new BatchRow(new BatchKey(namespaceId, statement.Text(0)), statement.Integer(1), statement.Blob(2), statement.Blob(3)));
        }

        return rows;
    }

    public IReadOnlyList<BatchKey> ReadRunning()
    {
        using var lease = connections.Rent();
        var statement = lease.Database.Prepare(
            """
            SELECT n.namespace_id, b.job_id
            FROM batch_operations b JOIN namespace_numbers n ON n.number = b.namespace WHERE b.is_running = 1 ORDER BY b.number
            """);
        var keys = new List<BatchKey>();
        while (statement.Step())
        {
            keys.Add(new BatchKey(statement.Text(0), statement.Text(1)));
        }

        return keys;
    }

    public IReadOnlyList<BatchTarget> ReadTargets(BatchKey key, int count)
    {
        if (Find(key) is not { } row)
        {
            return [];
        }

        using var lease = connections.Rent();
        var statement = lease.Database.Prepare("SELECT position, workflow_id, run_id FROM batch_targets WHERE batch = ? ORDER BY position LIMIT ?")
            .Bind(row.Number).Bind((long)count);
        var targets = new List<BatchTarget>();
        while (statement.Step())
        {
            targets.Add(new BatchTarget(statement.Integer(0), statement.Text(1), statement.Text(2)));
        }

        return targets;
    }
}
