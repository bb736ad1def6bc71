using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>Reads runs, their pending rows and histories.</summary>
internal sealed class ExecutionReader(ReadConnections connections, NumberedNames names)
{
    /// <summary>A run's number; the last runs of a workflow are found first.</summary>
    public const string NumberOfRun =
        "SELECT number FROM executions WHERE namespace = ? AND workflow_id = ? AND run_id = ? ORDER BY number DESC LIMIT 1";

    public ExecutionRow? Find(ExecutionKey key)
    {
        if (names.FindNamespace(key.NamespaceId) is not { } ns)
        {
            return null;
        }

        using var lease = connections.Rent();
        return lease.Database.InOneState(database => Find(database, ns, key));
    }

    private static ExecutionRow? Find(Database database, long ns, ExecutionKey key)
    {
        var statement = database
            .Prepare(
                """
                SELECT e.number, e.status, e.state, d.data
                FROM executions e LEFT JOIN execution_details d ON d.execution = e.number
                WHERE e.namespace = ? AND e.workflow_id = ? AND e.run_id = ? ORDER BY e.number DESC LIMIT 1
                """)
            .Bind(ns).Bind(key.WorkflowId).Bind(key.RunId);
        if (!statement.Step())
        {
            return null;
        }

        var (number, status, state, details) = (statement.Integer(0), (WorkflowExecutionStatus)statement.Integer(1), statement.Blob(2), statement.Blob(3));
        statement.Reset();
        var start = database.Prepare(EventRows.Start).Bind(number);
        var row = new ExecutionRow(key, status, start.Step() ? start.Blob(0) : [], state, details);
        start.Reset();
        return row;
    }

    public string? FindCurrentRunId(string namespaceId, string workflowId)
    {
        if (names.FindNamespace(namespaceId) is not { } ns)
        {
            return null;
        }

        using var lease = connections.Rent();
        var statement = lease.Database.Prepare(
                """
                SELECT run_id, current FROM executions WHERE namespace = ? AND workflow_id = ? ORDER BY number DESC LIMIT 1
                """)
            .Bind(ns).Bind(workflowId);
        var runId = statement.Step() && !statement.IsNull(1) ? statement.Text(0) : null;
        statement.Reset();
        return runId;
    }

    public IReadOnlyList<PendingRow> ReadPending(ExecutionKey key)
    {
        using var lease = connections.Rent();
        if (FindNumber(lease.Database, key) is not { } number)
        {
            return [];
        }

        var rows = new List<PendingRow>();
        var statement = lease.Database.Prepare(
                """
                SELECT kind, id, state, task_queue, task_normal_queue, task_event_id, task_attempt, task_priority, task_at
                FROM pending WHERE execution = ? ORDER BY kind, id
                """)
            .Bind(number);
        while (statement.Step())
        {
            var pendingKey = new PendingKey((PendingKind)statement.Integer(0), statement.Text(1));
            rows.Add(new PendingRow(pendingKey, statement.Blob(2), ReadDispatch(statement, 3, TaskKind.Activity)));
        }

        return rows;
    }

    public IReadOnlyList<HistoryBatchRow> ReadHistory(ExecutionKey key, long fromEventId, int eventCount)
    {
        if (eventCount <= 0)
        {
            return [];
        }

        using var lease = connections.Rent();
        return lease.Database.InOneState(database => FindNumber(database, key) is { } number
            ? ReadForward(database, number, Math.Max(1, fromEventId), eventCount)
            : []);
    }

    private static List<HistoryBatchRow> ReadForward(Database database, long number, long fromEventId, int eventCount)
    {
        // The batch that holds the first event is the last that begins at or before it.
        var batch = database.Prepare(EventRows.BatchOf).Bind(number).Bind(fromEventId);
        var first = batch.Step() && !batch.IsNull(0) ? batch.Integer(0) : fromEventId;
        batch.Reset();

        var statement = database.Prepare(EventRows.Forward).Bind(number).Bind(first);
        var rows = new List<HistoryBatchRow>();
        var wanted = fromEventId + eventCount - 1;
        while (statement.Step())
        {
            var row = Batch(statement);
            if (row.LastEventId < fromEventId)
            {
                continue;
            }

            rows.Add(row);
            if (row.LastEventId >= wanted)
            {
                break;
            }
        }

        statement.Reset();
        return rows;
    }

    public IReadOnlyList<HistoryBatchRow> ReadHistoryReverse(ExecutionKey key, long throughEventId, int eventCount)
    {
        if (eventCount <= 0 || throughEventId < 1)
        {
            return [];
        }

        using var lease = connections.Rent();
        return lease.Database.InOneState(database => FindNumber(database, key) is { } number
            ? ReadBackward(database, number, throughEventId, eventCount)
            : []);
    }

    private static List<HistoryBatchRow> ReadBackward(Database database, long number, long throughEventId, int eventCount)
    {
        var statement = database.Prepare(EventRows.Backward).Bind(number).Bind(throughEventId);
        var rows = new List<HistoryBatchRow>();
        long? wanted = null;
        while (statement.Step())
        {
            var row = Batch(statement);
            rows.Add(row);
            wanted ??= Math.Min(row.LastEventId, throughEventId) - eventCount + 1;
            if (row.FirstEventId <= wanted)
            {
                break;
            }
        }

        statement.Reset();
        return rows;
    }

    private static HistoryBatchRow Batch(Statement statement) => new(statement.Integer(1), statement.Integer(2), statement.Blob(3));

    internal static TaskDispatch? ReadDispatch(Statement statement, int column, TaskKind kind) => statement.IsNull(column)
        ? null
        : new TaskDispatch(
            kind, statement.Text(column), statement.TextOrNull(column + 1), statement.Integer(column + 2),
            (int)statement.Integer(column + 3), (int)statement.Integer(column + 4),
            new DateTimeOffset(statement.Integer(column + 5), TimeSpan.Zero));

    private long? FindNumber(Database database, ExecutionKey key)
    {
        if (names.FindNamespace(key.NamespaceId) is not { } ns)
        {
            return null;
        }

        var statement = database.Prepare(NumberOfRun)
            .Bind(ns).Bind(key.WorkflowId).Bind(key.RunId);
        long? number = statement.Step() ? statement.Integer(0) : null;
        statement.Reset();
        return number;
    }
}
