namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>
/// The tables, as a list of steps from nothing to the current version. <c>user_version</c> says how many steps a file has taken; a new
/// version of the server appends a step and never changes one that was released.
/// </summary>
/// <remarks>
/// A run is named by a number within the file, so that its rows are small and lie together; <c>live</c> is 1 for runs that recovery
/// has to look at and NULL for the rest, and <see cref="LiveBlocks"/> says where they are, so that a start of the process reads little else.
/// <c>room</c> is what a row may still grow by. Times are ticks (100 ns, UTC).
/// </remarks>
internal static class Schema
{
    /// <summary>Marks the file as ours ("ONRP").</summary>
    public const int ApplicationId = 0x4f4e5250;

    /// <summary>The number of the batch that holds what a run is born with: before its first event.</summary>
    public const long StartBatch = 0;

    /// <summary>
    /// Batches of a run that come so soon after its first one are near it: so many rows are looked through to find them. Files depend on it: it
    /// may grow, never shrink.
    /// </summary>
    public const long NearBatches = 1_000;

    /// <summary>Runs with neighbouring numbers that make a block of <c>live_blocks</c>. Files depend on it.</summary>
    public const long RunsPerBlock = 16;

    /// <summary>Sorts open runs before all closed ones.</summary>
    public const long CloseOrderOfOpenRuns = long.MaxValue;

