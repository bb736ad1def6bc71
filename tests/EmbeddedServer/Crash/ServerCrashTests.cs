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
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("onramp-crash-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_by_kills()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var patience = new CancellationTokenSource(Patience);
        await using var server = new MortalServer(Path.Combine(_folder.FullName, "server.db"));
        await server.StartAsync();
        var scripts = Enumerable.Range(0, Workflows)
            .Select(n => new CrashScript(server, $"workflow-{n}", Rounds, new Random(random.Next())))
            .ToArray();

        var running = Task.WhenAll(scripts.Select(script => Task.Run(() => script.RunAsync(patience.Token), patience.Token)));
        await KillWhileAsync(running, server, random);
        await running;

        output.WriteLine($"{server.Restarts} kills");
        server.Restarts.ShouldBeGreaterThan(2);
        await server.KillAndRestartAsync();
        foreach (var script in scripts)
        {
            await script.CheckAsync(patience.Token);
        }
    }

    [Fact]
    public async Task What_runs_ask_of_each_other_is_neither_lost_nor_doubled_by_kills()
    {
        const string Signalled = "signalled";
        const int Children = 12;
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        using var patience = new CancellationTokenSource(Patience);
        await using var server = new MortalServer(Path.Combine(_folder.FullName, "server.db"));
        await server.StartAsync();
        await FamilyScript.StartAsync(server, Signalled, new() { Name = "nobody-polls" }, patience.Token);
        var scripts = Enumerable.Range(0, 4).Select(n => new FamilyScript(server, $"parent-{n}", Children, Signalled)).ToArray();

        var running = Task.WhenAll(scripts.Select(script => Task.Run(() => script.RunAsync(patience.Token), patience.Token)));
        await KillWhileAsync(running, server, new Random(seed));
        await running;

        output.WriteLine($"{server.Restarts} kills");
        server.Restarts.ShouldBeGreaterThan(2);
        await server.KillAndRestartAsync();
        foreach (var script in scripts)
        {
            await script.CheckAsync(patience.Token);
        }

        var signals = await FamilyScript.SignalsAsync(server, Signalled, patience.Token);
        signals.ShouldBe(Enumerable.Range(0, 4).SelectMany(n => Enumerable.Range(0, Children).Select(m => $"parent-{n}-{m}")), ignoreOrder: true);
    }

    [Fact]
    public async Task Actions_of_schedules_are_neither_lost_nor_doubled_by_kills()
    {
        const int Actions = 8;
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        using var patience = new CancellationTokenSource(Patience);
        await using var server = new MortalServer(Path.Combine(_folder.FullName, "server.db"));
        await server.StartAsync();
        var scripts = Enumerable.Range(0, 3).Select(n => new ScheduleScript(server, $"schedule-{n}", Actions)).ToArray();

        var running = Task.WhenAll(scripts.Select(script => Task.Run(() => script.RunAsync(patience.Token), patience.Token)));
        await KillWhileAsync(running, server, new Random(seed));
        await running;

        output.WriteLine($"{server.Restarts} kills");
        server.Restarts.ShouldBeGreaterThan(2);
        await server.KillAndRestartAsync();
        foreach (var script in scripts)
        {
            await script.CheckAsync(patience.Token);
        }
    }

    [Fact]
    public async Task A_batch_operation_reaches_every_workflow_once_whatever_is_killed_in_the_middle_of_it()
    {
        const int Targets = 250;
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        using var patience = new CancellationTokenSource(Patience);
        await using var server = new MortalServer(Path.Combine(_folder.FullName, "server.db"));
        await server.StartAsync();
        var script = new BatchScript(server, "batch", Targets);
        await script.StartTargetsAsync(patience.Token);

        var running = Task.Run(() => script.RunAsync(patience.Token), patience.Token);
        await KillWhileAsync(running, server, new Random(seed));
        await running;

        output.WriteLine($"{server.Restarts} kills");
        server.Restarts.ShouldBeGreaterThan(2);
        await server.KillAndRestartAsync();
        await script.CheckAsync(patience.Token);
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
