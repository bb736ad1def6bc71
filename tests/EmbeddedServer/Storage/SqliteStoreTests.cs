using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <summary>The store in memory keeps the contract.</summary>
public sealed class SqliteMemoryStoreTests : StoreContract
{
    protected override IStore Open() => SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = SqliteStoreOptions.InMemory });
}

/// <summary>The store on a file keeps the contract, over restarts too.</summary>
public sealed class SqliteFileStoreTests : StoreContract, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("onramp-store-");

    private string FilePath => Path.Combine(_folder.FullName, "store.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Everything_is_there_after_a_restart()
    {
        var activity = Dispatch(TaskKind.Activity, "activities");
        await Store.WriteNamespaceAsync(new NamespaceRow(
            Namespace, "default", [1], new Dictionary<string, IndexedValueType> { ["Team"] = IndexedValueType.Keyword }));
        await Store.CommitAsync(
        [
            New(Key(), Batch(1, 3)) with
            {
                WakeUpAt = Noon,
                UpsertedPending = [Pending(PendingKind.Activity, "5", activity)],
                Visibility = Visible(Key()) with { SearchAttributes = Attributes(("Team", "\"payments\"")) },
            },
        ]);
        await Store.DisposeAsync();

        await using var reopened = Open();

        reopened.FindCurrentRunId(Namespace, "order").ShouldBe("run-1");
        reopened.FindExecution(Key())!.State.ShouldBe([1]);
        reopened.ReadHistory(Key(), 1, 10).Show().ShouldBe("1-3");
        reopened.ReadPending(Key()).ShouldHaveSingleItem().Dispatch.ShouldBe(activity);
        reopened.ReadWakeUps().ShouldBe([new WakeUp(Key(), Noon)]);
        reopened.ReadQueuedTasks().ShouldBe([new QueuedTask(Key(), activity)]);
        reopened.ReadNamespaces().ShouldHaveSingleItem().SearchAttributes.Keys.ShouldBe(["Team"]);
        await reopened.CommitAsync([New(Key(runId: "run-2"), Batch(1, 4))]);
        reopened.ReadHistory(Key(), 1, 10).Show().ShouldBe("1-3");
    }

    [Fact]
    public void A_second_store_on_the_file_is_refused_by_name()
    {
        var refusal = Should.Throw<StoreOpenException>(() => { _ = Open(); });

        refusal.Message.ShouldBe($"'{FilePath}' is in use by another process.");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_alone()
    {
        var path = Path.Combine(_folder.FullName, "notes.txt");
        var text = new string('x', 5000);
        await File.WriteAllTextAsync(path, text);

        var refusal = Should.Throw<StoreOpenException>(() => { _ = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = path }); });

        refusal.Message.ShouldBe($"'{path}' is not a SQLite database.");
        (await File.ReadAllTextAsync(path)).ShouldBe(text);
    }

    [Fact]
    public void A_database_of_another_program_is_refused()
    {
        var path = Path.Combine(_folder.FullName, "other.db");
        using (var other = Database.Open(path, readOnly: false))
        {
            other.Execute("CREATE TABLE theirs (x)");
        }

        Should.Throw<StoreOpenException>(() => { _ = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = path }); })
            .Message.ShouldBe($"'{path}' is a SQLite database, but not one of this server.");
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused()
    {
        await Store.DisposeAsync();
        using (var database = Database.Open(FilePath, readOnly: false))
        {
            database.Execute("PRAGMA user_version = 1000");
        }

        Should.Throw<StoreOpenException>(() => { _ = Open(); }).Message.ShouldContain("was written by a newer version (schema 1000");
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        var path = Path.Combine(_folder.FullName, "missing", "store.db");

        Should.Throw<StoreOpenException>(() => { _ = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = path }); })
            .Message.ShouldBe($"The folder of '{path}' does not exist.");
    }

    [Fact]
    public async Task Commits_that_wait_together_share_a_transaction()
    {
        var store = (SqliteStore)Store;

        await Task.WhenAll(Enumerable.Range(0, 500).Select(n => store.CommitAsync([New(Key($"w{n}"))])));

        store.Statistics.Commits.ShouldBe(500);
        store.Statistics.Transactions.ShouldBeLessThan(250);
    }

    [Fact]
    public async Task A_broken_disk_stops_writes_and_not_reads()
    {
        await Store.CommitAsync([New(Key())]);
        using (var vandal = Database.Open(FilePath, readOnly: false))
        {
            vandal.Execute("DROP TABLE visibility");
        }

        await Should.ThrowAsync<StoreStoppedException>(() => Store.CommitAsync([New(Key("other")) with { Visibility = Visible(Key("other")) }]));

        await Should.ThrowAsync<StoreStoppedException>(() => Store.CommitAsync([New(Key("third"))]));
        Store.FindExecution(Key()).ShouldNotBeNull();
        Store.FindExecution(Key("other")).ShouldBeNull();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task Where_no_run_is_live_any_more_no_start_will_look(int openAtOnce)
    {
        foreach (var keys in Enumerable.Range(0, 100).Select(i => Key($"run-{i}")).Chunk(openAtOnce))
        {
            await Store.CommitAsync([.. keys.Select(key => New(key))]);
            await Store.CommitAsync([.. keys.Select(key => Change(key) with { Status = WorkflowExecutionStatus.Completed })]);
        }

        using var file = Database.Open(FilePath, readOnly: true);
        file.ReadInteger("SELECT count(*) FROM live_blocks").ShouldBe(1, "only the newest block stays, for the runs that are to come");
    }

    [Fact]
    public async Task Space_of_deleted_runs_is_given_back()
    {
        var keys = Enumerable.Range(0, 200).Select(number => Key($"run-{number}", $"run-{number}")).ToArray();
        await Store.CommitAsync([.. keys.Select(key => New(key) with { Details = new byte[20_000] })]);
        await Store.CommitAsync([.. keys.Select(key => New(key) with { IsNew = false, MakeCurrent = false, Delete = true })]);

        while (await Store.ShrinkAsync())
        {
        }

        await Store.DisposeAsync();
        new FileInfo(FilePath).Length.ShouldBeLessThan(2 * 1024 * 1024);
    }

    [Fact]
    public async Task A_closed_store_takes_no_commits()
    {
        await Store.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => Store.CommitAsync([New(Key())]));
    }

    protected override IStore Open() => SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = FilePath });
}
