using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Onramp.Activities.GitHub;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>GitHub's limits on writes are kept before it has to tell them.</summary>
public sealed class GitHubPaceTests
{
    private const int Services = 30;

    private static readonly string[] Steps =
        [StepIds.Repository, StepIds.Team, StepIds.Files, StepIds.GitHubEnvironment, StepIds.Variables, StepIds.Pipeline, StepIds.Protection];

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 21, 5, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Thirty_services_at_once_are_all_made_and_GitHub_never_has_to_refuse()
    {
        var clock = new LeapingTime(Services);
        var options = SandboxSettings.Fast();
        (options.TimeProvider, options.GitHubWritesPerHour) = (clock, null);
        await using var sandbox = await SandboxHost.StartAsync(options);
        var pace = new GitHubPace(new GitHubOptions { WritesPerHour = 0 }, clock);
        var runs = Enumerable.Range(0, Services).Select(i => SandboxRun.Create(
            sandbox,
            SandboxRun.Orders with { Name = $"orders-{i}" },
            runId: $"run-{i}",
            configure: services => services.AddSingleton<TimeProvider>(clock).AddSingleton(pace))).ToList();

        await Task.WhenAll(runs.Select(run => OnboardAsync(run, clock)));

        var refused = (await runs[0].LedgerAsync()).Count(e => e!["system"]!.ToString() == "github" && e["status"]!.GetValue<int>() == 403);
        var made = (await runs[0].KeysAsync()).Count(k => k.StartsWith("github repository acme/orders-"));
        foreach (var run in runs)
            await run.DisposeAsync();
        (refused, made).ShouldBe((0, Services));
    }

    [Theory]
    [InlineData(80, 0, 62)]
    [InlineData(0, 500, 3602)]
    public void A_write_that_is_one_too_many_waits_until_the_first_is_over(int minute, int hour, int seconds)
    {
        var pace = Pace(minute, hour);
        for (var i = 0; i < Math.Max(minute, hour); i++)
            pace.Admit();

        Refused(pace).ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public void Those_who_wait_come_back_one_after_the_other()
    {
        var pace = Pace(minute: 60, hour: 0);
        for (var i = 0; i < 60; i++)
            pace.Admit();

        Enumerable.Range(0, 3).Select(_ => Refused(pace).TotalSeconds).ShouldBe([62, 63, 64]);
    }

    [Fact]
    public void After_a_minute_there_is_room_again()
    {
        var pace = Pace(minute: 1, hour: 0);
        pace.Admit();
        time.Advance(TimeSpan.FromSeconds(62));

        Should.NotThrow(pace.Admit);
    }

    [Fact]
    public void Without_limits_all_go()
    {
        var pace = Pace(minute: 0, hour: 0);

        Should.NotThrow(() => Enumerable.Range(0, 1000).ToList().ForEach(_ => pace.Admit()));
    }

    [Fact]
    public async Task What_was_written_already_is_not_written_again()
    {
        await using var sandbox = await SandboxHost.StartAsync(SandboxSettings.Fast());
        await using var run = SandboxRun.Create(sandbox);
        await run.DoUntilAsync(StepIds.Variables);
        await run.DoAsync(StepIds.Variables);
        var mark = await run.LedgerEndAsync();

        await run.DoAsync(StepIds.Variables);

        (await run.LedgerEndAsync()).ShouldBe(mark);
    }

    private GitHubPace Pace(int minute, int hour) => new(new GitHubOptions { WritesPerMinute = minute, WritesPerHour = hour }, time);

    private static TimeSpan Refused(GitHubPace pace) => Should.Throw<ApplicationFailureException>(pace.Admit).NextRetryDelay!.Value;

    /// <summary>As a worker does: what is to wait waits as long as it is told.</summary>
    private static async Task OnboardAsync(SandboxRun run, LeapingTime clock)
    {
        run.Wait = failure => clock.WaitAsync(failure?.NextRetryDelay ?? TimeSpan.FromSeconds(1));
        run.Know((StepFacts.IdentityClientId, Guid.Empty.ToString()), (StepFacts.PipelineClientId, Guid.Empty.ToString()), (StepFacts.VaultName, "kv-orders"));
        try
        {
            foreach (var step in Steps)
                await run.DoAsync(step);
        }
        finally
        {
            clock.Done();
        }
    }
}
