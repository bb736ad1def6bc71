using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Visibility;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <summary>What the store waits out, what stops it, and that it says so.</summary>
public sealed class StoreFailureTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onramp-faults-");

    private string FilePath => Path.Combine(folder.FullName, "store.db");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Readers_that_begin_in_the_middle_of_commits_never_stop_it()
    {
        // Unsynced, because what it takes is many commits: a reader that meets the log's header half written takes the write lock.
        await using var store = Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = FilePath, Synchronous = SynchronousMode.Off });
        await store.CommitAsync([New(Key())]);
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            using var database = Database.Open(FilePath, readOnly: true);
            database.Execute("PRAGMA busy_timeout = 10000");
            while (!done.IsCancellationRequested)
            {
                var statement = database.Prepare("SELECT 1 FROM executions LIMIT 1");
                statement.Step();
                statement.Reset();
            }
        })).ToArray();

        for (var commit = 0; commit < 20_000; commit++)
        {
            await store.CommitAsync([Change(Key())]);
        }

        await done.CancelAsync();
        await Task.WhenAll(readers);
        store.Failed.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Another_programs_lock_is_waited_out_and_reported_once()
    {
        var log = new LogLines();
        await using var store = Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = FilePath, Logger = log, LockReportDelay = TimeSpan.Zero });
        using var other = Database.Open(FilePath, readOnly: false);
        other.Execute("BEGIN IMMEDIATE");

        var commit = store.CommitAsync([New(Key())]);
        await log.First.WaitAsync(TimeSpan.FromSeconds(30));
        commit.IsCompleted.ShouldBeFalse();
        other.Execute("COMMIT");
        await commit;

        store.FindExecution(Key()).ShouldNotBeNull();
        log.Lines.ShouldBe([$"Another program holds a lock on the data file {FilePath}; writes wait until it lets go"]);
    }

    [Theory]
    [InlineData(DiskFault.Full, "the disk is full")]
    [InlineData(DiskFault.WriteError, "the disk reported an I/O error (778)")]
    [InlineData(DiskFault.SyncError, "the disk did not confirm what was written (fsync failed)")]
    [InlineData(DiskFault.ShortWrite, "the disk is full")]
    public async Task A_write_that_fails_stops_it_for_good_and_loses_nothing_acknowledged(DiskFault fault, string reason)
    {
        using (var disk = FaultyDisk.Under(folder.FullName))
        {
            await using var store = Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = FilePath });
            await store.CommitAsync([New(Key("before"))]);
            disk.Fault = fault;

            (await Should.ThrowAsync<StoreStoppedException>(() => store.CommitAsync([New(Key("during"))]))).Message.ShouldBe(reason);
            disk.Fault = DiskFault.None;

            (await store.Failed).Message.ShouldBe(reason);
            await Should.ThrowAsync<StoreStoppedException>(() => store.CommitAsync([New(Key("after"))]));
            store.FindExecution(Key("before")).ShouldNotBeNull();
        }

        await using var reopened = Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = FilePath });
        reopened.FindExecution(Key("before")).ShouldNotBeNull();
        reopened.FindExecution(Key("after")).ShouldBeNull();
        await reopened.CommitAsync([New(Key("again"))]);
    }

    [Fact]
    public async Task A_read_that_fails_fails_alone()
    {
        await using (var store = Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = FilePath }))
        {
            await store.CommitAsync([New(Key("before"))]);
        }

        using var disk = FaultyDisk.Under(folder.FullName);
        await using var reopened = Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = FilePath });
        disk.Fault = DiskFault.ReadError;
        Should.Throw<SqliteError>(() => reopened.FindExecution(Key("before")));
        disk.Fault = DiskFault.None;

        reopened.FindExecution(Key("before")).ShouldNotBeNull();
        await reopened.CommitAsync([New(Key("after"))]);
        reopened.Failed.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task The_log_stays_bounded_however_much_is_written()
    {
        const int checkpointBytes = 256 * 1024;
        await using var store = Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = FilePath, Synchronous = SynchronousMode.Off, CheckpointBytes = checkpointBytes });

        for (var i = 0; i < 4_000; i++)
        {
            await store.CommitAsync([New(Key($"w{i}"), new HistoryBatchRow(1, 2, new byte[4_000]))]);
        }

        new FileInfo(FilePath).Length.ShouldBeGreaterThan(4_000 * 4_000 / 2);
        new FileInfo(FilePath + "-wal").Length.ShouldBeLessThan(20 * checkpointBytes);
    }

    [Fact]
    public async Task A_reader_of_an_old_state_lets_the_log_grow_until_it_ends_and_no_longer()
    {
        const int checkpointBytes = 64 * 1024;
        await using var store = Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = FilePath, Synchronous = SynchronousMode.Off, CheckpointBytes = checkpointBytes });
        using (var other = Database.Open(FilePath, readOnly: true))
        {
            other.Execute("BEGIN");
            other.ReadInteger("SELECT count(*) FROM executions");
            await WriteAsync(store, "during", 1_000);
            new FileInfo(FilePath + "-wal").Length.ShouldBeGreaterThan(30 * checkpointBytes);
        }

        await WriteAsync(store, "after", 1_000);

        new FileInfo(FilePath + "-wal").Length.ShouldBeLessThan(20 * checkpointBytes);
    }

    private static async Task WriteAsync(SqliteStore store, string name, int runs)
    {
        for (var i = 0; i < runs; i++)
        {
            await store.CommitAsync([New(Key($"{name}-{i}"), new HistoryBatchRow(1, 2, new byte[4_000]))]);
        }
    }

    [Theory]
    [InlineData(DiskFault.Full, "the disk is full")]
    [InlineData(DiskFault.WriteError, "the disk reported an I/O error (778)")]
    [InlineData(DiskFault.SyncError, "the disk did not confirm what was written (fsync failed)")]
    public async Task A_checkpoint_that_fails_stops_it_too(DiskFault fault, string reason)
    {
        using var disk = FaultyDisk.Under(folder.FullName);
        await using var store = Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = FilePath, CheckpointBytes = 64 * 1024 });
        disk.FailsOnly = FilePath;
        disk.Fault = fault;

        for (var i = 0; i < 1_000 && !store.Failed.IsCompleted; i++)
        {
            await Task.WhenAny(store.CommitAsync([New(Key($"w{i}"), new HistoryBatchRow(1, 2, new byte[4_000]))]));
        }

        (await store.Failed.WaitAsync(TimeSpan.FromSeconds(30))).Message.ShouldBe(reason);
        disk.Fault = DiskFault.None;
    }

    [Fact]
    public async Task Closing_is_no_failure()
    {
        var store = Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = FilePath });

        await store.DisposeAsync();

        store.Failed.IsCompleted.ShouldBeFalse();
    }

    private static SqliteStore Open(SqliteStoreOptions options) => SqliteStore.Open(options);
}

/// <summary>A logger that keeps its lines.</summary>
internal sealed class LogLines : ILogger
{
    private readonly TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> lines = [];

    /// <summary>Completes with the first line.</summary>
    public Task First => first.Task;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (lines)
            {
                return [.. lines];
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (lines)
        {
            lines.Add(formatter(state, exception));
        }

        first.TrySetResult();
    }
}
