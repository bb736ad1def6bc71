using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Tests.History.Support;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <summary>Copies of a data file, made while it is being written.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onramp-backup-");

    private string Source => Path.Combine(folder.FullName, "temporal.db");

    private string Copy => Path.Combine(folder.FullName, "copy.db");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Open_runs_go_on_in_a_copy_that_was_made_while_the_server_ran()
    {
        await using (var world = World.Create(dataFile: Source))
        {
            await world.StartAsync();
            StoreBackup.Copy(Source, Copy, overwrite: false);
            await world.CompleteAsync(await world.PollAsync(), Complete());
        }

        await using var restored = World.Create(dataFile: Copy);
        await restored.RestartAsync();
        await restored.CompleteAsync(await restored.PollAsync(), Complete());

        (await restored.EventsAsync())[^1].EventType.ShouldBe(EventType.WorkflowExecutionCompleted);
    }

    [Fact]
    public async Task A_copy_holds_all_that_was_committed_before_it_and_commits_need_not_wait()
    {
        await using var store = Open(Source);
        await store.CommitAsync([New(Key("before"))]);
        var commits = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                await store.CommitAsync([New(Key($"during-{i}"))]);
            }
        });

        StoreBackup.Copy(Source, Copy, overwrite: false);

        await commits;
        await using var copy = Open(Copy);
        copy.FindExecution(Key("before")).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_is_there_is_kept_unless_it_is_to_be_replaced()
    {
        await using var store = Open(Source);
        await store.CommitAsync([New(Key())]);
        await File.WriteAllTextAsync(Copy, "something");
        await File.WriteAllTextAsync(Copy + "-wal", "a log of something");

        Should.Throw<StoreOpenException>(() => StoreBackup.Copy(Source, Copy, overwrite: false)).Message.ShouldBe($"There is a file '{Copy}' already.");
        (await File.ReadAllTextAsync(Copy)).ShouldBe("something");
        StoreBackup.Copy(Source, Copy, overwrite: true);

        await using var copy = Open(Copy);
        copy.FindExecution(Key()).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_file_that_a_server_uses_is_not_replaced()
    {
        await using var store = Open(Source);
        await using var other = Open(Copy);

        Should.Throw<StoreOpenException>(() => StoreBackup.Copy(Source, Copy, overwrite: true)).Message.ShouldContain("in use by another process");
    }

    [Fact]
    public async Task A_damaged_file_makes_no_backup()
    {
        await using (var store = Open(Source))
        {
            await store.CommitAsync([.. Enumerable.Range(0, 200).Select(i => New(Key($"run-{i}")) with { Details = new byte[2_000] })]);
        }

        await using (var file = new FileStream(Source, FileMode.Open))
        {
            file.Position = file.Length / 2;
            await file.WriteAsync(Enumerable.Repeat((byte)0x5a, 64 * 1024).ToArray());
        }

        Should.Throw<StoreOpenException>(() => StoreBackup.Copy(Source, Copy, overwrite: false)).Message.ShouldContain("damaged");
        Directory.GetFiles(folder.FullName, "copy.db*").ShouldBe([Copy + "-lock"]);
    }

    [Fact]
    public void What_is_no_data_file_makes_no_backup()
    {
        using (var foreign = Database.Open(Source, readOnly: false))
        {
            foreign.Execute("CREATE TABLE other (x)");
        }

        Should.Throw<StoreOpenException>(() => StoreBackup.Copy(Source, Copy, overwrite: false)).Message.ShouldContain("not one of this server");
        Should.Throw<StoreOpenException>(() => StoreBackup.Copy(Source + "-none", Copy, overwrite: false)).Message.ShouldContain("no file");
        Should.Throw<StoreOpenException>(() => StoreBackup.Copy(Source, Source, overwrite: true)).Message.ShouldContain("the file itself");
        File.Exists(Copy).ShouldBeFalse();
    }

    private static SqliteStore Open(string path) => SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = path });
}
