using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Tests;

/// <summary>The pipeline is started once, after it can log in.</summary>
public sealed class PipelineTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    [Fact]
    public async Task It_is_started_once_on_the_default_branch()
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(StepIds.Pipeline);
        await run.DoAsync(StepIds.Pipeline);
        await run.DoAsync(StepIds.Pipeline);

        (await StartsAsync(run)).ShouldBe(["main"]);
    }

    [Fact]
    public async Task It_comes_after_its_variables_and_its_trust()
    {
        await using var run = await fixture.StartAsync();

        var order = run.InOrder().Select(s => s.Id).ToList();

        ((string[])[StepIds.Variables, StepIds.Federation, StepIds.RegistryAccess, StepIds.Files]).ShouldAllBe(id => order.IndexOf(id) < order.IndexOf(StepIds.Pipeline));
    }

    [Theory]
    [InlineData("drop", 1)]
    [InlineData("dropBefore", 0)]
    public async Task A_start_without_an_answer_is_looked_for_before_it_is_made_again(string lost, int startedAtFirst)
    {
        var clock = new Later();
        await using var run = SandboxRun.Create(fixture.Sandbox, configure: s => s.AddSingleton<TimeProvider>(clock));
        await run.ResetAsync();
        await run.DoUntilAsync(StepIds.Pipeline);
        await Task.Delay(fixture.Sandbox.Options.WorkflowIndexingDelay * 50, TimeProvider.System);
        await run.AddFaultAsync(new JsonObject { ["system"] = "github", ["method"] = "POST", ["route"] = "/repos/{owner}/{repo}/actions/{**rest}", ["action"] = lost });
        var first = await CallAsync(run);
        var second = await CallAsync(run);
        var started = await StartsAsync(run);
        clock.Offset = TimeSpan.FromMinutes(2);

        await run.DoAsync(StepIds.Pipeline);

        (first.Ready, second.Ready, started.Count, (await StartsAsync(run)).Count).ShouldBe((false, lost == "drop", startedAtFirst, 1));
    }

    [Theory]
    [InlineData("other.yaml", "no workflow other.yaml")]
    public async Task A_template_without_the_workflow_is_a_warning(string workflow, string words)
    {
        await using var run = SandboxRun.Create(fixture.Sandbox, settings: ("Onramp:GitHub:PipelineWorkflow", workflow));
        await run.ResetAsync();
        await run.ClearFaultsAsync();
        await run.DoUntilAsync(StepIds.Pipeline);

        (await run.DoAsync(StepIds.Pipeline)).Warning.ShouldNotBeNull().ShouldContain(words);
    }

    [Fact]
    public async Task An_adopted_repositorys_pipeline_is_its_teams_to_start()
    {
        await using var run = SandboxRun.Create(fixture.Sandbox, SandboxRun.Orders with { Repository = new RepositoryRequest { Mode = Vocabulary.RepositoryAdopt } });

        run.Steps.ShouldNotContain(s => s.Id == StepIds.Pipeline);
    }

    private static async Task<StepResult> CallAsync(SandboxRun run)
    {
        var result = (StepResult)(await run.CallAsync(ActivityNames.StartPipeline, [run.Input(StepIds.Pipeline)]))!;
        run.Know([.. result.Facts.Select(f => (f.Key, f.Value))]);
        return result;
    }

    private static async Task<IReadOnlyList<string>> StartsAsync(SandboxRun run)
    {
        using var team = new SandboxApi(run.Sandbox);
        var runs = await team.GitHubAsync("GET", "/repos/acme/orders/actions/runs?event=workflow_dispatch&per_page=100");
        return [.. runs!["workflow_runs"]!.AsArray().Select(r => r!["head_branch"]!.ToString())];
    }

    private sealed class Later : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
