using System.Diagnostics;
using System.Globalization;
using System.Net;
using Google.Protobuf;
using Onramp.EmbeddedServer;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;

namespace Onramp.Bench;

/// <summary>
/// Runs that all wait for a worker (or, with <c>--for timer</c>, to be woken): how soon a server that starts on such a file hands out the
/// first task, and what memory it takes in the end.
/// </summary>
internal static class WaitingBench
{
    private const string Queue = "bench";
    private const int RunsPerCommit = 2_000;
    private const int TasksTaken = 500;

    public static Verb Verb { get; } = new(
        "waiting", "memory and first task of a server with many waiting runs", RunAsync,
        Option.Number("runs", 100_000, "how many are written; a file that is there keeps its own"),
        Option.Choice("for", "what they wait for", "task", "timer"),
        Option.DataFile);

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var runs = arguments.Number("runs");
        var isTimer = arguments.Find("for") == "timer";
        using var place = new DataPlace(arguments);
        Measured.PrintMachine(place.Describe(SynchronousMode.Full));
        if (!File.Exists(place.Path))
        {
            var began = Stopwatch.GetTimestamp();
            await FillAsync(place.Path, runs, isTimer).ConfigureAwait(false);
            Measured.Print($"  {runs} waiting runs written in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        }

        await MeasureAsync(place.Path, isTimer ? 0 : runs).ConfigureAwait(false);
        return 0;
    }

    /// <summary>One run is started as clients do it; the others are written like it.</summary>
    private static async Task FillAsync(string path, int runs, bool isTimer)
    {
        var server = await TemporalServer.StartAsync(new TemporalServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), DataFile = path }).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address)).ConfigureAwait(false);
            await client.StartWorkflowAsync("Bench", ["hello"], new WorkflowOptions("bench-0", Queue)).ConfigureAwait(false);
        }

        var store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = path });
        await using (store.ConfigureAwait(false))
        {
            var task = store.ReadWaiting(WaitingPage.Start, 1).Tasks.Single();
            var row = store.FindExecution(task.Key)!;
            var history = store.ReadHistory(task.Key, 1, 10);
            foreach (var chunk in Enumerable.Range(1, runs - 1).Chunk(RunsPerCommit))
            {
                await store.CommitAsync(Array.ConvertAll(chunk, number => Copy(row, history, task.Dispatch, number, isTimer))).ConfigureAwait(false);
            }
        }
    }

    private static ExecutionWrite Copy(ExecutionRow row, IReadOnlyList<HistoryBatchRow> history, TaskDispatch task, int number, bool isTimer)
    {
        var key = new ExecutionKey(row.Key.NamespaceId, $"bench-{number}", Guid.NewGuid().ToString("D"));
        return new ExecutionWrite
        {
            Key = key,
            IsNew = true,
            MakeCurrent = true,
            Status = row.Status,
            Start = row.Start,
            State = row.State,
            History = history,
            WorkflowTask = isTimer ? null : task with { ScheduledAt = task.ScheduledAt.AddTicks(number) },
            WakeUpAt = isTimer ? task.ScheduledAt.AddYears(1).AddTicks(number) : null,
            Visibility = new VisibilityRow
            {
                WorkflowType = "Bench",
                TaskQueue = Queue,
                Status = row.Status,
                StartTime = task.ScheduledAt.AddTicks(number),
                ExecutionTime = task.ScheduledAt.AddTicks(number),
                RootWorkflowId = key.WorkflowId,
                RootRunId = key.RunId,
            },
        };
    }

    /// <summary>The server is a process of its own, so that its memory is its own.</summary>
    /// <param name="tasks">How many tasks wait.</param>
    private static async Task MeasureAsync(string path, int tasks)
    {
        var began = Stopwatch.GetTimestamp();
        using var server = Process.Start(new ProcessStartInfo(
            "dotnet", [typeof(WaitingBench).Assembly.Location, "serve", "--data", path]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        try
        {
            var address = await server.StandardOutput.ReadLineAsync().ConfigureAwait(false);
            var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(address!)).ConfigureAwait(false);
            await PollAsync(client).ConfigureAwait(false);
            Measured.Print($"  first task {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s after the process began");
            for (var i = 0; i < Math.Min(tasks, TasksTaken); i++)
            {
                await PollAsync(client).ConfigureAwait(false);
            }

            // It has taken up everything when its memory has stopped growing.
            for (var (before, now) = (0L, 1L); now > before; (before, now) = (now, Status(server.Id, "VmHWM")))
            {
                await Task.Delay(TimeSpan.FromSeconds(3)).ConfigureAwait(false);
            }

            var described = await client.WorkflowService.DescribeTaskQueueAsync(new DescribeTaskQueueRequest
            {
                Namespace = "default",
                TaskQueue = new TaskQueue { Name = Queue },
                TaskQueueType = TaskQueueType.Workflow,
                ReportStats = true,
            }).ConfigureAwait(false);
            Measured.Print($"  {described.Stats.ApproximateBacklogCount} tasks known to wait");
            Measured.Print($"  memory of the server: {Status(server.Id, "VmRSS")} MB now, {Status(server.Id, "VmHWM")} MB at most");
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync().ConfigureAwait(false);
        }
    }

    private static async Task PollAsync(TemporalClient client)
    {
        var task = await client.WorkflowService.PollWorkflowTaskQueueAsync(new PollWorkflowTaskQueueRequest
        {
            Namespace = "default",
            TaskQueue = new TaskQueue { Name = Queue },
            Identity = "bench",
        }, new RpcOptions { Timeout = TimeSpan.FromSeconds(70) }).ConfigureAwait(false);
        if (task.TaskToken == ByteString.Empty)
        {
            throw new InvalidOperationException("no task came");
        }
    }

    private static long Status(int process, string name) => long.Parse(
        File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal),
        NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) / 1024;
}
