using System.Text.Json.Nodes;
using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;
using Temporalio.Exceptions;

namespace Onramp.Core.Tests;

/// <summary>People decide on plans: by update and by signal, in time or not.</summary>
public sealed class ApprovalTests
{
    [Fact]
    public async Task A_decision_that_came_as_a_signal_while_no_worker_worked_counts_when_one_is_back()
    {
        await using var world = await World.StartAsync();
        var (change, digest) = await AskedAsync(world, "staging");
        await world.StopWorkerAsync();
        await world.Change("orders", change).SignalAsync(ChangeContract.DecideSignal, [Decision("grace", digest)]);
        world.StartWorker();
        var ended = await world.EndedAsync("orders", change);
        (ended.Outcome, ended.Approval!.State, ended.Approval.Decisions.Single().Decision.Approver).ShouldBe((ChangeOutcome.Completed, ApprovalStates.Approved, "grace"));
    }

    [Fact]
    public async Task The_same_decision_by_signal_and_by_update_counts_once()
    {
        await using var world = await World.StartAsync();
        var (change, digest) = await AskedAsync(world, "production");
        await world.Change("orders", change).SignalAsync(ChangeContract.DecideSignal, [Decision("grace", digest)]);
        var record = await world.Change("orders", change).ExecuteUpdateAsync<ApprovalRecord>(ChangeContract.DecideUpdate, [Decision("grace", digest)]);
        (record.Outcome, (await world.ViewAsync("orders", change)).Phase).ShouldBe((DecisionOutcome.IgnoredDuplicate, ChangePhase.AwaitingApproval));
    }

    [Fact]
    public async Task Production_needs_somebody_of_the_platform_and_somebody_of_the_team()
    {
        await using var world = await World.StartAsync();
        var (change, digest) = await AskedAsync(world, "production");
        (await world.DecideAsync("orders", change, digest, by: "grace", groups: ["platform"])).Outcome.ShouldBe(DecisionOutcome.Accepted);
        (await world.DecideAsync("orders", change, digest, by: "bob", groups: ["billing"])).Outcome.ShouldBe(DecisionOutcome.IgnoredNotInGroup);
        (await world.ViewAsync("orders", change)).Phase.ShouldBe(ChangePhase.AwaitingApproval);
        await world.DecideAsync("orders", change, digest, by: "hopper", groups: ["payments"]);
        (await world.EndedAsync("orders", change)).Outcome.ShouldBe(ChangeOutcome.Completed);
        (await world.StateUntilAsync("orders", s => s.Open.Count == 0)).Ended.Single().ApprovedBy.ShouldBe(["grace", "hopper"]);
    }

    [Fact]
    public async Task Rejected_it_ends_with_who_and_why_and_nothing_is_made()
    {
        await using var world = await World.StartAsync();
        var (change, digest) = await AskedAsync(world, "staging");
        await world.Change("orders", change).ExecuteUpdateAsync<ApprovalRecord>(
            ChangeContract.DecideUpdate, [Decision("grace", digest) with { Verdict = ApprovalVerdict.Reject, Comment = "too early" }]);
        var ended = await world.EndedAsync("orders", change);
        (ended.Outcome, ended.Message).ShouldBe((ChangeOutcome.Rejected, "Rejected by grace: too early"));
        (await world.RepositoryAsync("orders")).ShouldBeNull();
    }

    [Fact]
    public async Task People_are_reminded_then_it_is_escalated_and_at_last_it_expires()
    {
        await using var world = await World.StartAsync();
        var (change, _) = await AskedAsync(world, "staging");
        await world.Environment.DelayAsync(TimeSpan.FromHours(80));
        var ended = await world.EndedAsync("orders", change);
        var approval = ended.Approval!;
        ended.Outcome.ShouldBe(ChangeOutcome.Expired);
        new[] { approval.RemindedAt, approval.EscalatedAt, ended.EndedAt }.Select(at => Math.Round((at - approval.RequestedAt)!.Value.TotalHours)).ShouldBe([24, 48, 72]);
        (await world.WritesAsync("POST", "")).Count(w => w.Contains("/services/", StringComparison.Ordinal)).ShouldBeGreaterThanOrEqualTo(4);
    }

    [Fact]
    public async Task Decided_after_the_reminder_nobody_is_escalated_to()
    {
        await using var world = await World.StartAsync();
        var (change, digest) = await AskedAsync(world, "staging");
        await world.Environment.DelayAsync(TimeSpan.FromHours(30));
        await world.DecideAsync("orders", change, digest);
        var ended = await world.EndedAsync("orders", change);
        (ended.Outcome, ended.Approval!.RemindedAt is not null, ended.Approval.EscalatedAt).ShouldBe((ChangeOutcome.Completed, true, null));
    }

    [Theory]
    [InlineData("", "0000", "needs who decides")]
    [InlineData("grace", "", "needs who decides")]
    public async Task A_decision_without_a_name_or_a_digest_is_refused_and_leaves_no_trace(string by, string digest, string why)
    {
        await using var world = await World.StartAsync();
        var (change, _) = await AskedAsync(world, "staging");
        var refused = await Should.ThrowAsync<WorkflowUpdateFailedException>(() =>
            world.Change("orders", change).ExecuteUpdateAsync<ApprovalRecord>(ChangeContract.DecideUpdate, [Decision(by, digest)]));
        refused.InnerException!.Message.ShouldContain(why);
        (await world.ViewAsync("orders", change)).Approval!.Decisions.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_decision_on_what_waits_for_nobody_is_refused()
    {
        await using var world = await World.StartAsync();
        await world.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["method"] = "POST", ["route"] = "/api/v1/namespaces", ["status"] = 503, ["times"] = 10_000 });
        var asked = await world.OnboardAsync("orders", "development");
        var view = await world.UntilAsync("orders", asked.ChangeId, v => v.Phase == ChangePhase.Applying);
        var refused = await Should.ThrowAsync<WorkflowUpdateFailedException>(() => world.DecideAsync("orders", asked.ChangeId, view.Plan!.Digest));
        refused.InnerException!.Message.ShouldBe("It does not wait for approval: it is Applying");
    }

    private static Decision Decision(string by, string digest) =>
        new() { Id = $"{by}-1", By = new Principal(by, Principal.Token, ["platform", "payments"]), Verdict = ApprovalVerdict.Approve, PlanDigest = digest };

    private static async Task<(string ChangeId, string Digest)> AskedAsync(World world, string environment)
    {
        var asked = await world.OnboardAsync("orders", environment);
        var view = await world.UntilAsync("orders", asked.ChangeId, v => v.Phase == ChangePhase.AwaitingApproval);
        return (asked.ChangeId, view.Plan!.Digest);
    }
}
