using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;

namespace Onramp.Core.Tests;

/// <summary>What is applied is what was approved; when the world has changed since, it is planned again, and asked again where that matters.</summary>
public sealed class ApprovedPlanTests
{
    private const string Label = "tier";

    [Fact]
    public async Task When_somebody_changed_a_label_since_it_is_planned_and_asked_again()
    {
        await using var world = await World.StartAsync();
        var change = await ConfiguredAsync(world, "gold");
        var first = await world.UntilAsync("orders", change, v => v.Phase == ChangePhase.AwaitingApproval);
        await world.SetLabelAsync("orders-staging", Label, "by-hand");
        await world.DecideAsync("orders", change, first.Plan!.Digest);
        var second = await world.UntilAsync("orders", change, v => v.Phase == ChangePhase.AwaitingApproval && v.Plan!.Digest != first.Plan.Digest);
        second.Plan!.Actions.SelectMany(a => a.Changes).ShouldContain(new FieldChange($"label:{Label}", "by-hand", "gold"));
        await world.DecideAsync("orders", change, second.Plan.Digest);
        (await world.EndedAsync("orders", change)).Outcome.ShouldBe(ChangeOutcome.Completed);
    }

    [Fact]
    public async Task An_approval_of_another_plan_does_not_count()
    {
        await using var world = await World.StartAsync();
        var change = await ConfiguredAsync(world, "gold");
        await world.UntilAsync("orders", change, v => v.Phase == ChangePhase.AwaitingApproval);
        (await world.DecideAsync("orders", change, new string('0', 64))).Outcome.ShouldBe(DecisionOutcome.IgnoredOtherPlan);
    }

    [Fact]
    public async Task When_nothing_that_it_touches_has_changed_it_is_applied()
    {
        await using var world = await World.StartAsync();
        var change = await ConfiguredAsync(world, "gold");
        await world.UntilAsync("orders", change, v => v.Phase == ChangePhase.AwaitingApproval);
        await world.SetLabelAsync("orders-staging", "somebodys-own", "label");
        await world.ApproveAsync("orders", change);
        var ended = await world.EndedAsync("orders", change);
        (ended.Outcome, ended.Events.Count(e => e.What.StartsWith("Waiting for 1", StringComparison.Ordinal))).ShouldBe((ChangeOutcome.Completed, 1));
    }

    [Fact]
    public async Task When_only_prices_have_changed_it_is_applied()
    {
        await using var world = await World.StartAsync();
        var change = await ConfiguredAsync(world, "gold");
        var asked = await world.UntilAsync("orders", change, v => v.Phase == ChangePhase.AwaitingApproval);
        await world.ReconfigureAsync(("Onramp:Prices:Version", "prices/2"), ("Onramp:Prices:Monthly:namespace", "92"));
        await world.DecideAsync("orders", change, asked.Plan!.Digest);
        var ended = await world.EndedAsync("orders", change);
        (ended.Outcome, asked.Plan.MonthlyAfter, ended.Plan!.MonthlyAfter, ended.Plan.PricesVersion).ShouldBe((ChangeOutcome.Completed, 50m, 96m, "prices/2"));
    }

    [Fact]
    public async Task Who_asked_does_not_approve()
    {
        await using var world = await World.StartAsync();
        var change = await ConfiguredAsync(world, "gold");
        var view = await world.UntilAsync("orders", change, v => v.Phase == ChangePhase.AwaitingApproval);
        (await world.DecideAsync("orders", change, view.Plan!.Digest, by: "ada")).Outcome.ShouldBe(DecisionOutcome.IgnoredRequester);
    }

    private static async Task<string> ConfiguredAsync(World world, string tier)
    {
        var asked = await world.OnboardAsync("orders", "staging");
        await world.ApproveAsync("orders", asked.ChangeId);
        (await world.EndedAsync("orders", asked.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Completed);
        await world.StateUntilAsync("orders", s => s.Open.Count == 0);
        var order = new ChangeOrder { Kind = ChangeKind.Configure, Environment = "staging", Labels = new(StringComparer.Ordinal) { [Label] = tier } };
        return (await world.AskAsync("orders", order)).ChangeId;
    }
}
