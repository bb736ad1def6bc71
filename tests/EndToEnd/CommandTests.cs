using Onramp.Workflows.Contracts;

namespace Onramp.EndToEnd.Tests;

/// <summary>The commands as people type them, each its own process, against a running stack.</summary>
public sealed class CommandTests(StackFixture stack) : IClassFixture<StackFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Try_once_onboards_the_sample_and_ends_well()
    {
        var (exitCode, output) = await OnrampProcess.RunAsync(["try", "--once"], Limit);
        exitCode.ShouldBe(0, output);
        output.ShouldContain("orders-staging completed in");
        output.ShouldContain("Approved by ada, by itself");
        output.ShouldNotContain(" ERR ");
    }

    [Fact]
    public async Task A_service_is_created_approved_and_shown_from_the_command_line()
    {
        var created = await RunAsync("create", "typed", "--team", "payments", "-e", "staging", "--requester", "grace");
        created.ExitCode.ShouldBe(0, created.Output);
        await stack.PhaseAsync("typed-staging", OnboardingPhase.AwaitingApproval);
        (await RunAsync("approve", "typed-staging", "--as", "grace")).Output.ShouldContain("approver must not be the one who asked");
        var approved = await RunAsync("approve", "typed-staging", "--as", "ada", "--comment", "fine");
        approved.Output.ShouldContain("the approval is approved now");
        var watched = await RunAsync("watch", "typed-staging");
        watched.ExitCode.ShouldBe(0, watched.Output);
        watched.Output.ShouldContain("typed-staging completed");
        (await RunAsync("list", "--team", "payments", "--state", "completed")).Output.ShouldContain("typed-staging");
        (await RunAsync("get", "typed-staging", "--json")).Output.ShouldContain("\"status\": \"completed\"");
    }

    [Fact]
    public async Task What_the_api_refuses_is_shown_by_field_and_rule()
    {
        var (exitCode, output) = await RunAsync("create", "Bad!", "--team", "payments", "--plan", "huge");
        exitCode.ShouldBe(1);
        output.ShouldContain("name (pattern)");
        output.ShouldContain("plan (oneOf)");
    }

    [Fact]
    public async Task An_api_that_is_not_there_is_one_line()
    {
        var (exitCode, output) = await OnrampProcess.RunAsync(["list", "--api", "http://127.0.0.1:1"], Limit);
        exitCode.ShouldBe(1);
        output.Trim().ShouldStartWith("onramp: the Onramp API can't be reached");
        output.Trim().ShouldNotContain("\n");
    }

    [Fact]
    public async Task A_taken_port_a_foreign_file_and_an_unreachable_server_are_one_line_each()
    {
        var taken = await OnrampProcess.RunAsync(["up", "--data", ":memory:", "--temporal-listen", "127.0.0.1:0", "--api-listen", $"127.0.0.1:{stack.Api.Address.Port}"], Limit);
        taken.Output.ShouldContain("Another process listens there");
        taken.ExitCode.ShouldBe(1);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "this is no database, but a letter to my aunt");
        var foreign = await OnrampProcess.RunAsync(["server", "--listen", "127.0.0.1:0", "--data", file], Limit);
        foreign.Output.ShouldContain("is not a data file of Onramp");
        File.ReadAllText(file).ShouldBe("this is no database, but a letter to my aunt");
        File.Delete(file);
        var nonsense = await OnrampProcess.RunAsync(["worker"], Limit, ("TEMPORAL_ADDRESS", "not an address"));
        (nonsense.ExitCode, nonsense.Output.Trim()).ShouldBe((2, "onramp: TEMPORAL_ADDRESS must be HOST:PORT, such as temporal.example.com:7233, not 'not an address'."));
    }

    [Fact]
    public async Task Parts_run_as_processes_of_their_own_and_drain_when_asked_to_stop()
    {
        var ports = OnrampProcess.FreePorts(2);
        var folder = Directory.CreateTempSubdirectory("onramp-parts-").FullName;
        var config = Path.Combine(folder, "sandbox.json");
        var address = ("TEMPORAL_ADDRESS", (string?)$"127.0.0.1:{ports[0]}");
        await using var server = OnrampProcess.Start(["server", "--listen", $"127.0.0.1:{ports[0]}", "--data", Path.Combine(folder, "temporal.db")]);
        await using var sandbox = OnrampProcess.Start(["sandbox", "--write-config", config]);
        await OutputAsync(sandbox, "Sandbox, state at");
        await using var worker = OnrampProcess.Start(["worker", "--config", config], [address, .. Environments()]);
        await using var starter = OnrampProcess.Start(["starter", "--listen", $"127.0.0.1:{ports[1]}"], address);
        await OutputAsync(worker, "Worker of");
        await OutputAsync(starter, "API on");
        var created = await OnrampProcess.RunAsync(
            ["create", "spread", "--team", "payments", "--watch"], Limit, ("ONRAMP_API", $"http://127.0.0.1:{ports[1]}"));
        created.ExitCode.ShouldBe(0, created.Output + worker.Output);
        foreach (var part in new[] { starter, worker, sandbox, server })
        {
            (await part.TerminateAsync(Limit)).ShouldBe(0, part.Output);
            part.Output.ShouldContain("Draining.");
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Another_programs_settings_where_it_is_started_are_not_its_own()
    {
        var ports = OnrampProcess.FreePorts(2);
        var folder = Directory.CreateTempSubdirectory("onramp-stray-").FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "appsettings.json"), $$"""{ "Kestrel": { "Endpoints": { "Stray": { "Url": "http://127.0.0.1:{{ports[0]}}" } } } }""");

        await using var process = OnrampProcess.StartIn(
            folder, ["up", "--data", ":memory:", "--temporal-listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"], ("Kestrel__Endpoints__Other__Url", $"http://127.0.0.1:{ports[1]}"));
        await process.Ready.WaitAsync(Limit);

        ports.Where(p => !OnrampProcess.IsFree(p)).ShouldBeEmpty(process.Output);
        await process.KillAsync();
        Directory.Delete(folder, recursive: true);
    }

    private Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) =>
        OnrampProcess.RunAsync(arguments, Limit, ("ONRAMP_API", stack.Api.Address.ToString()));

    private static IEnumerable<(string, string?)> Environments() =>
        Quick.Settings().Select(s => (s.Key.Replace(":", "__", StringComparison.Ordinal), s.Value));

    private static async Task OutputAsync(OnrampProcess process, string text)
    {
        using var patience = new CancellationTokenSource(Limit);
        while (!process.Output.Contains(text, StringComparison.Ordinal))
            await Task.Delay(50, patience.Token);
    }
}
