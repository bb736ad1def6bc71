using System.Collections.Concurrent;
using System.Diagnostics;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Runtime;
using Temporalio.Worker;

namespace Onramp.Bench;

/// <summary>
/// Workflows of five activities, each with a signal and an update, on a server that is killed again and again: whatever was acknowledged is in
/// the result of its workflow, once, and every workflow ends.
/// </summary>
internal static class StormBench
{
    private const string Queue = "storm";
    private const int Concurrency = 200;
    private const int LeastMilliseconds = 50;
    private const int MostMilliseconds = 400;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var workflows = arguments.Number("workflows", 10_000);
        var storm = TimeSpan.FromSeconds(arguments.Number("seconds", 60));
        var seed = arguments.Number("seed", Environment.TickCount);
        using var place = new DataPlace(arguments.Text("data"));
        await using var server = new KilledServer(place.Path);
        var address = await server.StartAsync().ConfigureAwait(false);
        Measured.Print($"seed {seed}, {workflows} workflows, killed every {LeastMilliseconds} to {MostMilliseconds} ms for {storm.TotalSeconds} s");

        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(address) { Runtime = Quiet() }).ConfigureAwait(false);
        using var worker = new TemporalWorker(client, new TemporalWorkerOptions(Queue).AddWorkflow<StormWorkflow>().AddAllActivities(typeof(StormActivities), null));
        using var patience = new CancellationTokenSource(Patience);
        var faults = new ConcurrentBag<string>();
        var began = Stopwatch.GetTimestamp();
        await worker.ExecuteAsync(async () =>
        {
            var killing = KillAsync(server, storm, new Random(seed));
            await Measured.RunAsync(workflows, Concurrency, i => DriveAsync(client, $"storm-{i}", faults, patience.Token)).ConfigureAwait(false);
            await killing.ConfigureAwait(false);
        }).ConfigureAwait(false);

        Measured.Print($"{server.Kills} kills; all workflows had ended after {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s; {faults.Count} faults");
        foreach (var fault in faults.Take(20))
        {
            Console.WriteLine("  " + fault);
        }

        return faults.IsEmpty ? 0 : 1;
    }

    /// <summary>The SDK would tell of each retry.</summary>
    private static TemporalRuntime Quiet() => new(new TemporalRuntimeOptions
    {
        Telemetry = new TelemetryOptions { Logging = new LoggingOptions { Filter = new TelemetryFilterOptions(TelemetryFilterOptions.Level.Error) } },
    });

    private static async Task KillAsync(KilledServer server, TimeSpan storm, Random random)
    {
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < storm;)
        {
            await Task.Delay(random.Next(LeastMilliseconds, MostMilliseconds)).ConfigureAwait(false);
            await server.KillAndRestartAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Starts a workflow, signals and updates it, ends it, and looks at what it has seen.</summary>
    private static async Task DriveAsync(TemporalClient client, string id, ConcurrentBag<string> faults, CancellationToken cancellationToken)
    {
        try
        {
            await UntilAnsweredAsync(() => client.StartWorkflowAsync((StormWorkflow workflow) => workflow.RunAsync(), new WorkflowOptions(id, Queue)), cancellationToken).ConfigureAwait(false);
            var handle = client.GetWorkflowHandle<StormWorkflow, IReadOnlyList<string>>(id);
            await UntilAnsweredAsync(() => handle.SignalAsync(workflow => workflow.NoteAsync("signal")), cancellationToken).ConfigureAwait(false);
            await UntilAnsweredAsync(
                () => handle.ExecuteUpdateAsync(workflow => workflow.AddAsync("update"), new WorkflowUpdateOptions { Id = "update" }), cancellationToken).ConfigureAwait(false);
            await UntilAnsweredAsync(() => handle.SignalAsync(workflow => workflow.EndAsync()), cancellationToken).ConfigureAwait(false);
            IReadOnlyList<string> seen = [];
            await UntilAnsweredAsync(async () => seen = await handle.GetResultAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            Check(id, seen, faults);
        }
        catch (Exception failure)
        {
            faults.Add($"{id}: {failure.Message}");
        }
    }

    /// <summary>A signal whose answer was lost is sent anew and may come twice; nothing else may, and nothing may be missing.</summary>
    private static void Check(string id, IReadOnlyList<string> seen, ConcurrentBag<string> faults)
    {
        var expected = Enumerable.Range(0, StormWorkflow.Activities).Select(step => $"step {step}").Append("update");
        if (!seen.Contains("signal") || !seen.Where(what => what != "signal").Order(StringComparer.Ordinal).SequenceEqual(expected))
        {
            faults.Add($"{id} has seen {string.Join(", ", seen)}");
        }
    }

    private static async Task UntilAnsweredAsync(Func<Task> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await call().ConfigureAwait(false);
                return;
            }
            catch (WorkflowAlreadyStartedException)
            {
                // The answer to an earlier attempt was lost.
                return;
            }
            catch (Exception failure) when (IsOfTheStorm(failure) && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static bool IsOfTheStorm(Exception failure) => failure is WorkflowUpdateRpcTimeoutOrCanceledException
        || failure is RpcException { Code: not (RpcException.StatusCode.NotFound or RpcException.StatusCode.InvalidArgument or RpcException.StatusCode.AlreadyExists) };
}
