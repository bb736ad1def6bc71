namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>Writes batch operations, within the writer's transaction. The last ones of a namespace are kept, the running ones whatever their age.</summary>
internal sealed class BatchTable(Database database, NumberedNames names)
{
    public const int KeptPerNamespace = 1_000;

    /// <exception cref="StoreConflictException">It is new, and there is one of its key.</exception>
    public void Write(BatchWrite write)
    {
        var ns = names.AddNamespace(database, write.Key.NamespaceId);
        var number = write.Definition is null ? Update(ns, write) : Insert(ns, write);
        if (write.Definition is not null)
        {
            Prune(ns);
        }

        foreach (var (workflowId, runId) in write.Added)
        {
            database.Prepare("INSERT INTO batch_targets (batch, workflow_id, run_id) VALUES (?, ?, ?)").Bind(number).Bind(workflowId).Bind(runId).Run();
        }

        if (!write.IsRunning)
        {
            database.Prepare("DELETE FROM batch_targets WHERE batch = ?").Bind(number).Run();
        }
        else if (write.DoneThrough > 0)
        {
            database.Prepare("DELETE FROM batch_targets WHERE batch = ? AND position <= ?").Bind(number).Bind(write.DoneThrough).Run();
        }
    }

    /// <summary>Removes all of a namespace.</summary>
    public void Delete(string namespaceId)
    {
        var ns = names.AddNamespace(database, namespaceId);
        database.Prepare("DELETE FROM batch_targets WHERE batch IN (SELECT number FROM batch_operations WHERE namespace = ?)").Bind(ns).Run();
        database.Prepare("DELETE FROM batch_operations WHERE namespace = ?").Bind(ns).Run();
    }

    private long Insert(long ns, BatchWrite write)
    {
        var existing = database.Prepare("SELECT 1 FROM batch_operations WHERE namespace = ? AND job_id = ?").Bind(ns).Bind(write.Key.JobId);
        var exists = existing.Step();
        existing.Reset();
        if (exists)
        {
            throw new StoreConflictException($"Batch operation '{write.Key.JobId}' exists already.");
        }

        return Number(
            database.Prepare("INSERT INTO batch_operations (namespace, job_id, is_running, definition, progress) VALUES (?, ?, ?, ?, ?) RETURNING number")
                .Bind(ns).Bind(write.Key.JobId).Bind(write.IsRunning ? 1L : 0L).Bind(write.Definition).Bind(write.Progress),
            write.Key);
    }

    private long Update(long ns, BatchWrite write) => Number(
        database.Prepare("UPDATE batch_operations SET is_running = ?, progress = ? WHERE namespace = ? AND job_id = ? RETURNING number")
            .Bind(write.IsRunning ? 1L : 0L).Bind(write.Progress).Bind(ns).Bind(write.Key.JobId),
        write.Key);

    private void Prune(long ns) => database.Prepare(
        """
        DELETE FROM batch_operations WHERE namespace = ? AND is_running = 0 AND number <=
          (SELECT number FROM batch_operations WHERE namespace = ? ORDER BY number DESC LIMIT 1 OFFSET ?)
        """).Bind(ns).Bind(ns).Bind((long)KeptPerNamespace).Run();

    private static long Number(Statement statement, BatchKey key)
    {
        var number = statement.Step() ? statement.Integer(0) : throw new StoreConflictException($"Batch operation '{key.JobId}' is not stored.");
        statement.Reset();
        return number;
    }
}
