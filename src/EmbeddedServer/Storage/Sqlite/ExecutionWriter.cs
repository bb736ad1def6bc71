using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>A run's changes, with what visibility indexes of them worked out before the writer's turn.</summary>
internal sealed record PreparedWrite(ExecutionWrite Write, IndexedAttributes Attributes);

/// <summary>Turns changes of runs into rows, within the writer's transaction.</summary>
internal sealed class ExecutionWriter
{
    /// <summary>What the row of an open run takes; with what SQLite adds it just fits a page.</summary>
    private const int OpenRunBytes = 428;

    private const int InstantBytes = 8;

    private readonly Database _database;
    private readonly NumberedNames _names;
    private readonly VisibilityWriter _visibility;
    private readonly InboxTable _inbox;
    private readonly ScheduleTable _schedules;
    private readonly LiveBlocks _live;
    private readonly BuildLists _builds;
    private long _lastExecution;
    private long _lastBatch;

    public ExecutionWriter(Database database, NumberedNames names)
    {
        _database = database;
        _names = names;
        _visibility = new VisibilityWriter(database, names);
        _inbox = new InboxTable(database, names);
        _schedules = new ScheduleTable(database, names, _visibility);
        _builds = new BuildLists(database);
        Batches = new BatchTable(database, names);
        TaskQueueConfigs = new TaskQueueConfigTable(database, names);
        _names.Load(database);
        _lastExecution = database.ReadInteger("SELECT max(number) FROM executions");
        _lastBatch = database.ReadInteger("SELECT max(number) FROM events");
        _live = new LiveBlocks(database, _lastExecution);
    }

    public BatchTable Batches { get; }

    public TaskQueueConfigTable TaskQueueConfigs { get; }

    /// <summary>Writes what concerns all of the transaction, at its end.</summary>
    public void Complete() => _visibility.Complete();

    public void Committed() => _names.Committed();

    /// <summary>Forgets what was named and counted in the transaction. Numbers of runs are not used again as long as the process lives.</summary>
    public void RolledBack()
    {
        _names.RolledBack();
        _visibility.RolledBack();
    }

    /// <summary>Whether the commit can't be written because a run that it creates exists already.</summary>
    public ExecutionKey? FindConflict(IReadOnlyList<PreparedWrite> writes)
    {
        foreach (var prepared in writes)
        {
            if (prepared.Write.IsNew && FindNumber(prepared.Write.Key) is not null)
            {
                return prepared.Write.Key;
            }
        }

        return null;
    }

    /// <summary>A run that does not have the status any more that the commit is for.</summary>
    public ExecutionKey? FindChanged(IReadOnlyList<RunCondition> conditions)
    {
        foreach (var condition in conditions)
        {
            if (FindStatus(condition.Key) != condition.Status)
            {
                return condition.Key;
            }
        }

        return null;
    }

    public void Write(PreparedWrite prepared)
    {
        var write = prepared.Write;
        var ns = _names.AddNamespace(_database, write.Key.NamespaceId);
        if (write.Delete)
        {
            Delete(ns, write.Key);
            return;
        }

        if (write.MakeCurrent && !write.IsNew)
        {
            throw new InvalidOperationException("only a new run becomes the current one");
        }

        var number = write.IsNew ? Insert(ns, write) : Update(ns, write);
        if (write.Details is { Length: > 0 } || (write.Details is not null && !write.IsNew))
        {
            _database.Prepare("INSERT OR REPLACE INTO execution_details (execution, data) VALUES (?, ?)")
                .Bind(number).Bind(write.Details).Run();
        }

        WritePending(number, write);
        if (write.Visibility is { } row)
        {
            _visibility.Write(number, ns, write.Key, row, prepared.Attributes);
        }
    }

    /// <exception cref="StoreConflictException">A taken message is not there any more.</exception>
    public void Write(InboxWrite write) => _inbox.Write(write);

    public void Write(PreparedSchedule schedule) => _schedules.Write(schedule);

    private static void BindState(Statement statement, ExecutionWrite write, long? builds)
    {
        statement.Bind((long)write.Status).Bind(IsLive(write) ? 1L : null).Bind(write.WakeUpAt?.UtcTicks);
        BindDispatch(statement, write.WorkflowTask);
        statement.Bind(write.State).Bind(RoomOf(write, builds)).Bind(builds);
    }

