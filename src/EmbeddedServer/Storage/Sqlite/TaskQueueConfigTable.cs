namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>Writes what was configured of task queues, within the writer's transaction, and reads it when a process starts.</summary>
internal sealed class TaskQueueConfigTable(Database database, NumberedNames names)
{
    public void Write(TaskQueueConfigRow row) => database.Prepare(
            """
            INSERT INTO task_queue_configs (namespace, name, kind, data) VALUES (?, ?, ?, ?)
            ON CONFLICT (namespace, name, kind) DO UPDATE SET data = excluded.data
            """)
        .Bind(names.AddNamespace(database, row.NamespaceId)).Bind(row.Queue).Bind((long)row.Kind).Bind(row.Data).Run();

    public void Delete(TaskQueueConfigRow row) => database.Prepare("DELETE FROM task_queue_configs WHERE namespace = ? AND name = ? AND kind = ?")
        .Bind(names.AddNamespace(database, row.NamespaceId)).Bind(row.Queue).Bind((long)row.Kind).Run();

    public void Delete(string namespaceId) => database.Prepare("DELETE FROM task_queue_configs WHERE namespace = ?")
        .Bind(names.AddNamespace(database, namespaceId)).Run();

    public static IReadOnlyList<TaskQueueConfigRow> Read(Database database)
    {
        var statement = database.Prepare(
            """
            SELECT n.namespace_id, c.name, c.kind, c.data
            FROM task_queue_configs c JOIN namespace_numbers n ON n.number = c.namespace ORDER BY c.namespace, c.name, c.kind
            """);
        var rows = new List<TaskQueueConfigRow>();
        while (statement.Step())
        {
            rows.Add(new TaskQueueConfigRow(statement.Text(0), statement.Text(1), (TaskKind)statement.Integer(2), statement.Blob(3)));
        }

        return rows;
    }
}
