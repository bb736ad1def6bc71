namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>Adds to inboxes and takes from them, within the writer's transaction.</summary>
internal sealed class InboxTable
{
    private readonly Database _database;
    private readonly NumberedNames _names;
    private long _last;

    public InboxTable(Database database, NumberedNames names)
    {
        _database = database;
        _names = names;
        _last = database.ReadInteger("SELECT max(number) FROM inbox");
    }

    /// <exception cref="StoreConflictException">A taken message is not there any more; the transaction has to be rolled back.</exception>
    public void Write(InboxWrite write)
    {
        foreach (var message in write.Sent)
        {
            // Numbers rise in the order of commits, all inboxes together, and none is used again while the process lives.
            _database.Prepare("INSERT INTO inbox (namespace, workflow_id, number, data) VALUES (?, ?, ?, ?)")
                .Bind(_names.AddNamespace(_database, message.To.NamespaceId)).Bind(message.To.WorkflowId).Bind(++_last).Bind(message.Data).Run();
        }

        foreach (var row in write.Taken)
        {
            Take(row);
        }
    }

    private void Take(InboxRow row)
    {
        var statement = _database.Prepare("DELETE FROM inbox WHERE namespace = ? AND workflow_id = ? AND number = ? RETURNING number")
            .Bind(_names.AddNamespace(_database, row.To.NamespaceId)).Bind(row.To.WorkflowId).Bind(row.Number);
        var wasThere = statement.Step();
        statement.Reset();
        if (!wasThere)
        {
            throw new StoreConflictException($"Message {row.Number} to '{row.To.WorkflowId}' has been taken already.");
        }
    }
}
