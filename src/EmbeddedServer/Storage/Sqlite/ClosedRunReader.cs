namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>Reads closed runs in the order in which they closed.</summary>
internal sealed class ClosedRunReader(ReadConnections connections, NumberedNames names)
{
    public IReadOnlyList<ClosedRun> Read(string namespaceId, DateTimeOffset before, ClosedRun? after, int count)
    {
        if (names.FindNamespace(namespaceId) is not { } ns)
        {
            return [];
        }

        using var lease = connections.Rent();
        var statement = lease.Database.Prepare(
            """
            SELECT workflow_id, run_id, start_time, close_order, execution FROM visibility INDEXED BY visibility_in_order
            WHERE namespace = ?1 AND close_order >= ?2 AND close_order < ?3
              AND (close_order > ?2 OR start_time > ?4 OR (start_time = ?4 AND execution < ?5))
            ORDER BY close_order, start_time, execution DESC LIMIT ?6
            """)
            .Bind(ns).Bind(after?.CloseTime.UtcTicks ?? long.MinValue).Bind(before.UtcTicks)
            .Bind(after?.StartTime.UtcTicks ?? long.MinValue).Bind(after?.Number ?? long.MaxValue).Bind((long)count);
        var runs = new List<ClosedRun>();
        while (statement.Step())
        {
            runs.Add(new ClosedRun(
                new ExecutionKey(namespaceId, statement.Text(0), statement.Text(1)), Time(statement.Integer(2)), Time(statement.Integer(3)), statement.Integer(4)));
        }

        return runs;
    }

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
