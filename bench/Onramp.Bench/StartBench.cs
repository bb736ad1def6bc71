using System.Diagnostics;
using Temporalio.Testing;

namespace Onramp.Bench;

/// <summary>
/// How soon the program serves what an SDK's test environment starts it for. The SDK starts it, as development server and as test server, and gives it five
/// seconds.
/// </summary>
internal static class StartBench
{
    public static Verb Verb { get; } = new(
        "start", "how soon the program answers an SDK that starts it", RunAsync,
        Option.Text("program", "FILE", "the published program, as dotnet publish src/Cli -c Release -o FOLDER makes it"),
        Option.Number("repeat", 10, "how often each is started"),
        Option.Number("at-once", 1, "how many are started side by side"));

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var program = Path.GetFullPath(arguments.Find("program") ?? throw new UsageException("--program is needed"));
        if (!File.Exists(program))
        {
            throw new UsageException($"there is no {program}");
        }

        Measured.PrintMachine(program);
        await MeasureAsync("start-dev", arguments, () => WorkflowEnvironment.StartLocalAsync(new() { DevServerOptions = new() { ExistingPath = program } })).ConfigureAwait(false);
        await MeasureAsync("test server", arguments, () => WorkflowEnvironment.StartTimeSkippingAsync(new() { TestServer = new() { ExistingPath = program } })).ConfigureAwait(false);
        return 0;
    }

    private static async Task MeasureAsync(string what, Arguments arguments, Func<Task<WorkflowEnvironment>> start)
    {
        var times = new double[arguments.Number("repeat")];
        await Parallel.ForAsync(0, times.Length, new ParallelOptions { MaxDegreeOfParallelism = arguments.Number("at-once") }, async (i, _) =>
        {
            var began = Stopwatch.GetTimestamp();
            var environment = await start().ConfigureAwait(false);
            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            await environment.DisposeAsync().ConfigureAwait(false);
        }).ConfigureAwait(false);
        Measured.Print($"  {what}: {new Measured(times)}");
    }
}
