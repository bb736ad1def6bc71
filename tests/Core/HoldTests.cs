using System.Net;
using System.Text.Json.Nodes;
using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;

namespace Onramp.Core.Tests;

/// <summary>Operators hold all applying: changes plan and are decided on, and none begins an action until it is released.</summary>
public sealed class HoldTests : IAsyncLifetime
{
    private const string NamespaceAction = "namespace@environment:development";
    private const string LabelsAction = "labels@environment:development";

    private World world = null!;
    private Api api = null!;

    public async Task InitializeAsync()
    {
        world = await World.StartAsync();
        api = await Api.StartAsync(world);
    }

    public async Task DisposeAsync()
    {
        await api.DisposeAsync();
        await world.DisposeAsync();
    }

    [Fact]
    public async Task While_applying_is_held_a_change_waits_and_says_who_holds_it_and_why()
    {
        await HoldAsync();
        var asked = await world.OnboardAsync("orders", "development");
        var view = await world.UntilAsync("orders", asked.ChangeId, v => v.Held is not null && v.Phase == ChangePhase.AwaitingTurn);
        (view.Held!.By.Name, view.Held.Reason, view.Message).ShouldBe(("oscar", "GitHub is down", "All applying is held by oscar: GitHub is down"));
        (await api.GetAsync($"{Api.Services}/orders"))["held"]!["reason"]!.ToString().ShouldBe("GitHub is down");
        (await world.RepositoryAsync("orders")).ShouldBeNull();
    }

    [Fact]
    public async Task Released_what_waited_goes_on()
    {
        var changeId = await HeldAsync();
        await ReleaseAsync();
        (await world.EndedAsync("orders", changeId)).Outcome.ShouldBe(ChangeOutcome.Completed);
        (await api.GetAsync(Api.Applying))["held"].ShouldBeNull();
    }

    [Fact]
    public async Task A_change_that_applies_finishes_what_is_under_way_and_begins_nothing_further()
    {
        var changeId = await HeldWhileApplyingAsync();
        await world.ClearFaultsAsync();
        var resting = await world.UntilAsync("orders", changeId, v => v.Actions.Any(a => a is { Id: NamespaceAction, State: ActionState.Done }));
        resting.Actions.Single(a => a.Id == LabelsAction).State.ShouldBe(ActionState.Waiting);
        await ReleaseAsync();
        var ended = await world.EndedAsync("orders", changeId);
        ended.Outcome.ShouldBe(ChangeOutcome.Completed);
        ended.Events.SkipWhile(e => !e.What.StartsWith("Applying goes on", StringComparison.Ordinal)).ShouldContain(e => e.Action == LabelsAction && e.State == ActionState.Running);
    }

    [Fact]
    public async Task Held_nothing_is_undone_until_it_is_released()
    {
        var changeId = await HeldWhileApplyingAsync();
        await world.CancelAsync("orders", changeId);
        var undoing = await world.UntilAsync("orders", changeId, v => v.Phase == ChangePhase.Undoing);
        undoing.Actions.ShouldNotContain(a => a.State == ActionState.Undoing);
        await ReleaseAsync();
        (await world.EndedAsync("orders", changeId)).Outcome.ShouldBe(ChangeOutcome.Cancelled);
    }

    [Fact]
    public async Task A_hold_is_in_force_without_a_worker_and_after_its_restart()
    {
        await world.StopWorkerAsync();
        await HoldAsync();
        (await api.GetAsync(Api.Applying))["held"]!["by"]!["name"]!.ToString().ShouldBe("oscar");
        world.StartWorker();
        var asked = await world.OnboardAsync("orders", "development");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Held is not null);
        await world.StopWorkerAsync();
        world.StartWorker();
        (await world.ViewAsync("orders", asked.ChangeId)).Held!.Reason.ShouldBe("GitHub is down");
    }

    [Fact]
    public async Task What_waits_for_a_decision_is_decided_on_meanwhile_and_cancelled_meanwhile()
    {
        await HoldAsync();
        var asked = await world.OnboardAsync("orders", "staging");
        await world.ApproveAsync("orders", asked.ChangeId);
        await world.UntilAsync("orders", asked.ChangeId, v => v.Held is not null && v.Phase == ChangePhase.AwaitingTurn);
        await world.CancelAsync("orders", asked.ChangeId);
        (await world.EndedAsync("orders", asked.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Cancelled);
    }

    [Fact]
    public async Task A_hold_that_is_stopped_at_Temporal_holds_nobody_even_when_no_word_came()
    {
        var changeId = await HeldAsync();
        await world.Client.GetWorkflowHandle(Onramp.Workflows.Services.HoldContract.WorkflowId).TerminateAsync();
        await world.Environment.DelayAsync(TimeSpan.FromMinutes(2));
        (await world.EndedAsync("orders", changeId)).Outcome.ShouldBe(ChangeOutcome.Completed);
    }

    [Fact]
    public async Task There_is_one_hold_at_a_time_and_it_needs_a_reason()
    {
        await HoldAsync();
        (await api.StatusAsync(Api.Applying, Word("hold", "another"), null)).ShouldBe(HttpStatusCode.Conflict);
        (await api.StatusAsync(Api.Applying, Word("hold", ""), null)).ShouldBe(HttpStatusCode.BadRequest);
        (await api.StatusAsync(Api.Applying, Word("stop", "another"), null)).ShouldBe(HttpStatusCode.BadRequest);
    }

    /// <summary>A change that waits since all applying is held.</summary>
    private async Task<string> HeldAsync()
    {
        await HoldAsync();
        var asked = await world.OnboardAsync("orders", "development");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Held is not null);
        return asked.ChangeId;
    }

    /// <summary>A change that was held while an action of it was tried in vain.</summary>
    private async Task<string> HeldWhileApplyingAsync()
    {
        await world.AddFaultAsync(NamespacesBusy());
        var asked = await world.OnboardAsync("orders", "development");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Actions.Any(a => a is { Id: NamespaceAction, State: ActionState.Running }));
        await HoldAsync();
        await world.UntilAsync("orders", asked.ChangeId, v => v.Held is not null);
        return asked.ChangeId;
    }

    private static JsonObject Word(string verb, string reason) => new() { ["verb"] = verb, ["reason"] = reason, ["by"] = "oscar" };

    private Task<JsonNode> HoldAsync() => api.SendAsync(HttpMethod.Post, Api.Applying, Word("hold", "GitHub is down"), null, HttpStatusCode.OK);

    private Task<JsonNode> ReleaseAsync() => api.SendAsync(HttpMethod.Post, Api.Applying, Word("release", ""), null, HttpStatusCode.OK);

    private static JsonObject NamespacesBusy() =>
        new() { ["system"] = "kubernetes", ["method"] = "POST", ["route"] = "/api/v1/namespaces", ["status"] = 503, ["times"] = 10_000 };
}
