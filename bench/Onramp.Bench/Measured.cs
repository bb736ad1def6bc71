using System.Diagnostics;
using System.Globalization;

namespace Onramp.Bench;

/// <summary>Durations of one kind, and what is said about them.</summary>
internal sealed class Measured(double[] milliseconds)
{
    private readonly double[] _sorted = [.. milliseconds.Order()];

    public double Percentile(double fraction) =>
        _sorted.Length == 0 ? 0 : _sorted[Math.Clamp((int)Math.Ceiling(fraction * _sorted.Length) - 1, 0, _sorted.Length - 1)];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"p50 {Percentile(0.5):0.00} ms, p95 {Percentile(0.95):0.00} ms, p99 {Percentile(0.99):0.00} ms");

    /// <summary>Runs a number of iterations in parallel lanes; returns what each took and what all took.</summary>
    public static async Task<(Measured Latencies, TimeSpan Total)> RunAsync(int count, int concurrency, Func<int, Task> iteration)
    {
        var latencies = new double[count];
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Math.Min(count, concurrency)).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                var before = Stopwatch.GetTimestamp();
                await iteration(i).ConfigureAwait(false);
                latencies[i] = Stopwatch.GetElapsedTime(before).TotalMilliseconds;
            }
        }))).ConfigureAwait(false);
        return (new Measured(latencies), Stopwatch.GetElapsedTime(started));
    }

    public static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    public static void PrintMachine(string where) =>
        Print($"{Environment.ProcessorCount} cores, {where}, {(System.Runtime.GCSettings.IsServerGC ? "server" : "workstation")} GC, .NET {Environment.Version}");
}
