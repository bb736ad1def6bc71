using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Enums.V1;

namespace Onramp.Bench;

/// <summary>Commits a second, by how many wait together and by how they are synced.</summary>
internal static class StoreBench
{
    private const int StateBytes = 1500;
    private const int EventBytes = 700;

    public static Verb Verb { get; } = new(
        "store", "commits a second, by how many wait together and by how they are synced", RunAsync,
        Option.Number("commits", 20_000, "how many are made of each kind"),
        Option.Data);

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var commits = arguments.Number("commits");
        var modes = arguments.Find("data") == SqliteStoreOptions.InMemory
            ? [SynchronousMode.Off]
            : new[] { SynchronousMode.Full, SynchronousMode.Normal, SynchronousMode.Off };
        foreach (var mode in modes)
        {
            foreach (var concurrency in new[] { 1, 10, 100 })
            {
                await RunAsync(arguments, mode, concurrency, concurrency == 1 ? commits / 4 : commits).ConfigureAwait(false);
            }
        }

        return 0;
    }

    private static async Task RunAsync(Arguments arguments, SynchronousMode mode, int concurrency, int commits)
    {
        using var place = new DataPlace(arguments);
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = place.Path, Synchronous = mode });
        if (concurrency == 1)
        {
            Measured.PrintMachine(place.Describe(mode));
        }

        var state = new byte[StateBytes];
        var events = new byte[EventBytes];
        var lengths = new long[concurrency];
        var lanes = new System.Collections.Concurrent.ConcurrentBag<int>(Enumerable.Range(0, concurrency));
        var (latencies, total) = await Measured.RunAsync(commits, concurrency, async _ =>
        {
            lanes.TryTake(out var lane);
            var step = lengths[lane]++;
            await store.CommitAsync([Write(lane, step, state, events)]).ConfigureAwait(false);
            lanes.Add(lane);
        }).ConfigureAwait(false);
        var perTransaction = (double)store.Statistics.Commits / store.Statistics.Transactions;
        Measured.Print(
            $"  {concurrency,4} at once: {commits / total.TotalSeconds,8:0} commits/s, {perTransaction,6:0.0} a transaction, {latencies}");
    }

    /// <summary>A run of five decisions, then the next: what a workflow with one activity writes.</summary>
    private static ExecutionWrite Write(int lane, long step, byte[] state, byte[] events)
    {
        const int decisions = 5;
        var (run, decision) = Math.DivRem(step, decisions);
        var key = new ExecutionKey("bench", $"lane-{lane}-{run}", $"run-{lane}-{run}");
        var isLast = decision == decisions - 1;
        var now = DateTimeOffset.UtcNow;
        return new ExecutionWrite
        {
            Key = key,
            IsNew = decision == 0,
            MakeCurrent = decision == 0,
            Status = isLast ? WorkflowExecutionStatus.Completed : WorkflowExecutionStatus.Running,
            State = state,
            History = [new HistoryBatchRow((decision * 2) + 1, (decision * 2) + 2, events)],
            UpsertedPending = decision == 1 ? [new PendingRow(new PendingKey(PendingKind.Activity, "5"), events, null)] : [],
            DeletedPending = decision == 3 ? [new PendingKey(PendingKind.Activity, "5")] : [],
            Visibility = decision == 0 || isLast ? Row(key, now, isLast) : null,
        };
    }

    private static VisibilityRow Row(ExecutionKey key, DateTimeOffset now, bool isClosed) => new()
    {
        WorkflowType = "Bench",
        TaskQueue = "bench",
        Status = isClosed ? WorkflowExecutionStatus.Completed : WorkflowExecutionStatus.Running,
        StartTime = now,
        ExecutionTime = now,
        CloseTime = isClosed ? now : null,
        RootWorkflowId = key.WorkflowId,
        RootRunId = key.RunId,
    };
}
