using System.Text.Json.Nodes;
using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;

namespace Onramp.Core.Tests;

/// <summary>A removal that doesn't go says so, holds its own scope and nothing else, and takes a person's word.</summary>
public sealed class StuckTests
{
    private const string Action = "namespace@environment:development";

    [Fact]
    public async Task A_stuck_removal_says_so_the_other_environment_goes_on_and_skipping_is_recorded_with_a_name()
    {
        await using var world = await World.StartAsync(("Onramp:Services:Grace", "00:00:00"));
        await BothAsync(world);
        await world.AddFaultAsync(NamespacesStay());
        var removal = await RemovalAsync(world);
        await world.UntilAsync("orders", removal, v => v.Actions.Any(a => a.Id == Action && a.State == ActionState.Stuck));
        var other = await world.AskAsync("orders", new ChangeOrder { Kind = ChangeKind.Repair, Environment = "staging" });
        (await world.EndedAsync("orders", other.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Completed);

        await world.OperateAsync("orders", removal, OperatorCommand.Skip, Action, by: "oscar");
        var ended = await world.EndedAsync("orders", removal);
        (ended.Outcome, ended.Actions.Single(a => a.Id == Action).By).ShouldBe((ChangeOutcome.Completed, "oscar"));
        (await world.StateUntilAsync("orders", s => s.Open.Count == 0)).Ended.Single(e => e.Change.ChangeId == removal).Left.ShouldContain(l => l.Contains("oscar", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_namespace_that_a_finalizer_holds_says_which_the_other_environment_goes_on_and_skipping_is_recorded()
    {
        await using var world = await World.StartAsync(("Onramp:Services:Grace", "00:00:00"));
        await BothAsync(world);
        await world.KubernetesAsync("POST", "/api/v1/namespaces/orders-dev/configmaps", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "held", ["finalizers"] = new JsonArray("example.com/operator-that-is-gone") },
        });
        var removal = await RemovalAsync(world);
        var waiting = await world.UntilAsync("orders", removal, v => v.Actions.Any(a => a.Id == Action && a.Message?.Contains("finalizers", StringComparison.Ordinal) == true));
        waiting.Actions.Single(a => a.Id == Action).Message!.ShouldContain("example.com/operator-that-is-gone in 1 resource instances");
        await world.Environment.DelayAsync(TimeSpan.FromMinutes(11));
        await world.UntilAsync("orders", removal, v => v.Actions.Any(a => a.Id == Action && a.Error is not null));
        var other = await world.AskAsync("orders", new ChangeOrder { Kind = ChangeKind.Repair, Environment = "staging" });
        (await world.EndedAsync("orders", other.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Completed);

        await world.OperateAsync("orders", removal, OperatorCommand.Skip, Action, by: "oscar");
        (await world.EndedAsync("orders", removal)).Outcome.ShouldBe(ChangeOutcome.Completed);
        var state = await world.StateUntilAsync("orders", s => s.Open.Count == 0);
        state.Ended.Single(e => e.Change.ChangeId == removal).Left.ShouldContain(l => l.Contains("orders-dev", StringComparison.Ordinal) && l.EndsWith("(oscar)", StringComparison.Ordinal));
        state.Environments.Keys.ShouldBe(["staging"]);
    }

    [Fact]
    public async Task Tried_again_by_somebody_it_goes_at_once()
    {
        await using var world = await World.StartAsync(("Onramp:Services:Grace", "00:00:00"), ("Onramp:Services:StuckRetry", "01:00:00"));
        await BothAsync(world);
        await world.AddFaultAsync(NamespacesStay());
        var removal = await RemovalAsync(world);
        await world.UntilAsync("orders", removal, v => v.Actions.Any(a => a.Id == Action && a.State == ActionState.Stuck));
        await world.ClearFaultsAsync();
        await world.OperateAsync("orders", removal, OperatorCommand.Retry, Action, by: "oscar");
        var ended = await world.EndedAsync("orders", removal);
        (ended.Outcome, ended.Left.Count).ShouldBe((ChangeOutcome.Completed, 0));
        ended.Events.ShouldContain(e => e.Action == Action && e.What.EndsWith("is tried again", StringComparison.Ordinal) && e.By == "oscar");
        (await world.NamespacesAsync("orders")).ShouldBe(["orders-staging"]);
    }

    [Fact]
    public async Task Abandoned_a_change_leaves_what_it_cannot_undo_and_says_who_said_so()
    {
        await using var world = await World.StartAsync();
        await world.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["method"] = "PATCH", ["route"] = "/api/v1/namespaces/{namespace}/configmaps/{name}", ["status"] = 503, ["times"] = 10_000 });
        var asked = await world.OnboardAsync("orders", "development");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Actions.Any(a => a.Id == "labels@environment:development" && a.State == ActionState.Running));
        await world.AddFaultAsync(NamespacesStay());
        await world.CancelAsync("orders", asked.ChangeId);
        await world.UntilAsync("orders", asked.ChangeId, v => v.Actions.Any(a => a.Id == Action && a.State == ActionState.Stuck));
        await world.OperateAsync("orders", asked.ChangeId, OperatorCommand.Abandon, "", by: "oscar");
        var ended = await world.EndedAsync("orders", asked.ChangeId);
        (ended.Outcome, ended.Actions.Single(a => a.Id == Action).State, ended.Actions.Single(a => a.Id == Action).By).ShouldBe((ChangeOutcome.Cancelled, ActionState.Left, "oscar"));
        ended.Left.ShouldContain(l => l.Contains("orders-dev", StringComparison.Ordinal) && l.EndsWith("(oscar)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Paused_a_change_begins_nothing_further_until_it_is_resumed()
    {
        await using var world = await World.StartAsync();
        await world.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["method"] = "POST", ["route"] = "/api/v1/namespaces", ["status"] = 503, ["times"] = 10_000 });
        var asked = await world.OnboardAsync("orders", "development");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Actions.Any(a => a.Id == Action && a.State == ActionState.Running));
        await world.OperateAsync("orders", asked.ChangeId, OperatorCommand.Pause, "");
        await world.ClearFaultsAsync();
        var paused = await world.UntilAsync("orders", asked.ChangeId, v => v.Actions.Any(a => a.Id == Action && a.State == ActionState.Done));
        (paused.Paused, paused.Actions.Single(a => a.Id == "labels@environment:development").State).ShouldBe((true, ActionState.Waiting));
        await world.OperateAsync("orders", asked.ChangeId, OperatorCommand.Resume, "");
        (await world.EndedAsync("orders", asked.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Completed);
    }

    [Fact]
    public async Task People_are_told_once_an_hour_that_something_is_stuck()
    {
        await using var world = await World.StartAsync(("Onramp:Services:Grace", "00:00:00"));
        await BothAsync(world);
        await world.AddFaultAsync(NamespacesStay());
        var removal = await RemovalAsync(world);
        await world.UntilAsync("orders", removal, v => v.Actions.Any(a => a.Id == Action && a.State == ActionState.Stuck));
        await world.Environment.DelayAsync(TimeSpan.FromHours(2.5));
        (await world.ViewAsync("orders", removal)).Events.Count(e => e.Action == Action && e.What.Contains("is stuck", StringComparison.Ordinal)).ShouldBe(3);
    }

    private static JsonObject NamespacesStay() =>
        new() { ["system"] = "kubernetes", ["method"] = "DELETE", ["route"] = "/api/v1/namespaces/{name}", ["status"] = 500, ["times"] = 10_000 };

    private static async Task BothAsync(World world)
    {
        var development = await world.OnboardAsync("orders", "development");
        await world.EndedAsync("orders", development.ChangeId);
        var staging = await world.OnboardAsync("orders", "staging");
        await world.ApproveAsync("orders", staging.ChangeId);
        await world.EndedAsync("orders", staging.ChangeId);
        await world.StateUntilAsync("orders", s => s.Open.Count == 0);
    }

    /// <summary>Offboards development; returns the change that removes it.</summary>
    private static async Task<string> RemovalAsync(World world)
    {
        await world.AskAsync("orders", new ChangeOrder { Kind = ChangeKind.Quiet, Environment = "development" });
        var removing = await world.StateUntilAsync("orders", s => s.Open.Any(o => o.Change.Order.Kind == ChangeKind.Remove));
        return removing.Open.Single(o => o.Change.Order.Kind == ChangeKind.Remove).Change.ChangeId;
    }
}
