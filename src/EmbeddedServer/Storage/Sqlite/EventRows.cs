namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>SQL that finds a run's batches of events: some lie near the first one, the others have an index.</summary>
internal static class EventRows
{
    /// <summary>Those near the first one; the mark is the run's number.</summary>
    public static readonly string Near =
        $"""
        SELECT e.number, e.first_event_id, e.last_event_id, e.data FROM executions x CROSS JOIN events e NOT INDEXED
          ON e.number BETWEEN x.first_batch AND min(x.last_batch, x.first_batch + {Schema.NearBatches - 1})
        WHERE x.number = ?1 AND e.execution = x.number AND e.is_near = 1
        """;

    private const string Far =
        "SELECT e.number, e.first_event_id, e.last_event_id, e.data FROM events e INDEXED BY events_by_execution WHERE e.execution = ?1 AND e.is_near IS NULL";

    /// <summary>What a run is born with; the mark is the run's number.</summary>
    public static readonly string Start = $"SELECT data FROM ({Near} AND e.first_event_id = 0 UNION ALL {Far} AND e.first_event_id = 0) LIMIT 1";

    /// <summary>The first event of the batch that holds an event; marks are the run's number and the event's id.</summary>
    public static readonly string BatchOf =
        $"SELECT max(first_event_id) FROM ({Near} AND e.first_event_id BETWEEN 1 AND ?2 UNION ALL SELECT * FROM ({Far} AND e.first_event_id BETWEEN 1 AND ?2 ORDER BY e.first_event_id DESC LIMIT 1))";

    /// <summary>Batches from one on, in order; marks are the run's number and the batch's first event.</summary>
    public static readonly string Forward =
        $"{Near} AND e.first_event_id >= ?2 UNION ALL {Far} AND e.first_event_id >= ?2 ORDER BY first_event_id";

    /// <summary>Batches up to one that holds an event, latest first; marks are the run's number and the event's id.</summary>
    public static readonly string Backward =
        $"{Near} AND e.first_event_id BETWEEN 1 AND ?2 UNION ALL {Far} AND e.first_event_id BETWEEN 1 AND ?2 ORDER BY first_event_id DESC";
}
