namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>A schedule's changes, with what visibility indexes of them worked out before the writer's turn.</summary>
internal sealed record PreparedSchedule(ScheduleWrite Write, IndexedAttributes Attributes);

/// <summary>
/// Writes schedules, within the writer's transaction. In visibility they stand beside the runs, under their numbers made negative: no run has
/// such a one.
/// </summary>
internal sealed class ScheduleTable(Database database, NumberedNames names, VisibilityWriter visibility)
{
    public void Write(PreparedSchedule prepared)
    {
        var write = prepared.Write;
        var ns = names.AddNamespace(database, write.Key.NamespaceId);
        if (write.Delete)
        {
            Delete(ns, write.Key.ScheduleId);
            return;
        }

        var number = Upsert(ns, write);
        if (write.Hide)
        {
            visibility.Delete(-number);
        }
        else if (write.Visibility is var (key, row))
        {
            visibility.Write(-number, ns, key, row, prepared.Attributes);
        }
    }

    private long Upsert(long ns, ScheduleWrite write)
    {
        var statement = write.Definition is null
            ? database.Prepare("UPDATE schedules SET wake_up_at = ?, progress = ? WHERE namespace = ? AND schedule_id = ? RETURNING number")
                .Bind(write.WakeUpAt?.UtcTicks).Bind(write.Progress).Bind(ns).Bind(write.Key.ScheduleId)
            : database.Prepare(
                """
                INSERT INTO schedules (namespace, schedule_id, wake_up_at, definition, progress) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (namespace, schedule_id) DO UPDATE SET
                  wake_up_at = excluded.wake_up_at, definition = excluded.definition, progress = excluded.progress
                RETURNING number
                """)
                .Bind(ns).Bind(write.Key.ScheduleId).Bind(write.WakeUpAt?.UtcTicks).Bind(write.Definition).Bind(write.Progress);
        var number = statement.Step()
            ? statement.Integer(0)
            : throw new InvalidOperationException($"A write to schedule '{write.Key.ScheduleId}', which is not stored.");
        statement.Reset();
        return number;
    }

    private void Delete(long ns, string scheduleId)
    {
        var statement = database.Prepare("DELETE FROM schedules WHERE namespace = ? AND schedule_id = ? RETURNING number").Bind(ns).Bind(scheduleId);
        long? number = statement.Step() ? statement.Integer(0) : null;
        statement.Reset();
        if (number is { } deleted)
        {
            visibility.Delete(-deleted);
        }
    }
}
