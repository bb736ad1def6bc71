using System.Diagnostics;
using System.Net;
using Onramp.EmbeddedServer;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Timers;
using Temporalio.Client;

namespace Onramp.Bench;

/// <summary>How long the server takes to remove closed runs that are past their retention, and what others wait for meanwhile.</summary>
internal static class RetentionBench
{
    private const int Concurrency = 100;

    private static readonly TimeSpan SpaceIsGivenBackWithin = TimeSpan.FromSeconds(3);

    public static Verb Verb { get; } = new(
        "retention", "how long the removal of closed runs takes, and what others wait for meanwhile", RunAsync,
        Option.Number("runs", 10_000, "how many are removed"),
        Option.DataFile);

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var runs = arguments.Number("runs");
        using var place = new DataPlace(arguments);
        var time = new SkippingTimeProvider();
        var server = await TemporalServer.StartAsync(new TemporalServerOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            DataFile = place.Path,
            TimeProvider = time,
            NamespaceRetention = TimeSpan.FromDays(1),
        }).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address) { GrpcCompression = new GrpcCompression.None() }).ConfigureAwait(false);
            Measured.PrintMachine(place.Describe(SynchronousMode.Full));
            await Measured.RunAsync(runs, Concurrency, async i =>
            {
                var handle = await StartAsync(client, i).ConfigureAwait(false);
                await handle.TerminateAsync().ConfigureAwait(false);
            }).ConfigureAwait(false);

            time.Skip(TimeSpan.FromDays(2));
            var (meanwhile, took) = await SweepAsync(client).ConfigureAwait(false);
            Measured.Print($"  {runs} closed runs removed in {took.TotalSeconds:0.00} s; starts of workflows meanwhile: {meanwhile}");
            await Task.Delay(SpaceIsGivenBackWithin).ConfigureAwait(false);
        }

        Measured.Print($"  the file then has {new FileInfo(place.Path).Length / 1024} KiB");
        return 0;
    }

    /// <summary>Starts workflows one after the other until no closed run is left.</summary>
    private static async Task<(Measured Starts, TimeSpan Took)> SweepAsync(TemporalClient client)
    {
        var began = Stopwatch.GetTimestamp();
        List<double> starts = [];
        while ((await client.CountWorkflowsAsync("ExecutionStatus = 'Terminated'").ConfigureAwait(false)).Count > 0)
        {
            var before = Stopwatch.GetTimestamp();
            await StartAsync(client, -starts.Count - 1).ConfigureAwait(false);
            starts.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        return (new Measured([.. starts]), Stopwatch.GetElapsedTime(began));
    }

    private static Task<WorkflowHandle> StartAsync(TemporalClient client, int number) =>
        client.StartWorkflowAsync("Bench", ["hello"], new WorkflowOptions($"bench-{number}", "bench"));
}
