using System.Collections.Concurrent;
using System.Diagnostics;
using Temporalio.Client;
using Temporalio.Runtime;
using Temporalio.Worker;

namespace Onramp.Bench;

/// <summary>
/// Workflows of five activities, each with signals, updates and a completion by hand, on a server that is killed again and again: whatever was
/// acknowledged is in the result of its workflow, once; what wasn't is there once at most; and every workflow ends.
/// </summary>
internal static class StormBench
{
    private const string Queue = "storm";
    private const int LeastMilliseconds = 50;
    private const int MostMilliseconds = 400;
    private const int FaultsShown = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ToldEvery = TimeSpan.FromSeconds(10);

    public static Verb Verb { get; } = new(
        "storm", "workflows on a server that is killed again and again: nothing acknowledged is missing, nothing comes twice", RunAsync,
        Option.Number("workflows", 10_000, "how many"),
        Option.Number("seconds", 60, "how long the server is killed"),
        Option.Number("concurrency", 200, "how many are under way at a time"),
        Option.Seed,
        Option.DataFile);

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var workflows = arguments.Number("workflows");
        var storm = TimeSpan.FromSeconds(arguments.Number("seconds"));
        var seed = arguments.Seed();
        using var place = new DataPlace(arguments);
        await using var server = new KilledServer(place.Path);
        var address = await server.StartAsync().ConfigureAwait(false);
        Measured.Print($"seed {seed}, {workflows} workflows, killed every {LeastMilliseconds} to {MostMilliseconds} ms for {storm.TotalSeconds} s");

        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(address) { Runtime = Quiet() }).ConfigureAwait(false);
        using var worker = new TemporalWorker(client, new TemporalWorkerOptions(Queue).AddWorkflow<StormWorkflow>().AddAllActivities(typeof(StormActivities), null));
        using var patience = new CancellationTokenSource(Patience);
        var faults = new ConcurrentBag<string>();
        var tally = new StormTally();
        var began = Stopwatch.GetTimestamp();
        await using var progress = new Timer(_ => Console.Error.WriteLine($"  {tally.Ended} have ended after {server.Kills} kills"), null, ToldEvery, ToldEvery);
        await worker.ExecuteAsync(async () =>
        {
            var killing = KillAsync(server, storm, new Random(seed));
            await Measured.RunAsync(workflows, arguments.Number("concurrency"), i => DriveAsync(client, $"storm-{i}", faults, tally, patience.Token)).ConfigureAwait(false);
            await killing.ConfigureAwait(false);
        }).ConfigureAwait(false);

        Measured.Print($"{server.Kills} kills; all workflows had ended after {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s; {faults.Count} faults");
        Console.WriteLine($"  {tally}");
        foreach (var fault in faults.Take(FaultsShown))
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

    /// <summary>Drives a workflow to its end and looks at what it has seen.</summary>
    private static async Task DriveAsync(TemporalClient client, string id, ConcurrentBag<string> faults, StormTally tally, CancellationToken cancellationToken)
    {
        var driver = new StormDriver(client, Queue, id, cancellationToken);
        try
        {
            var seen = await driver.DriveAsync().ConfigureAwait(false);
            foreach (var fault in driver.Check(seen))
            {
                faults.Add($"{id}: {fault}; it has seen {string.Join(", ", seen)}");
            }

            tally.Add(driver, seen);
        }
        catch (Exception failure)
        {
            faults.Add($"{id}: {failure.Message}");
        }
    }
}
