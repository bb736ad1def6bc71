using System.Text.Json.Nodes;
using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;

namespace Onramp.Core.Tests;

/// <summary>What was there before is adopted where the order says so, and let go of again; never taken, never removed.</summary>
public sealed class AdoptionTests
{
    [Fact]
    public async Task A_name_that_is_taken_is_refused_with_a_way_out()
    {
        await using var world = await World.StartAsync();
        await TheirsAsync(world);
        var asked = await world.OnboardAsync("orders", "development");
        var ended = await world.EndedAsync("orders", asked.ChangeId);
        (ended.Outcome, ended.Failure!.Type).ShouldBe((ChangeOutcome.Failed, ErrorTypes.NameTaken));
        ended.Remediation!.ShouldContain("adopt it");
    }

    [Fact]
    public async Task Adopted_it_is_the_services_and_its_own_contents_stay()
    {
        await using var world = await World.StartAsync();
        await TheirsAsync(world);
        await AdoptAsync(world);
        var state = await world.StateUntilAsync("orders", s => s.Open.Count == 0);
        state.Inventory.Single(i => i.Capability == "repository").Adopted.ShouldBeTrue();
        (await world.WritesAsync("POST", "/generate")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Adopting_needs_somebody_elses_word()
    {
        await using var world = await World.StartAsync();
        await TheirsAsync(world);
        var asked = await world.AskAsync("orders", Order);
        var view = await world.UntilAsync("orders", asked.ChangeId, v => v.Phase == ChangePhase.AwaitingApproval);
        view.Approval!.Requirement.Reasons.ShouldBe(["adopts what is there already"]);
        view.Plan!.Actions.Single(a => a.Capability == "repository").Kind.ShouldBe(ActionKind.Adopt);
    }

    [Fact]
    public async Task When_the_service_goes_it_is_let_go_of_as_it_was()
    {
        await using var world = await World.StartAsync(("Onramp:Services:Grace", "00:00:00"));
        await TheirsAsync(world);
        await AdoptAsync(world);
        await world.StateUntilAsync("orders", s => s.Open.Count == 0);
        await world.AskAsync("orders", new ChangeOrder { Kind = ChangeKind.Quiet, Environment = "development" });
        var gone = await world.StateUntilAsync("orders", s => ServiceStatus.Of(s) == ServiceStatus.Gone && s.Open.Count == 0);
        gone.Ended[^1].Left.ShouldContain(l => l.Contains("was there before and stays", StringComparison.Ordinal));
        (await world.RepositoryAsync("orders"))!["description"]!.ToString().ShouldBe("Ours since 2019");
    }

    [Fact]
    public async Task What_somebody_has_set_since_stays_when_it_is_let_go_of()
    {
        await using var world = await World.StartAsync(("Onramp:Services:Grace", "00:00:00"));
        await TheirsAsync(world);
        await AdoptAsync(world);
        await world.StateUntilAsync("orders", s => s.Open.Count == 0);
        var marked = (await world.RepositoryAsync("orders"))!["description"]!.ToString();
        await world.GitHubAsync("PATCH", $"/repos/{world.Sandbox.Options.Seed.Organization}/orders", new JsonObject { ["description"] = marked.Replace("Takes orders", "Takes orders, and teas", StringComparison.Ordinal) });
        await world.AskAsync("orders", new ChangeOrder { Kind = ChangeKind.Quiet, Environment = "development" });
        await world.StateUntilAsync("orders", s => ServiceStatus.Of(s) == ServiceStatus.Gone && s.Open.Count == 0);
        (await world.RepositoryAsync("orders"))!["description"]!.ToString().ShouldBe("Takes orders, and teas");
    }

    [Fact]
    public async Task When_the_change_fails_it_is_as_it_was_before()
    {
        await using var world = await World.StartAsync();
        await TheirsAsync(world);
        var before = (await world.RepositoryAsync("orders"))!;
        await world.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["method"] = "POST", ["route"] = "/api/v1/namespaces", ["status"] = 503, ["times"] = 10_000 });
        var asked = await world.AskAsync("orders", Order);
        await world.ApproveAsync("orders", asked.ChangeId);
        await world.UntilAsync("orders", asked.ChangeId, v => v.Actions.Any(a => a.Id == "namespace@environment:development" && a.State == ActionState.Running));
        await world.CancelAsync("orders", asked.ChangeId);
        await world.EndedAsync("orders", asked.ChangeId);
        await world.StateUntilAsync("orders", s => ServiceStatus.Of(s) == ServiceStatus.Gone && s.Inventory.Count == 0);
        var after = (await world.RepositoryAsync("orders"))!;
        (after["description"]?.ToString(), after["visibility"]!.ToString()).ShouldBe((before["description"]?.ToString(), before["visibility"]!.ToString()));
    }

    private static ChangeOrder Order =>
        new() { Kind = ChangeKind.Onboard, Environment = "development", Team = "payments", Description = "Takes orders", AdoptRepository = true };

    /// <summary>Somebody has a repository of the service's name.</summary>
    private static Task TheirsAsync(World world) => world.GitHubAsync(
        "POST", $"/orgs/{world.Sandbox.Options.Seed.Organization}/repos", new JsonObject { ["name"] = "orders", ["description"] = "Ours since 2019", ["private"] = true, ["auto_init"] = true });

    private static async Task AdoptAsync(World world)
    {
        var asked = await world.AskAsync("orders", Order);
        await world.ApproveAsync("orders", asked.ChangeId);
        var ended = await world.EndedAsync("orders", asked.ChangeId);
        ended.Outcome.ShouldBe(ChangeOutcome.Completed, ended.Message);
    }
}
