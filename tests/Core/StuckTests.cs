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
        var development = await world.OnboardAsync("orders", "development");
        await world.EndedAsync("orders", development.ChangeId);
        var staging = await world.OnboardAsync("orders", "staging");
        await world.ApproveAsync("orders", staging.ChangeId);
        await world.EndedAsync("orders", staging.ChangeId);
        await world.StateUntilAsync("orders", s => s.Open.Count == 0);
        await world.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["method"] = "DELETE", ["route"] = "/api/v1/namespaces/{name}", ["status"] = 500, ["times"] = 10_000 });

        await world.AskAsync("orders", new ChangeOrder { Kind = ChangeKind.Quiet, Environment = "development" });
        var removing = await world.StateUntilAsync("orders", s => s.Open.Any(o => o.Change.Order.Kind == ChangeKind.Remove));
        var removal = removing.Open.Single(o => o.Change.Order.Kind == ChangeKind.Remove).Change.ChangeId;
        await world.UntilAsync("orders", removal, v => v.Actions.Any(a => a.Id == Action && a.State == ActionState.Stuck));
        var other = await world.AskAsync("orders", new ChangeOrder { Kind = ChangeKind.Repair, Environment = "staging" });
        (await world.EndedAsync("orders", other.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Completed);

        await Eventually.AsAsync(() => TryAsync(() => world.OperateAsync("orders", removal, OperatorCommand.Skip, Action, by: "oscar")), done => done, _ => "not taken");
        var ended = await world.EndedAsync("orders", removal);
        (ended.Outcome, ended.Actions.Single(a => a.Id == Action).By).ShouldBe((ChangeOutcome.Completed, "oscar"));
        (await world.StateUntilAsync("orders", s => s.Open.Count == 0)).Ended.Single(e => e.Change.ChangeId == removal).Left.ShouldContain(l => l.Contains("oscar", StringComparison.Ordinal));
    }

    /// <summary>Between two attempts an action isn't stuck; then the word is refused and said again.</summary>
    private static async Task<bool> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (Temporalio.Exceptions.WorkflowUpdateFailedException)
        {
            return false;
        }
    }
}
