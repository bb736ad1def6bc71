using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;
using Temporalio.Client;
using Temporalio.Common;

namespace Onramp.Core.Tests;

/// <summary>A service's life: many changes, quiet, back, quiet, gone, and once more under the same name.</summary>
public sealed class LifeTests
{
    [Fact]
    public async Task Fifty_changes_over_fifty_runs_lose_nothing()
    {
        await using var world = await World.StartAsync(("Onramp:Services:ContinueAfterChanges", "1"));
        await OnboardedAsync(world);
        var ids = new List<string>();
        for (var i = 0; i < 50; i++)
        {
            var order = new ChangeOrder { Kind = ChangeKind.Configure, Environment = "development", Labels = new(StringComparer.Ordinal) { ["round"] = $"{i}" } };
            var asked = await world.AskAsync("orders", order, key: $"round-{i}");
            ids.Add(asked.ChangeId);
            asked.Number.ShouldBe(i + 2);
            await world.StateUntilAsync("orders", s => s.Ended.Any(e => e.Change.ChangeId == asked.ChangeId));
        }
        var state = await world.StateUntilAsync("orders", s => s.Open.Count == 0);
        (ids.Distinct(StringComparer.Ordinal).Count(), state.LastNumber, state.Ended[^1].Outcome).ShouldBe((50, 51, ChangeOutcome.Completed));
        state.Spec.Environment("development")!.Labels["round"].ShouldBe("49");
    }

    [Fact]
    public async Task Quiet_is_taken_back_and_then_it_goes_and_comes_again()
    {
        await using var world = await World.StartAsync(("Onramp:Services:Grace", "00:00:02"));
        await OnboardedAsync(world);
        await DoneAsync(world, ChangeKind.Quiet);
        (await world.NamespaceAsync("orders-dev"))!["metadata"]!["labels"]!["platform.io/state"]!.ToString().ShouldBe("retiring");
        await DoneAsync(world, ChangeKind.Restore);
        (await world.NamespaceAsync("orders-dev"))!["metadata"]!["labels"]!["platform.io/state"].ShouldBeNull();
        await DoneAsync(world, ChangeKind.Quiet);
        await world.StateUntilAsync("orders", s => ServiceStatus.Of(s) == ServiceStatus.Gone && s.Open.Count == 0);
        (await world.NamespacesAsync("orders")).ShouldBeEmpty();
        (await world.RepositoryAsync("orders")).ShouldBeNull();
        await OnboardedAsync(world);
        (await world.NamespacesAsync("orders")).ShouldBe(["orders-dev"]);
    }

    [Fact]
    public async Task Repair_rests_while_it_is_quiet()
    {
        await using var world = await World.StartAsync();
        await OnboardedAsync(world);
        await DoneAsync(world, ChangeKind.Quiet);
        (await world.AskAsync("orders", new ChangeOrder { Kind = ChangeKind.Repair, Environment = "development" })).Refusal.ShouldBe(RequestRefusals.Retiring);
    }

    [Fact]
    public async Task Repair_brings_back_what_somebody_took_away()
    {
        await using var world = await World.StartAsync();
        await OnboardedAsync(world);
        await world.KubernetesAsync("DELETE", "/api/v1/namespaces/orders-dev");
        await Eventually.AsAsync(() => world.NamespacesAsync("orders"), n => n.Count == 0, n => string.Join(',', n));
        await DoneAsync(world, ChangeKind.Repair);
        (await world.NamespacesAsync("orders")).ShouldBe(["orders-dev"]);
    }

    [Fact]
    public async Task A_service_that_was_never_accepted_ends_and_is_not_listed()
    {
        await using var world = await World.StartAsync();
        (await world.AskAsync("nobody", new ChangeOrder { Kind = ChangeKind.Repair, Environment = "staging" })).Refusal.ShouldBe(RequestRefusals.Unknown);
        await world.Service("nobody").GetResultAsync().WaitAsync(World.Patience);
        (await world.Service("nobody").DescribeAsync()).TypedSearchAttributes.ContainsKey(SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Service)).ShouldBeFalse();
    }

    [Fact]
    public async Task Requests_are_taken_while_no_worker_works_and_carried_out_when_one_is_back()
    {
        await using var world = await World.StartAsync();
        await OnboardedAsync(world);
        await world.StopWorkerAsync();
        var asking = world.AskAsync("orders", new ChangeOrder { Kind = ChangeKind.Quiet, Environment = "development" });
        var memo = (await world.Service("orders").DescribeAsync()).Memo[ServiceContract.StateMemo];
        (await memo.ToValueAsync<CarriedState>()).Environments["development"].Phase.ShouldBe(EnvironmentPhase.Active);
        world.StartWorker();
        (await world.EndedAsync("orders", (await asking).ChangeId)).Outcome.ShouldBe(ChangeOutcome.Completed);
    }

    private static async Task OnboardedAsync(World world)
    {
        var asked = await world.OnboardAsync("orders", "development");
        var ended = await world.EndedAsync("orders", asked.ChangeId);
        ended.Outcome.ShouldBe(ChangeOutcome.Completed, ended.Message);
        await world.StateUntilAsync("orders", s => s.Open.Count == 0);
    }

    private static async Task DoneAsync(World world, ChangeKind kind)
    {
        var asked = await world.AskAsync("orders", new ChangeOrder { Kind = kind, Environment = "development" });
        asked.Accepted.ShouldBeTrue(asked.Message);
        var ended = await world.EndedAsync("orders", asked.ChangeId);
        ended.Outcome.ShouldBe(ChangeOutcome.Completed, ended.Message);
        await world.StateUntilAsync("orders", s => s.Open.All(o => o.Change.ChangeId != asked.ChangeId));
    }
}
