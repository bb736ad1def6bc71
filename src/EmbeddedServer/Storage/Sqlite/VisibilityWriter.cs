namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>Writes what list and count see of a run, within the writer's transaction.</summary>
internal sealed class VisibilityWriter(Database database, NumberedNames names)
{
    private readonly VisibilityCounts _counts = new(database);

    /// <summary>What a row grows by when its run closes: a time, and counts that take more bytes. It is born with that room, see <see cref="ExecutionWriter"/>.</summary>
    private static readonly byte[] RoomToClose = new byte[12];

    public void Write(long execution, long ns, ExecutionKey key, VisibilityRow row, IndexedAttributes attributes)
    {
        var before = ReadStored(execution);
        var statement = database.Prepare(
            """
            INSERT INTO visibility (execution, namespace, workflow_id, run_id, workflow_type, task_queue, status,
              start_time, execution_time, close_time, close_order, parent_workflow_id, parent_run_id, root_workflow_id, root_run_id,
              first_run_id, history_length, history_size_bytes, state_transition_count, division, memo, search_attributes, room)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (execution) DO UPDATE SET
              workflow_type = excluded.workflow_type, task_queue = excluded.task_queue, status = excluded.status,
              start_time = excluded.start_time, execution_time = excluded.execution_time,
              close_time = excluded.close_time, close_order = excluded.close_order,
              parent_workflow_id = excluded.parent_workflow_id, parent_run_id = excluded.parent_run_id,
              root_workflow_id = excluded.root_workflow_id, root_run_id = excluded.root_run_id, first_run_id = excluded.first_run_id,
              history_length = excluded.history_length, history_size_bytes = excluded.history_size_bytes,
              state_transition_count = excluded.state_transition_count,
              division = excluded.division, memo = excluded.memo, search_attributes = excluded.search_attributes, room = excluded.room
            """);
        var isRoot = row.RootWorkflowId == key.WorkflowId && row.RootRunId == key.RunId;
        statement
            .Bind(execution).Bind(ns).Bind(key.WorkflowId).Bind(key.RunId).Bind(row.WorkflowType).Bind(row.TaskQueue)
            .Bind((long)row.Status).Bind(row.StartTime.UtcTicks).Bind(row.ExecutionTime.UtcTicks)
            .Bind(row.CloseTime?.UtcTicks).Bind(row.CloseTime?.UtcTicks ?? Schema.CloseOrderOfOpenRuns)
            .Bind(row.ParentWorkflowId).Bind(row.ParentRunId).Bind(isRoot ? "" : row.RootWorkflowId).Bind(isRoot ? "" : row.RootRunId).Bind(row.FirstRunId == key.RunId ? null : row.FirstRunId)
            .Bind(row.HistoryLength).Bind(row.HistorySizeBytes).Bind(row.StateTransitionCount)
            .Bind(attributes.Division).Bind(row.Memo).Bind(row.SearchAttributes)
            .Bind(row.CloseTime is null ? RoomToClose : null)
            .Run();

        _counts.Change(before?.Counted, (ns, (long)row.Status, attributes.Division));
        if (!before?.SearchAttributes.AsSpan().SequenceEqual(row.SearchAttributes) ?? true)
        {
            WriteAttributes(execution, ns, attributes.Values, replace: before?.SearchAttributes is { Length: > 0 });
        }
    }

    /// <summary>Writes what has been added up, before the transaction is committed.</summary>
    public void Complete() => _counts.Write();

    public void RolledBack() => _counts.Forget();

    public void Delete(long execution)
    {
        _counts.Change(ReadStored(execution)?.Counted, null);
        database.Prepare("DELETE FROM attributes WHERE execution = ?").Bind(execution).Run();
        database.Prepare("DELETE FROM visibility WHERE execution = ?").Bind(execution).Run();
    }

    private StoredRow? ReadStored(long execution)
    {
        var statement = database.Prepare("SELECT namespace, status, division, search_attributes FROM visibility WHERE execution = ?").Bind(execution);
        StoredRow? stored = statement.Step()
            ? new((statement.Integer(0), statement.Integer(1), statement.TextOrNull(2)), statement.BlobOrNull(3))
            : null;
        statement.Reset();
        return stored;
    }

    private void WriteAttributes(long execution, long ns, IReadOnlyList<IndexedValue> attributes, bool replace)
    {
        if (replace)
        {
            database.Prepare("DELETE FROM attributes WHERE execution = ?").Bind(execution).Run();
        }

        foreach (var attribute in attributes)
        {
            var number = names.AddAttribute(database, ns, attribute.Name);
            database.Prepare("INSERT OR IGNORE INTO attributes (attribute, value, execution) VALUES (?, ?, ?)")
                .Bind(number).BindValue(attribute.Value).Bind(execution).Run();
        }
    }

    private readonly record struct StoredRow((long Namespace, long Status, string? Division) Counted, byte[]? SearchAttributes);
}
