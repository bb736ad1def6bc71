using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Visibility;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <summary>The machine loses power while the end of the write-ahead log is being written: its last pages are there in part, or as something else.</summary>
public sealed class TornLogTests : IDisposable
{
    private const int Runs = 20;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onramp-torn-");

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>What happens to so many bytes at the end.</summary>
    public enum Damage
    {
        Missing,
        Zeros,
        Noise,
    }

    [Theory]
    [InlineData(Damage.Missing, 1)]
    [InlineData(Damage.Missing, 512)]
    [InlineData(Damage.Missing, 1_500)]
    [InlineData(Damage.Zeros, 450)]
    [InlineData(Damage.Zeros, 512)]
    [InlineData(Damage.Zeros, 536)]
    [InlineData(Damage.Noise, 1)]
    [InlineData(Damage.Noise, 600)]
    [InlineData(Damage.Noise, 1_500)]
    public async Task Only_the_commit_that_was_being_written_is_missing_and_writing_goes_on(Damage damage, int bytes)
    {
        var path = await CrashAsync();
        Tear(path + "-wal", damage, bytes);

        await using var store = Open(path);
        await store.CommitAsync([New(Key("after"))]);

        Enumerable.Range(0, Runs).Select(i => store.FindExecution(Key($"run-{i}")) is not null).ShouldBe(Enumerable.Range(0, Runs).Select(i => i < Runs - 1));
        store.ReadWaiting(WaitingPage.Start, 100).Tasks.Count.ShouldBe(Runs - 1);
        store.FindExecution(Key("after")).ShouldNotBeNull();
    }

    /// <summary>The files as they were when the last of several commits had just been written.</summary>
    private async Task<string> CrashAsync()
    {
        var path = Path.Combine(folder.FullName, "before.db");
        var copy = Path.Combine(folder.FullName, "after.db");
        await using var store = Open(path);
        for (var i = 0; i < Runs; i++)
        {
            await store.CommitAsync([New(Key($"run-{i}"), Batch(1, 2)) with { WorkflowTask = Dispatch(TaskKind.Workflow, "queue"), Visibility = Visible(Key($"run-{i}")) }]);
        }

        File.Copy(path, copy);
        File.Copy(path + "-wal", copy + "-wal");
        return copy;
    }

    private static void Tear(string log, Damage damage, int bytes)
    {
        using var file = new FileStream(log, FileMode.Open);
        if (damage == Damage.Missing)
        {
            file.SetLength(file.Length - bytes);
            return;
        }

        var torn = new byte[bytes];
        if (damage == Damage.Noise)
        {
            new Random(bytes).NextBytes(torn);
        }

        var before = new byte[bytes];
        file.Position = file.Length - bytes;
        file.ReadExactly(before);
        before.ShouldNotBe(torn, "what damages nothing shows nothing");
        file.Position = file.Length - bytes;
        file.Write(torn);
    }

    private static SqliteStore Open(string path) => SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = path });
}
