using System.Globalization;
using Google.Protobuf;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Tests.Storage;
using Onramp.EmbeddedServer.Visibility;
using Xunit.Abstractions;

namespace Onramp.EmbeddedServer.Tests.Crash;

/// <summary>A process that is killed while it commits loses nothing that it acknowledged and leaves nothing half-written.</summary>
public sealed class StoreCrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 5;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("onramp-crash-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Every_acknowledged_commit_survives_and_no_other_is_there_in_part()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var path = Path.Combine(_folder.FullName, "store.db");
        var acknowledged = new Dictionary<(int Lane, int Run), int>();
        for (var kill = 0; kill < Kills; kill++)
        {
            var before = acknowledged.Values.Sum(step => step + 1);
            await WriteUntilKilledAsync(path, random.Next(1, 400), acknowledged);
            output.WriteLine($"{acknowledged.Values.Sum(step => step + 1) - before} commits acknowledged");
            await using var store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = path });
            Check(store, acknowledged);
        }
    }

    private static async Task WriteUntilKilledAsync(string path, int commits, Dictionary<(int Lane, int Run), int> acknowledged)
    {
        await using var victim = VictimProcess.Start(Victim.WriteCommits, path);
        for (var count = 0; await victim.ReadLineAsync() is { } line; count++)
        {
            // The last line may have been cut off: its commit counts as not acknowledged.
            if (line.Split(' ') is [var lane, var run, var step])
            {
                acknowledged[(Number(lane), Number(run))] = Number(step);
            }

            if (count == commits)
            {
                await victim.KillAsync();
            }
        }

        static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }

    private static void Check(SqliteStore store, Dictionary<(int Lane, int Run), int> acknowledged)
    {
        var visibility = new SqliteVisibility(store);
        foreach (var ((lane, run), step) in acknowledged)
        {
            var key = CommitWriter.RunKey(lane, run);
            int found = store.FindExecution(key).ShouldNotBeNull($"lane {lane} run {run}").State[0];

            // One commit more than was acknowledged may be there, in whole.
            found.ShouldBeInRange(step, step + 1);
            CommitWriter.Describe(store, key).ShouldBe(CommitWriter.Expect(found));
            CommitWriter.Describe(store, CommitWriter.TwinKey(lane, run)).ShouldBe(CommitWriter.Expect(found));
            visibility.List(StoreRows.Namespace, "default", $"RunId = 'run-{run}' AND BuildIds = 'step-{found}'", 100, ByteString.Empty)
                .Executions.Select(info => info.Execution.WorkflowId)
                .ShouldBeSubsetOf(Enumerable.Range(0, CommitWriter.Lanes).SelectMany(n => new[] { $"lane-{n}", $"twin-{n}" }));
            visibility.Count(StoreRows.Namespace, "default", $"WorkflowId = 'lane-{lane}' AND RunId = 'run-{run}' AND BuildIds = 'step-{found}'")
                .Count.ShouldBe(1);
            visibility.Count(StoreRows.Namespace, "default", $"WorkflowId = 'lane-{lane}' AND RunId = 'run-{run}' AND BuildIds IS NOT NULL")
                .Count.ShouldBe(1);
            store.FindCurrentRunId(StoreRows.Namespace, key.WorkflowId).ShouldNotBeNull();
        }

        CheckNothingElse(store, acknowledged);
    }

    /// <summary>A run that nobody acknowledged may be there, as its first commit left it.</summary>
    private static void CheckNothingElse(SqliteStore store, Dictionary<(int Lane, int Run), int> acknowledged)
    {
        for (var lane = 0; lane < CommitWriter.Lanes; lane++)
        {
            var next = acknowledged.Keys.Where(key => key.Lane == lane).Select(key => key.Run + 1).DefaultIfEmpty(0).Max();
            var run = CommitWriter.Describe(store, CommitWriter.RunKey(lane, next));
            run.ShouldBeOneOf("nothing", CommitWriter.Expect(0));
            CommitWriter.Describe(store, CommitWriter.TwinKey(lane, next)).ShouldBe(run);
        }
    }
}