    /// <summary>
    /// A row that grew in its page would drive its neighbours into others, each time: one of an open run takes as much from the beginning as it is
    /// likely to take in the end.
    /// </summary>
    private static byte[]? RoomOf(ExecutionWrite write, long? builds)
    {
        var taken = write.Key.WorkflowId.Length + write.Key.RunId.Length + write.State.Length;
        taken += write.WorkflowTask is { } task ? task.Queue.Length + (task.StickyNormalQueue?.Length ?? 0) + InstantBytes : 0;
        taken += write.WakeUpAt is null ? 0 : InstantBytes;
        taken += builds switch { null or 0 or 1 => 0, <= sbyte.MaxValue => 1, <= short.MaxValue => 2, _ => 4 };
        return IsLive(write) && taken < OpenRunBytes ? new byte[OpenRunBytes - taken] : null;
    }

    private static bool IsLive(ExecutionWrite write) =>
        write.Status is WorkflowExecutionStatus.Running or WorkflowExecutionStatus.Paused
        || write.WakeUpAt is not null
        || write.WorkflowTask is not null;

    private static void BindDispatch(Statement statement, TaskDispatch? task)
    {
        if (task is null)
        {
            statement.BindNull().BindNull().BindNull().BindNull().BindNull().BindNull();
            return;
        }

        statement.Bind(task.Queue).Bind(task.StickyNormalQueue).Bind(task.ScheduledEventId)
            .Bind(task.Attempt).Bind(task.Priority).Bind(task.ScheduledAt.UtcTicks);
    }

    private long? FindNumber(ExecutionKey key)
    {
        if (_names.FindNamespace(key.NamespaceId) is not { } ns)
        {
            return null;
        }

        var statement = _database.Prepare(ExecutionReader.NumberOfRun).Bind(ns).Bind(key.WorkflowId).Bind(key.RunId);
        long? number = statement.Step() ? statement.Integer(0) : null;
        statement.Reset();
        return number;
    }

    private WorkflowExecutionStatus? FindStatus(ExecutionKey key)
    {
        if (FindNumber(key) is not { } number)
        {
            return null;
        }

        var statement = _database.Prepare("SELECT status FROM executions WHERE number = ?").Bind(number);
        WorkflowExecutionStatus? status = statement.Step() ? (WorkflowExecutionStatus)statement.Integer(0) : null;
        statement.Reset();
        return status;
    }

    private long Insert(long ns, ExecutionWrite write)
    {
        var builds = _builds.Add(write.Builds);
        var number = ++_lastExecution;
        var first = _lastBatch + 1;
        if (write.Start is not null)
        {
            WriteBatch(number, first, new HistoryBatchRow(Schema.StartBatch, Schema.StartBatch, write.Start));
        }

        WriteHistory(number, first, write.History);
        var statement = _database.Prepare(
            """
            INSERT INTO executions (number, namespace, workflow_id, run_id, status, live, wake_up_at,
              task_queue, task_normal_queue, task_event_id, task_attempt, task_priority, task_at, state, room, builds, current, first_batch, last_batch)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """);
        statement.Bind(number).Bind(ns).Bind(write.Key.WorkflowId).Bind(write.Key.RunId);
        BindState(statement, write, builds);
        statement.Bind(write.MakeCurrent ? 1L : null).Bind(first).Bind(_lastBatch).Run();
        if (IsLive(write))
        {
            _live.Opened(number);
        }

        return number;
    }

    private long Update(long ns, ExecutionWrite write)
    {
        var found = _database.Prepare(
            "SELECT number, first_batch, last_batch, live FROM executions WHERE namespace = ? AND workflow_id = ? AND run_id = ? ORDER BY number DESC LIMIT 1")
            .Bind(ns).Bind(write.Key.WorkflowId).Bind(write.Key.RunId);
        if (!found.Step())
        {
            throw new InvalidOperationException($"A write to run {write.Key.RunId} of '{write.Key.WorkflowId}', which is not stored.");
        }

        // A run of an old file that had no batches yet has none near it.
        var number = found.Integer(0);
        var first = found.IsNull(1) ? long.MinValue : found.Integer(1);
        var last = found.Integer(2);
        var wasLive = !found.IsNull(3);
        found.Reset();
        RequireNewEvents(last, write);
        WriteHistory(number, first, write.History);
        var builds = _builds.Add(write.Builds);
        var statement = _database.Prepare(
            """
            UPDATE executions SET status = ?, live = ?, wake_up_at = ?,
              task_queue = ?, task_normal_queue = ?, task_event_id = ?, task_attempt = ?, task_priority = ?, task_at = ?, state = ?, room = ?, builds = ?,
              last_batch = coalesce(?, last_batch)
            WHERE number = ?
            """);
        BindState(statement, write, builds);
        statement.Bind(write.History.Count > 0 ? _lastBatch : null).Bind(number).Run();
        if (wasLive && !IsLive(write))
        {
            _live.Closed(number);
        }
        else if (!wasLive && IsLive(write))
        {
            _live.Opened(number);
        }

        return number;
    }