    private static readonly string[] Steps =
    [
        """
        CREATE TABLE namespaces (
          id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, data BLOB NOT NULL, search_attributes BLOB NOT NULL) WITHOUT ROWID;

        CREATE TABLE namespace_numbers (number INTEGER PRIMARY KEY, namespace_id TEXT NOT NULL UNIQUE);

        CREATE TABLE executions (
          number INTEGER PRIMARY KEY, namespace INTEGER NOT NULL, workflow_id TEXT NOT NULL, run_id TEXT NOT NULL,
          status INTEGER NOT NULL, live INTEGER, wake_up_at INTEGER,
          task_queue TEXT, task_normal_queue TEXT, task_event_id INTEGER, task_attempt INTEGER, task_priority INTEGER, task_at INTEGER,
          state BLOB NOT NULL);
        CREATE UNIQUE INDEX executions_by_key ON executions (namespace, workflow_id, run_id);
        CREATE INDEX executions_live ON executions (number) WHERE live = 1;

        CREATE TABLE execution_starts (execution INTEGER PRIMARY KEY, data BLOB NOT NULL);
        CREATE TABLE execution_details (execution INTEGER PRIMARY KEY, data BLOB NOT NULL);

        CREATE TABLE current_executions (
          namespace INTEGER NOT NULL, workflow_id TEXT NOT NULL, execution INTEGER NOT NULL,
          PRIMARY KEY (namespace, workflow_id)) WITHOUT ROWID;

        CREATE TABLE history (position INTEGER PRIMARY KEY, last_event_id INTEGER NOT NULL, data BLOB NOT NULL);

        CREATE TABLE pending (
          execution INTEGER NOT NULL, kind INTEGER NOT NULL, id TEXT NOT NULL, state BLOB NOT NULL,
          task_queue TEXT, task_normal_queue TEXT, task_event_id INTEGER, task_attempt INTEGER, task_priority INTEGER, task_at INTEGER,
          PRIMARY KEY (execution, kind, id)) WITHOUT ROWID;

        CREATE TABLE inbox (
          namespace INTEGER NOT NULL, workflow_id TEXT NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL,
          PRIMARY KEY (namespace, workflow_id, number)) WITHOUT ROWID;

        CREATE TABLE visibility (
          execution INTEGER PRIMARY KEY, namespace INTEGER NOT NULL, workflow_id TEXT NOT NULL, run_id TEXT NOT NULL,
          workflow_type TEXT NOT NULL, task_queue TEXT NOT NULL, status INTEGER NOT NULL,
          start_time INTEGER NOT NULL, execution_time INTEGER NOT NULL, close_time INTEGER, close_order INTEGER NOT NULL,
          parent_workflow_id TEXT, parent_run_id TEXT, root_workflow_id TEXT NOT NULL, root_run_id TEXT NOT NULL, first_run_id TEXT,
          history_length INTEGER NOT NULL, history_size_bytes INTEGER NOT NULL, state_transition_count INTEGER NOT NULL,
          division TEXT, memo BLOB, search_attributes BLOB);
        CREATE INDEX visibility_in_order ON visibility (namespace, close_order DESC, start_time DESC, run_id);
        CREATE INDEX visibility_by_status ON visibility (namespace, status, workflow_type);
        CREATE INDEX visibility_by_parent ON visibility (namespace, parent_workflow_id) WHERE parent_workflow_id IS NOT NULL;

        CREATE TABLE attribute_numbers (
          number INTEGER PRIMARY KEY, namespace INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (namespace, name));
        CREATE TABLE attributes (
          attribute INTEGER NOT NULL, value NOT NULL, execution INTEGER NOT NULL,
          PRIMARY KEY (attribute, value, execution)) WITHOUT ROWID;
        CREATE INDEX attributes_by_execution ON attributes (execution);
        """,

        // Writes less: what a run is born with (as batch 0) and its batches of events are appended in the order in which they come, one
        // index tells runs of a workflow apart and which of them is current (the newest one, when it is marked so), the order of lists needs no ids.
        """
        CREATE TABLE events (
          number INTEGER PRIMARY KEY, execution INTEGER NOT NULL, first_event_id INTEGER NOT NULL, last_event_id INTEGER NOT NULL,
          data BLOB NOT NULL);
        INSERT INTO events (execution, first_event_id, last_event_id, data)
          SELECT position >> 24, position & 0xffffff, last_event_id, data FROM history ORDER BY position;
        DROP TABLE history;
        INSERT INTO events (execution, first_event_id, last_event_id, data) SELECT execution, 0, 0, data FROM execution_starts;
        DROP TABLE execution_starts;
        CREATE UNIQUE INDEX events_by_execution ON events (execution, first_event_id);

        ALTER TABLE executions ADD COLUMN current INTEGER;
        UPDATE executions SET current = 1 WHERE number IN (SELECT execution FROM current_executions);
        DROP TABLE current_executions;
        DROP INDEX executions_by_key;
        CREATE INDEX executions_by_workflow ON executions (namespace, workflow_id, number, run_id);

        DELETE FROM execution_details WHERE length(data) = 0;

        DROP INDEX visibility_in_order;
        CREATE INDEX visibility_in_order ON visibility (namespace, close_order DESC, start_time DESC);
        """,

        """
        CREATE TABLE schedules (
          number INTEGER PRIMARY KEY AUTOINCREMENT, namespace INTEGER NOT NULL, schedule_id TEXT NOT NULL, wake_up_at INTEGER,
          definition BLOB NOT NULL, progress BLOB NOT NULL, UNIQUE (namespace, schedule_id));
        """,

        """
        CREATE TABLE batch_operations (
          number INTEGER PRIMARY KEY AUTOINCREMENT, namespace INTEGER NOT NULL, job_id TEXT NOT NULL, is_running INTEGER NOT NULL,
          definition BLOB NOT NULL, progress BLOB NOT NULL, UNIQUE (namespace, job_id));
        CREATE INDEX batch_operations_in_order ON batch_operations (namespace, number);
        CREATE TABLE batch_targets (
          position INTEGER PRIMARY KEY AUTOINCREMENT, batch INTEGER NOT NULL, workflow_id TEXT NOT NULL, run_id TEXT NOT NULL);
        CREATE INDEX batch_targets_in_order ON batch_targets (batch, position);
        """,

        // Counts by status and type look at this index alone.
        """
        DROP INDEX visibility_by_status;
        CREATE INDEX visibility_by_status ON visibility (namespace, status, workflow_type, division);
        """,

        // Writes less: batches that a run appends soon after its first one lie near it and need no index; most runs have no others. What a run
        // is the root of, or the first of, is no longer written twice.
        """
        ALTER TABLE executions ADD COLUMN first_batch INTEGER;
        ALTER TABLE executions ADD COLUMN last_batch INTEGER;
        ALTER TABLE events ADD COLUMN is_near INTEGER;
        UPDATE executions SET
          first_batch = (SELECT e.number FROM events e WHERE e.execution = executions.number AND e.first_event_id = 0),
          last_batch = (SELECT max(e.number) FROM events e WHERE e.execution = executions.number);
        DROP INDEX events_by_execution;
        CREATE UNIQUE INDEX events_by_execution ON events (execution, first_event_id) WHERE is_near IS NULL;

        UPDATE visibility SET root_workflow_id = '', root_run_id = '' WHERE root_workflow_id = workflow_id AND root_run_id = run_id;
        UPDATE visibility SET first_run_id = NULL WHERE first_run_id = run_id;
        """,

        // Writes less: where live runs are is said once for a block of them, rows of open runs are born with the room that they will need, and what
        // is pending lies in a table whose rows fit its pages (an index's may hold a fifth of one). What is configured of task queues is kept.
        """
        CREATE TABLE live_blocks (block INTEGER PRIMARY KEY);
        INSERT OR IGNORE INTO live_blocks (block) SELECT number / 16 FROM executions INDEXED BY executions_live WHERE live = 1;
        DROP INDEX executions_live;
        ALTER TABLE executions ADD COLUMN room BLOB;
        ALTER TABLE visibility ADD COLUMN room BLOB;

        CREATE TABLE pending_rows (
          number INTEGER PRIMARY KEY, execution INTEGER NOT NULL, kind INTEGER NOT NULL, id TEXT NOT NULL, state BLOB NOT NULL,
          task_queue TEXT, task_normal_queue TEXT, task_event_id INTEGER, task_attempt INTEGER, task_priority INTEGER, task_at INTEGER);
        INSERT INTO pending_rows (execution, kind, id, state, task_queue, task_normal_queue, task_event_id, task_attempt, task_priority, task_at)
          SELECT execution, kind, id, state, task_queue, task_normal_queue, task_event_id, task_attempt, task_priority, task_at FROM pending;
        DROP TABLE pending;
        ALTER TABLE pending_rows RENAME TO pending;
        CREATE UNIQUE INDEX pending_by_execution ON pending (execution, kind, id);

        CREATE TABLE task_queue_configs (
          namespace INTEGER NOT NULL, name TEXT NOT NULL, kind INTEGER NOT NULL, data BLOB NOT NULL,
          PRIMARY KEY (namespace, name, kind)) WITHOUT ROWID;
        """,

        // Counts of all runs, or by status, look at a few rows, and the order of lists tells divisions apart without a look at each run.
        """
        CREATE TABLE visibility_counts (
          namespace INTEGER NOT NULL, status INTEGER NOT NULL, runs INTEGER NOT NULL, PRIMARY KEY (namespace, status)) WITHOUT ROWID;
        INSERT INTO visibility_counts (namespace, status, runs)
          SELECT namespace, status, count(*) FROM visibility WHERE division IS NULL GROUP BY namespace, status;

        DROP INDEX visibility_in_order;
        CREATE INDEX visibility_in_order ON visibility (namespace, close_order DESC, start_time DESC, division);
        """,

        // The builds whose workers a run has had are the same for most runs: each list of them is written once, as JSON, and runs name it by number.
        """
        CREATE TABLE build_lists (number INTEGER PRIMARY KEY, builds TEXT NOT NULL UNIQUE);
        CREATE TABLE builds (build TEXT NOT NULL, list INTEGER NOT NULL, PRIMARY KEY (build, list)) WITHOUT ROWID;
        ALTER TABLE executions ADD COLUMN builds INTEGER;
        """,
    ];

    public static int CurrentVersion => Steps.Length;

    /// <summary>Brings the file to the current version, each step in its own transaction.</summary>
    /// <exception cref="StoreOpenException">The file is another program's, or of a newer version.</exception>
    public static void Migrate(Database database, string path)
    {
        var version = database.ReadInteger("PRAGMA user_version");
        var application = database.ReadInteger("PRAGMA application_id");
        var isEmpty = database.ReadInteger("SELECT count(*) FROM sqlite_master") == 0;
        if (application != ApplicationId && !isEmpty)
        {
            throw new StoreOpenException($"'{path}' is a SQLite database, but not one of this server.");
        }

        if (version > CurrentVersion)
        {
            throw new StoreOpenException(
                $"'{path}' was written by a newer version (schema {version}, this server knows up to {CurrentVersion}).");
        }

        for (var step = version; step < CurrentVersion; step++)
        {
            database.Execute(
                $"BEGIN IMMEDIATE; {Steps[step]} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {step + 1}; COMMIT");
        }
    }
}
