using System.Text.Json.Nodes;
using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;

namespace Onramp.Core.Tests;

/// <summary>Two environments of one service on their way at the same moment: they share a repository and nothing else.</summary>
public sealed class TwoEnvironmentsTests
{
    [Fact]
    public async Task One_environment_is_onboarded_without_anybodys_approval()
    {
        await using var world = await World.StartAsync();
        var asked = await world.OnboardAsync("orders", "development");
        var ended = await world.EndedAsync("orders", asked.ChangeId);
        ended.Outcome.ShouldBe(ChangeOutcome.Completed, ended.Message);
    }

    [Fact]
    public async Task Asked_for_at_once_they_make_one_repository_and_two_namespaces()
    {
        await using var world = await World.StartAsync();
        var asked = await Task.WhenAll(world.OnboardAsync("orders", "development"), world.OnboardAsync("orders", "staging"));
        // Staging waits for people; development doesn't wait for them.
        (await world.EndedAsync("orders", asked[0].ChangeId)).Outcome.ShouldBe(ChangeOutcome.Completed);
        await world.ApproveAsync("orders", asked[1].ChangeId);
        var staging = await world.EndedAsync("orders", asked[1].ChangeId);
        staging.Outcome.ShouldBe(ChangeOutcome.Completed, staging.Message);
        (await world.NamespacesAsync("orders")).ShouldBe(["orders-dev", "orders-staging"]);
        (await world.WritesAsync("POST", "/generate")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task When_one_fails_for_good_its_own_things_go_and_the_repository_stays_for_the_other()
    {
        await using var world = await World.StartAsync();
        var staging = await world.OnboardAsync("orders", "staging");
        await world.UntilAsync("orders", staging.ChangeId, v => v.Phase == ChangePhase.AwaitingApproval);
        await world.AddFaultAsync(RefuseNamespaces(times: 1));
        var development = await world.OnboardAsync("orders", "development");
        (await world.EndedAsync("orders", development.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Failed);
        await world.ApproveAsync("orders", staging.ChangeId);
        (await world.EndedAsync("orders", staging.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Completed);
        (await world.NamespacesAsync("orders")).ShouldBe(["orders-staging"]);
        (await world.WritesAsync("POST", "/generate")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task When_both_fail_nothing_is_left()
    {
        await using var world = await World.StartAsync();
        var staging = await world.OnboardAsync("orders", "staging");
        await world.UntilAsync("orders", staging.ChangeId, v => v.Phase == ChangePhase.AwaitingApproval);
        await world.AddFaultAsync(RefuseNamespaces(times: 2));
        var development = await world.OnboardAsync("orders", "development");
        (await world.EndedAsync("orders", development.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Failed);
        await world.ApproveAsync("orders", staging.ChangeId);
        (await world.EndedAsync("orders", staging.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Failed);
        var after = await world.StateUntilAsync("orders", s => ServiceStatus.Of(s) == ServiceStatus.Gone && s.Inventory.Count == 0);
        after.Ended.Last().Change.Order.Kind.ShouldBe(ChangeKind.Clean);
        (await world.NamespacesAsync("orders")).ShouldBeEmpty();
        (await world.RepositoryAsync("orders")).ShouldBeNull();
    }

    private static JsonObject RefuseNamespaces(int times) => new()
    {
        ["system"] = "kubernetes",
        ["method"] = "POST",
        ["route"] = "/api/v1/namespaces",
        ["status"] = 403,
        ["body"] = new JsonObject { ["kind"] = "Status", ["message"] = "admission webhook \"policy\" denied the request: no", ["code"] = 403 },
        ["times"] = times,
    };
}
