using System.Diagnostics;
using System.Globalization;
using System.Net;
using Onramp.EmbeddedServer;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Temporalio.Client;
using Temporalio.Worker;

namespace Onramp.Bench;

/// <summary>
/// Start to result of workflows with one activity: server, worker and client in this process, over gRPC on loopback. One after the
/// other (idle latency), then many at once (throughput).
/// </summary>
internal static class WorkflowBench
{
    private const string TaskQueue = "bench";

    public static Verb Verb { get; } = new(
        "workflows", "workflows of one activity, from start to result: one at a time, then many at once", RunAsync,
        Option.Number("workflows", 3_000, "how many at once are measured"),
        Option.Number("concurrency", 50, "how many are under way at once"),
        Option.Number("warmup", 1_000, "how many go before"),
        Option.Number("idle", 200, "how many are measured one at a time"),
        Option.Number("repeat", 1, "how often all of it is done"),
        Option.Data);

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var results = new List<Result>();
        var repetitions = arguments.Number("repeat");
        for (var i = 0; i < repetitions; i++)
        {
            results.Add(await RunOnceAsync(arguments).ConfigureAwait(false));
        }

        if (repetitions > 1)
        {
            Measured.Print($"{repetitions} times without a stop: {Spread(results, result => result.PerSecond)} workflows/s, p99 {Spread(results, result => result.P99)} ms, {Spread(results, result => result.KibibytesWritten)} KiB written a workflow");
        }

        return 0;
    }

    private static string Spread(List<Result> results, Func<Result, double> value)
    {
        var sorted = results.Select(value).Order().ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"{sorted[0]:0.0} to {sorted[^1]:0.0} (median {sorted[sorted.Length / 2]:0.0})");
    }

    private static async Task<Result> RunOnceAsync(Arguments arguments)
    {
        using var place = new DataPlace(arguments);
        await using var server = await TemporalServer.StartAsync(new TemporalServerOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            DataFile = place.Path,
        }).ConfigureAwait(false);
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address) { GrpcCompression = new GrpcCompression.None() }).ConfigureAwait(false);
        using var worker = new TemporalWorker(client, new TemporalWorkerOptions(TaskQueue)
            .AddWorkflow<BenchWorkflow>()
            .AddAllActivities(typeof(BenchActivities), null));
        Measured.PrintMachine(place.Describe(SynchronousMode.Full));
        return await worker.ExecuteAsync(() => MeasureAsync(arguments, client)).ConfigureAwait(false);
    }

    private static async Task<Result> MeasureAsync(Arguments arguments, TemporalClient client)
    {
        var concurrency = arguments.Number("concurrency");
        await Measured.RunAsync(arguments.Number("warmup"), concurrency, _ => ExecuteAsync(client)).ConfigureAwait(false);

        var (idle, _) = await Measured.RunAsync(arguments.Number("idle"), 1, _ => ExecuteAsync(client)).ConfigureAwait(false);
        Measured.Print($"  idle, one at a time: {idle}");

        var count = arguments.Number("workflows");
        using var process = Process.GetCurrentProcess();
        var processorBefore = process.TotalProcessorTime;
        var allocatedBefore = GC.GetTotalAllocatedBytes();
        var collectionsBefore = GC.CollectionCount(0);
        using var transactions = new Transactions();
        var writtenBefore = DiskWrites.Bytes();
        var (busy, total) = await Measured.RunAsync(count, concurrency, _ => ExecuteAsync(client)).ConfigureAwait(false);
        process.Refresh();
        var processor = process.TotalProcessorTime - processorBefore;
        Measured.Print($"  {concurrency} at once: {count / total.TotalSeconds:0} workflows/s, {busy}");
        var written = writtenBefore is { } before && DiskWrites.Bytes() is { } after ? (double)(after - before) / count / 1024 : 0;
        if (written > 0)
        {
            Measured.Print($"  {written:0.0} KiB written to the disk a workflow");
        }

        Measured.Print($"  {transactions.DecisionsEach:0.0} decisions a transaction, {transactions.Pages / (double)count:0.0} pages a workflow, {transactions.Count / (double)count:0.00} transactions a workflow");

        Measured.Print(
            $"  processor time {processor.TotalMilliseconds / count:0.00} ms, allocated {(GC.GetTotalAllocatedBytes() - allocatedBefore) / count / 1024} KiB a workflow (server, worker and client), {GC.CollectionCount(0) - collectionsBefore} collections");
        return new Result(count / total.TotalSeconds, busy.Percentile(0.99), written);
    }

    private static async Task ExecuteAsync(TemporalClient client)
    {
        var result = await client.ExecuteWorkflowAsync(
            (BenchWorkflow workflow) => workflow.RunAsync("hello"),
            new WorkflowOptions($"bench-{Guid.NewGuid()}", TaskQueue)).ConfigureAwait(false);
        if (result != "hello")
        {
            throw new InvalidOperationException($"a workflow returned '{result}'");
        }
    }

    private sealed record Result(double PerSecond, double P99, double KibibytesWritten);
}
