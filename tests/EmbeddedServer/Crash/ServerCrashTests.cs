using Xunit.Abstractions;

namespace Onramp.EmbeddedServer.Tests.Crash;

/// <summary>
/// The whole server, killed at moments that nobody chose, keeps every start, signal, task completion and timer that it acknowledged,
/// and does none of them twice.
/// </summary>
public sealed class ServerCrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Workflows = 6;
    private const int Rounds = 6;
    private const int MostAnswersBetweenKills = 25;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("onramp-crash-");
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(4));

    public void Dispose()
    {
        _patience.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_by_kills()
    {
        var random = NewRandom();
        await using var server = await StartAsync();

        await RunUnderKillsAsync(
            server, random, [.. Enumerable.Range(0, Workflows).Select(n => new CrashScript(server, $"workflow-{n}", Rounds, new Random(random.Next())))]);
    }

    [Fact]
    public async Task What_runs_ask_of_each_other_is_neither_lost_nor_doubled_by_kills()
    {
        const string Signalled = "signalled";
        const int Children = 12;
        await using var server = await StartAsync();
        await FamilyScript.StartAsync(server, Signalled, new() { Name = "nobody-polls" }, _patience.Token);

        await RunUnderKillsAsync(
            server, NewRandom(), [.. Enumerable.Range(0, 4).Select(n => new FamilyScript(server, $"parent-{n}", Children, Signalled))]);

        var signals = await FamilyScript.SignalsAsync(server, Signalled, _patience.Token);
        signals.ShouldBe(Enumerable.Range(0, 4).SelectMany(n => Enumerable.Range(0, Children).Select(m => $"parent-{n}-{m}")), ignoreOrder: true);
    }

    [Fact]
    public async Task Actions_of_schedules_are_neither_lost_nor_doubled_by_kills()
    {
        const int Actions = 8;
        await using var server = await StartAsync();

        await RunUnderKillsAsync(server, NewRandom(), [.. Enumerable.Range(0, 3).Select(n => new ScheduleScript(server, $"schedule-{n}", Actions))]);
    }

    [Fact]
    public async Task A_batch_operation_reaches_every_workflow_once_whatever_is_killed_in_the_middle_of_it()
    {
        const int Targets = 250;
        await using var server = await StartAsync();
        var script = new BatchScript(server, "batch", Targets);
        await script.StartTargetsAsync(_patience.Token);

        await RunUnderKillsAsync(server, NewRandom(), [script]);
    }

    private Random NewRandom()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        return new Random(seed);
    }

    private async Task<MortalServer> StartAsync()
    {
        var server = new MortalServer(Path.Combine(_folder.FullName, "server.db"));
        await server.StartAsync();
        return server;
    }

    /// <summary>Runs the scripts side by side while the server is killed, kills it once more, and has each script check what is there.</summary>
    private async Task RunUnderKillsAsync(MortalServer server, Random random, IReadOnlyList<ICrashScript> scripts)
    {
        var running = Task.WhenAll(scripts.Select(script => Task.Run(() => script.RunAsync(_patience.Token), _patience.Token)));
        await KillWhileAsync(running, server, random);
        await running;

        output.WriteLine($"{server.Restarts} kills");
        server.Restarts.ShouldBeGreaterThan(2);
        await server.KillAndRestartAsync();
        foreach (var script in scripts)
        {
            await script.CheckAsync(_patience.Token);
        }
    }

    private static async Task KillWhileAsync(Task running, MortalServer server, Random random)
    {
        while (true)
        {
            var answers = server.WaitForAnswersAsync(random.Next(3, MostAnswersBetweenKills));
            if (await Task.WhenAny(answers, running) == running)
            {
                return;
            }

            await server.KillAndRestartAsync();
        }
    }
}
