namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>Reads what open runs wait for, in pages, so that neither memory nor the write-ahead log has to hold it for long.</summary>
internal sealed class WaitingReader(ReadConnections connections, NumberedNames names)
{
    public WaitingPage Read(long from, int maximumRuns, QueueFilter? only, int mostActivities)
    {
        var ns = only is { } filter ? names.FindNamespace(filter.NamespaceId) : 0;
        if (ns is null)
        {
            return new WaitingPage([], [], null);
        }

        using var lease = connections.Rent();
        return lease.Database.InOneState(database => new Page(database, names, only, ns.Value).Read(from, maximumRuns, mostActivities));
    }

    /// <summary>One page as it is read. Names that many rows share are kept once.</summary>
    private sealed class Page(Database database, NumberedNames names, QueueFilter? only, long ns)
    {
        private readonly List<(long Run, WakeUp WakeUp)> _wakeUps = [];
        private readonly List<(long Run, QueuedTask Task)> _tasks = [];
        private readonly Dictionary<string, string> _shared = new(StringComparer.Ordinal);

        public WaitingPage Read(long from, int maximumRuns, int mostActivities)
        {
            var next = ReadRuns(from, maximumRuns);
            if (only is not { Kind: not TaskKind.Activity } && ReadActivities(from, next ?? long.MaxValue, mostActivities) is { } last)
            {
                next = last;
                _wakeUps.RemoveAll(wakeUp => wakeUp.Run > last);
                _tasks.RemoveAll(task => task.Run > last);
            }

            return new WaitingPage([.. _wakeUps.Select(one => one.WakeUp)], [.. _tasks.Select(one => one.Task).OrderBy(task => task.Dispatch.ScheduledAt)], next);
        }

        /// <summary>Where the next page begins, null if this one is the last.</summary>
        private long? ReadRuns(long from, int maximumRuns)
        {
            var statement = database.Prepare(
                """
                SELECT e.namespace, e.workflow_id, e.run_id,
                  e.task_queue, e.task_normal_queue, e.task_event_id, e.task_attempt, e.task_priority, e.task_at, e.number, e.wake_up_at
                FROM live_blocks b CROSS JOIN executions e NOT INDEXED ON e.number BETWEEN b.block * ?3 AND b.block * ?3 + ?3 - 1
                WHERE b.block >= ?1 / ?3 AND e.number > ?1 AND e.live = 1 ORDER BY b.block, e.number LIMIT ?2
                """)
                .Bind(from).Bind((long)maximumRuns).Bind(Schema.RunsPerBlock);
            var count = 0;
            var last = from;
            while (statement.Step())
            {
                count++;
                last = statement.Integer(9);
                if (only is null && !statement.IsNull(10))
                {
                    _wakeUps.Add((last, new WakeUp(Key(statement), new DateTimeOffset(statement.Integer(10), TimeSpan.Zero))));
                }

                if (IsWanted(statement, TaskKind.Workflow))
                {
                    Add(last, statement, TaskKind.Workflow);
                }
            }

            return count < maximumRuns ? null : last;
        }

        /// <summary>Reads the activities of whole runs until there are enough. The last run that was read then; null if all were.</summary>
        private long? ReadActivities(long after, long through, int most)
        {
            var statement = database.Prepare(
                """
                SELECT e.namespace, e.workflow_id, e.run_id,
                  p.task_queue, p.task_normal_queue, p.task_event_id, p.task_attempt, p.task_priority, p.task_at, p.execution
                FROM pending p CROSS JOIN executions e ON e.number = p.execution
                WHERE p.execution > ? AND p.execution <= ? AND p.task_queue IS NOT NULL AND e.live = 1 ORDER BY p.execution
                """)
                .Bind(after).Bind(through);
            var count = 0;
            var last = after;
            while (statement.Step())
            {
                var run = statement.Integer(9);
                if (count >= most && run != last)
                {
                    statement.Reset();
                    return last;
                }

                last = run;
                if (IsWanted(statement, TaskKind.Activity))
                {
                    count++;
                    Add(run, statement, TaskKind.Activity);
                }
            }

            return null;
        }

        private bool IsWanted(Statement statement, TaskKind kind)
        {
            if (statement.IsNull(3))
            {
                return false;
            }

            return only is not { } queue
                || (queue.Kind == kind && statement.Integer(0) == ns && (statement.Text(3) == queue.Name || statement.TextOrNull(4) == queue.Name));
        }

        private void Add(long run, Statement statement, TaskKind kind)
        {
            var dispatch = ExecutionReader.ReadDispatch(statement, 3, kind)!;
            _tasks.Add((run, new QueuedTask(Key(statement), dispatch with
            {
                Queue = Share(dispatch.Queue),
                StickyNormalQueue = dispatch.StickyNormalQueue is { } normal ? Share(normal) : null,
            })));
        }

        private ExecutionKey Key(Statement statement) => new(names.NamespaceOf(statement.Integer(0)), statement.Text(1), statement.Text(2));

        private string Share(string text)
        {
            if (!_shared.TryGetValue(text, out var shared))
            {
                _shared.Add(text, text);
                shared = text;
            }

            return shared;
        }
    }
}
