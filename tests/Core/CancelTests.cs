using System.Text.Json.Nodes;
using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;
using Temporalio.Client;

namespace Onramp.Core.Tests;

/// <summary>A change can be called off at each of its points; what it did is undone, and it is known who called it off.</summary>
public sealed class CancelTests
{
    [Fact]
    public async Task While_it_waits_for_approval_it_ends_and_nothing_was_made()
    {
        await using var world = await World.StartAsync();
        var asked = await world.OnboardAsync("orders", "staging");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Phase == ChangePhase.AwaitingApproval);
        await world.CancelAsync("orders", asked.ChangeId, by: "ada");
        var ended = await world.EndedAsync("orders", asked.ChangeId);
        (ended.Outcome, ended.CancelledBy!.Name).ShouldBe((ChangeOutcome.Cancelled, "ada"));
        (await world.RepositoryAsync("orders")).ShouldBeNull();
    }

    [Fact]
    public async Task While_it_plans_it_ends_and_nothing_was_made()
    {
        await using var world = await World.StartAsync();
        await world.EndedAsync("orders", (await world.OnboardAsync("orders", "development")).ChangeId);
        await world.AddFaultAsync(RepositoriesUnseen());
        var asked = await world.OnboardAsync("orders", "staging");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Phase == ChangePhase.Planning);
        await world.CancelAsync("orders", asked.ChangeId);
        (await world.EndedAsync("orders", asked.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Cancelled);
        await world.StateUntilAsync("orders", s => s.Open.Count == 0 && s.Environments.Keys.SequenceEqual(["development"]));
        (await world.NamespacesAsync("orders")).ShouldBe(["orders-dev"]);
    }

    [Fact]
    public async Task While_it_looks_again_before_applying_it_gives_its_scopes_back()
    {
        await using var world = await World.StartAsync();
        var asked = await world.OnboardAsync("orders", "staging");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Phase == ChangePhase.AwaitingApproval);
        await world.AddFaultAsync(RepositoriesUnseen());
        await world.ApproveAsync("orders", asked.ChangeId);
        await world.StateUntilAsync("orders", s => s.Locks.Held.ContainsValue(asked.ChangeId));
        await world.CancelAsync("orders", asked.ChangeId);
        (await world.EndedAsync("orders", asked.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Cancelled);
        (await world.StateUntilAsync("orders", s => s.Open.Count == 0)).Locks.Held.ShouldBeEmpty();
    }

    [Fact]
    public async Task While_it_verifies_what_it_made_is_undone()
    {
        await using var world = await World.StartAsync();
        await world.AddFaultAsync(NamespacesBusy());
        var asked = await world.OnboardAsync("orders", "development");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Actions.Any(a => a.Id.StartsWith("namespace", StringComparison.Ordinal) && a.State == ActionState.Running));
        await world.ClearFaultsAsync();
        // The repository is made by now: it is looked at again only to verify.
        await world.AddFaultAsync(RepositoriesUnseen());
        await world.UntilAsync("orders", asked.ChangeId, v => v.Phase == ChangePhase.Verifying);
        await world.CancelAsync("orders", asked.ChangeId);
        await world.UntilAsync("orders", asked.ChangeId, v => v.Phase is ChangePhase.Undoing or ChangePhase.Ended);
        await world.ClearFaultsAsync();
        (await world.EndedAsync("orders", asked.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Cancelled);
        await world.StateUntilAsync("orders", s => ServiceStatus.Of(s) == ServiceStatus.Gone && s.Inventory.Count == 0);
        ((await world.NamespacesAsync("orders")).Count, await world.RepositoryAsync("orders")).ShouldBe((0, null));
    }

    [Fact]
    public async Task Ended_it_is_refused()
    {
        await using var world = await World.StartAsync();
        var asked = await world.OnboardAsync("orders", "development");
        await world.EndedAsync("orders", asked.ChangeId);
        await world.Change("orders", asked.ChangeId).GetResultAsync().WaitAsync(World.Patience);
        (await Should.ThrowAsync<Temporalio.Exceptions.RpcException>(() => world.CancelAsync("orders", asked.ChangeId))).Code
            .ShouldBe(Temporalio.Exceptions.RpcException.StatusCode.NotFound);
    }

    [Fact]
    public async Task While_it_applies_what_it_made_is_undone()
    {
        await using var world = await World.StartAsync();
        await world.AddFaultAsync(NamespacesBusy());
        var asked = await world.OnboardAsync("orders", "development");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Actions.Any(a => a.Id.StartsWith("namespace", StringComparison.Ordinal) && a.State == ActionState.Running));
        await world.CancelAsync("orders", asked.ChangeId);
        (await world.EndedAsync("orders", asked.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Cancelled);
        await world.StateUntilAsync("orders", s => ServiceStatus.Of(s) == ServiceStatus.Gone && s.Inventory.Count == 0);
        (await world.RepositoryAsync("orders")).ShouldBeNull();
    }

    [Fact]
    public async Task While_it_waits_for_its_turn_it_gives_up_its_place()
    {
        await using var world = await World.StartAsync();
        await world.AddFaultAsync(NamespacesBusy());
        var first = await world.OnboardAsync("orders", "development");
        await world.UntilAsync("orders", first.ChangeId, v => v.Phase == ChangePhase.Applying);
        var second = await world.OnboardAsync("orders", "staging");
        await world.ApproveAsync("orders", second.ChangeId);
        await world.UntilAsync("orders", second.ChangeId, v => v.Phase == ChangePhase.AwaitingTurn);
        await world.CancelAsync("orders", second.ChangeId);
        (await world.EndedAsync("orders", second.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Cancelled);
        await world.StateUntilAsync("orders", s => s.Locks.Waiting.Count == 0 && s.Environments.Count == 1);
    }

    [Fact]
    public async Task By_temporals_own_cancel_it_is_somebody_at_temporal()
    {
        await using var world = await World.StartAsync();
        var asked = await world.OnboardAsync("orders", "staging");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Phase == ChangePhase.AwaitingApproval);
        await world.Change("orders", asked.ChangeId).CancelAsync();
        (await world.EndedAsync("orders", asked.ChangeId)).CancelledBy.ShouldBe(Principal.AtTemporal);
        await Should.ThrowAsync<Temporalio.Exceptions.WorkflowFailedException>(() => world.Change("orders", asked.ChangeId).GetResultAsync().WaitAsync(World.Patience));
    }

    [Fact]
    public async Task While_undoing_it_is_refused_and_the_undo_goes_on()
    {
        await using var world = await World.StartAsync();
        await world.AddFaultAsync(NamespacesBusy());
        var asked = await world.OnboardAsync("orders", "development");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Actions.Any(a => a.Id.StartsWith("namespace", StringComparison.Ordinal) && a.State == ActionState.Running));
        await world.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["method"] = "GET", ["route"] = "/api/v1/namespaces/{name}", ["status"] = 503, ["times"] = 30 });
        await world.CancelAsync("orders", asked.ChangeId);
        await world.UntilAsync("orders", asked.ChangeId, v => v.Phase == ChangePhase.Undoing);
        await Should.ThrowAsync<Temporalio.Exceptions.WorkflowUpdateFailedException>(() => world.CancelAsync("orders", asked.ChangeId));
        await world.ClearFaultsAsync();
        (await world.EndedAsync("orders", asked.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Cancelled);
    }

    /// <summary>Whether a repository is there can't be said for now.</summary>
    private static JsonObject RepositoriesUnseen() => new()
    {
        ["system"] = "github", ["method"] = "GET", ["route"] = "/repos/{owner}/{repo}", ["status"] = 503, ["times"] = 10_000,
    };

    /// <summary>The cluster makes no namespaces for now.</summary>
    private static JsonObject NamespacesBusy() => new()
    {
        ["system"] = "kubernetes", ["method"] = "POST", ["route"] = "/api/v1/namespaces", ["status"] = 503, ["times"] = 10_000,
    };
}
