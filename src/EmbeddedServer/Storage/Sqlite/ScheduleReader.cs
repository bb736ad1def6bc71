namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>Reads schedules.</summary>
internal sealed class ScheduleReader(ReadConnections connections, NumberedNames names)
{
    public ScheduleRow? Find(ScheduleKey key)
    {
        if (names.FindNamespace(key.NamespaceId) is not { } ns)
        {
            return null;
        }

        using var lease = connections.Rent();
        var statement = lease.Database.Prepare("SELECT definition, progress FROM schedules WHERE namespace = ? AND schedule_id = ?")
            .Bind(ns).Bind(key.ScheduleId);
        var row = statement.Step() ? new ScheduleRow(key, statement.Blob(0), statement.Blob(1)) : null;
        statement.Reset();
        return row;
    }

    public IReadOnlyList<ScheduleKey> ReadKeys(string namespaceId)
    {
        if (names.FindNamespace(namespaceId) is not { } ns)
        {
            return [];
        }

        using var lease = connections.Rent();
        var statement = lease.Database.Prepare("SELECT schedule_id FROM schedules WHERE namespace = ? ORDER BY schedule_id").Bind(ns);
        var keys = new List<ScheduleKey>();
        while (statement.Step())
        {
            keys.Add(new ScheduleKey(namespaceId, statement.Text(0)));
        }

        return keys;
    }

    public IReadOnlyList<(ScheduleKey Key, DateTimeOffset At)> ReadWakeUps()
    {
        using var lease = connections.Rent();
        var statement = lease.Database.Prepare(
            """
            SELECT n.namespace_id, s.schedule_id, s.wake_up_at
            FROM schedules s JOIN namespace_numbers n ON n.number = s.namespace WHERE s.wake_up_at IS NOT NULL
            """);
        var wakeUps = new List<(ScheduleKey, DateTimeOffset)>();
        while (statement.Step())
        {
            wakeUps.Add((new ScheduleKey(statement.Text(0), statement.Text(1)), new DateTimeOffset(statement.Integer(2), TimeSpan.Zero)));
        }

        return wakeUps;
    }
}