    /// <summary>What is written once stays: no index says so of batches that lie near.</summary>
    private void RequireNewEvents(long lastBatch, ExecutionWrite write)
    {
        if (write.History.Count == 0)
        {
            return;
        }

        var statement = _database.Prepare("SELECT last_event_id FROM events WHERE number = ?").Bind(lastBatch);
        var lastEventId = statement.Step() ? statement.Integer(0) : 0;
        statement.Reset();
        if (write.History[0].FirstEventId <= lastEventId)
        {
            throw new InvalidOperationException($"Event {write.History[0].FirstEventId} of run {write.Key.RunId} is stored already.");
        }
    }

    private void WriteHistory(long number, long firstBatch, IReadOnlyList<HistoryBatchRow> batches)
    {
        foreach (var batch in batches)
        {
            WriteBatch(number, firstBatch, batch);
        }
    }

    private void WriteBatch(long number, long firstBatch, HistoryBatchRow batch)
    {
        var isNear = ++_lastBatch - firstBatch is >= 0 and < Schema.NearBatches;
        _database.Prepare("INSERT INTO events (number, execution, first_event_id, last_event_id, data, is_near) VALUES (?, ?, ?, ?, ?, ?)")
            .Bind(_lastBatch).Bind(number).Bind(batch.FirstEventId).Bind(batch.LastEventId).Bind(batch.Data).Bind(isNear ? 1L : null).Run();
    }

    private void WritePending(long number, ExecutionWrite write)
    {
        foreach (var key in write.DeletedPending)
        {
            _database.Prepare("DELETE FROM pending WHERE execution = ? AND kind = ? AND id = ?")
                .Bind(number).Bind((long)key.Kind).Bind(key.Id).Run();
        }

        foreach (var row in write.UpsertedPending)
        {
            var statement = _database.Prepare(
                """
                INSERT INTO pending (execution, kind, id,
                  task_queue, task_normal_queue, task_event_id, task_attempt, task_priority, task_at, state)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (execution, kind, id) DO UPDATE SET
                  task_queue = excluded.task_queue, task_normal_queue = excluded.task_normal_queue, task_event_id = excluded.task_event_id,
                  task_attempt = excluded.task_attempt, task_priority = excluded.task_priority, task_at = excluded.task_at, state = excluded.state
                """);
            statement.Bind(number).Bind((long)row.Key.Kind).Bind(row.Key.Id);
            BindDispatch(statement, row.Dispatch);
            statement.Bind(row.State).Run();
        }
    }

    private void Delete(long ns, ExecutionKey key)
    {
        if (FindNumber(key) is not { } number)
        {
            return;
        }

        _visibility.Delete(number);
        _database.Prepare($"DELETE FROM events WHERE number IN (SELECT v.number FROM ({EventRows.Near}) v)").Bind(number).Run();
        _database.Prepare("DELETE FROM events WHERE execution = ? AND is_near IS NULL").Bind(number).Run();
        _database.Prepare("DELETE FROM pending WHERE execution = ?").Bind(number).Run();
        LeaveNoneCurrent(ns, key, number);
        _database.Prepare("DELETE FROM execution_details WHERE execution = ?").Bind(number).Run();
        _database.Prepare("DELETE FROM executions WHERE number = ?").Bind(number).Run();
        _live.Closed(number);
    }

    /// <summary>When the current run goes, an older one doesn't become it.</summary>
    private void LeaveNoneCurrent(long ns, ExecutionKey key, long number)
    {
        var statement = _database.Prepare("SELECT max(number) FROM executions WHERE namespace = ? AND workflow_id = ?").Bind(ns).Bind(key.WorkflowId);
        var newest = statement.Step() ? statement.Integer(0) : 0;
        statement.Reset();
        if (newest == number)
        {
            _database.Prepare("UPDATE executions SET current = NULL WHERE namespace = ? AND workflow_id = ? AND current = 1")
                .Bind(ns).Bind(key.WorkflowId).Run();
        }
    }
}
