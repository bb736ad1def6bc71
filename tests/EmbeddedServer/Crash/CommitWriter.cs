using System.Globalization;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Tests.Storage;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Crash;

/// <summary>
/// Commits without end, on several lanes at once, and says so after each commit. Every commit changes all kinds of rows of two runs, so
/// that one that is there in part shows.
/// </summary>
internal static class CommitWriter
{
    public const int Lanes = 8;
    public const int StepsPerRun = 6;

    private static readonly SearchAttributeStep[] Steps =
        [.. Enumerable.Range(0, StepsPerRun).Select(step => new SearchAttributeStep(step, Attributes(("BuildIds", $"[\"step-{step}\"]"))))];

    public static async Task RunAsync(string path, TextWriter output)
    {
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = path, CheckpointBytes = 256 * 1024 });
        var acknowledge = TextWriter.Synchronized(output);
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => Task.Run(async () =>
        {
            // A file that was written before goes on with the next run.
            var first = 0;
            while (store.FindExecution(RunKey(lane, first)) is not null)
            {
                first++;
            }

            for (var run = first; ; run++)
            {
                for (var step = 0; step < StepsPerRun; step++)
                {
                    await store.CommitAsync([Write(RunKey(lane, run), step), Write(TwinKey(lane, run), step)]);
                    await acknowledge.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{lane} {run} {step}"));
                    await acknowledge.FlushAsync();
                }
            }
        })));
    }

    public static ExecutionKey RunKey(int lane, int run) => Key($"lane-{lane}", $"run-{run}");

    public static ExecutionKey TwinKey(int lane, int run) => Key($"twin-{lane}", $"run-{run}");

    /// <summary>What a run looks like after a step: its rows as text.</summary>
    public static string Describe(IStore store, ExecutionKey key)
    {
        var row = store.FindExecution(key);
        if (row is null)
        {
            return "nothing";
        }

        var history = store.ReadHistory(key, 1, int.MaxValue >> 8).Show();
        var pending = string.Join(' ', store.ReadPending(key).Select(pending => pending.Key.Id));
        return $"step {row.State[0]} of {row.State.Length} bytes, {row.Status}, history {history}, pending {pending}";
    }

    /// <summary>What it should look like.</summary>
    public static string Expect(int step)
    {
        var history = string.Join(' ', Enumerable.Range(0, step + 1).Select(one => $"{(one * 2) + 1}-{(one * 2) + 2}"));
        return $"step {step} of {StateBytes(step)} bytes, {Status(step)}, history {history}, pending step-{step}";
    }

    private static ExecutionWrite Write(ExecutionKey key, int step)
    {
        var state = new byte[StateBytes(step)];
        state[0] = (byte)step;
        return new ExecutionWrite
        {
            Key = key,
            IsNew = step == 0,
            MakeCurrent = step == 0,
            Status = Status(step),
            State = state,
            WakeUpAt = Noon.AddSeconds(step),
            History = [Batch((step * 2) + 1, (step * 2) + 2)],
            UpsertedPending = [Pending(PendingKind.Timer, $"step-{step}")],
            DeletedPending = step == 0 ? [] : [new PendingKey(PendingKind.Timer, $"step-{step - 1}")],
            Visibility = Visible(key, Status(step)) with { HistoryLength = step, SearchAttributes = Steps[step].Attributes },
        };
    }

    // Now small, now larger than a page, so that rows move.
    private static int StateBytes(int step) => step % 2 == 0 ? 100 : 9_000;

    private static WorkflowExecutionStatus Status(int step) =>
        step == StepsPerRun - 1 ? WorkflowExecutionStatus.Completed : WorkflowExecutionStatus.Running;

    private sealed record SearchAttributeStep(int Step, byte[] Attributes);
}
