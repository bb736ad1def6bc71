using System.Diagnostics;
using System.Globalization;
using Onramp.Cli.Api;
using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;
using Xunit.Abstractions;

namespace Onramp.EndToEnd.Tests;

/// <summary>
/// The whole process, server and files included, is killed without warning at random moments of runs and started again. Every
/// service asked for still ends completed, and each thing is made once.
/// </summary>
public sealed class KillTests(ITestOutputHelper log)
{
    private const int Kills = 20;
    private const int LongestLifeMilliseconds = 2500;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Killed_at_twenty_random_moments_every_service_still_completes_with_each_thing_made_once()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ONRAMP_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        log.WriteLine($"seed {seed} (set ONRAMP_SEED to repeat)");
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("onramp-kill-").FullName;
        var ports = OnrampProcess.FreePorts(2);
        var began = Stopwatch.GetTimestamp();
        try
        {
            var asked = new List<string>();
            var kills = 0;
            while (kills < Kills)
            {
                Stopwatch.GetElapsedTime(began).ShouldBeLessThan(Limit, $"after {kills} kills");
                await using var process = Start(folder, ports);
                await process.Ready.WaitAsync(Patience);
                using var api = new OnrampApi(new Uri($"http://127.0.0.1:{ports[0]}"), token: null);
                await KeepBusyAsync(api, asked);
                // The moment is the point: a run is under way, and how far it has come must not matter.
                await Task.Delay(random.Next(LongestLifeMilliseconds));
                await process.KillAsync();
                kills++;
            }
            log.WriteLine($"{kills} kills, {asked.Count} services, {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
            await FinishAsync(folder, ports, asked);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static OnrampProcess Start(string folder, int[] ports) => OnrampProcess.Start(
        ["up", "--data", folder, "--api-listen", $"127.0.0.1:{ports[0]}", "--temporal-listen", $"127.0.0.1:{ports[1]}", "--log-level", "error"],
        [.. Quick.Settings().Select(s => (s.Key.Replace(":", "__", StringComparison.Ordinal), s.Value))]);

    /// <summary>Sees to it that a run is under way: asks for the last service again, and for a new one when that has completed.</summary>
    private static async Task KeepBusyAsync(OnrampApi api, List<string> asked)
    {
        if (asked.Count > 0)
        {
            var again = await api.RequestAsync(Request(asked.Count), idempotencyKey: null, CancellationToken.None);
            if (again.Status is not OnboardingStatus.Completed)
                return;
        }
        var accepted = await api.RequestAsync(Request(asked.Count + 1), idempotencyKey: null, CancellationToken.None);
        asked.Add(accepted.Id);
    }

    private async Task FinishAsync(string folder, int[] ports, List<string> asked)
    {
        await using var process = Start(folder, ports);
        await process.Ready.WaitAsync(Patience);
        using var api = new OnrampApi(new Uri($"http://127.0.0.1:{ports[0]}"), token: null);
        foreach (var id in asked)
        {
            using var patience = new CancellationTokenSource(Patience);
            await foreach (var _ in api.FollowAsync(id, patience.Token))
            {
                // Only the end matters.
            }
            var view = await api.GetAsync(id, CancellationToken.None);
            view.Progress.Status.ShouldBe(OnboardingStatus.Completed, StackFixture.Describe(view));
        }
        var control = process.Output.Split('\n').Single(l => l.TrimStart().StartsWith("sandbox ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        using var sandbox = new SandboxControl(new Uri(control.Replace("state", "", StringComparison.Ordinal)));
        var ledger = await sandbox.LedgerAsync();
        log.WriteLine($"{ledger.Count} calls that could change something, {ledger.Count(e => e.Applied)} that did");
        Ledgers.CreatedTwice(ledger).ShouldBeEmpty();
    }

    private static ServiceRequest Request(int number) => StackFixture.Request($"survivor-{number}");
}
