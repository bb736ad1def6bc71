using System.Net;
using Onramp.Cli.Api;
using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;

namespace Onramp.EndToEnd.Tests;

/// <summary>Every way in which a plan is not approved, and every decision that does not count.</summary>
public sealed class RejectionTests(StackFixture stack) : IClassFixture<StackFixture>
{
    [Fact]
    public async Task A_rejected_plan_fails_and_makes_nothing()
    {
        var before = await stack.Sandbox.StateAsync();
        var waiting = await WaitingAsync("rejected");
        (await stack.DecideAsync(waiting, "ada", "reject")).State.ShouldBe(ApprovalStates.Rejected);
        var view = await stack.EndAsync(waiting.Id);
        (view.Progress.Status, view.Progress.Phase).ShouldBe((OnboardingStatus.Failed, OnboardingPhase.Rejected));
        view.Progress.Remediation.ShouldNotBeNullOrEmpty();
        (await stack.Sandbox.StateAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task A_cancelled_request_makes_nothing()
    {
        var before = await stack.Sandbox.StateAsync();
        var waiting = await WaitingAsync("withdrawn");
        await stack.Api.CancelAsync(waiting.Id, CancellationToken.None);
        var view = await stack.EndAsync(waiting.Id);
        (view.Progress.Status, view.Progress.Phase).ShouldBe((OnboardingStatus.Failed, OnboardingPhase.Cancelled));
        (await stack.Sandbox.StateAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Decisions_that_do_not_count_are_refused_and_change_nothing()
    {
        var waiting = await WaitingAsync("contested");
        (await RefusedAsync(() => stack.DecideAsync(waiting, "grace"))).ShouldBe((HttpStatusCode.Forbidden, "approver", "notRequester"));
        (await RefusedAsync(() => stack.DecideAsync(waiting, "ada", "approve", null, "gardeners"))).ShouldBe((HttpStatusCode.Forbidden, "groups", "asked"));
        (await RefusedAsync(() => stack.DecideAsync(waiting, "ada", "approve", new string('0', 64)))).ShouldBe((HttpStatusCode.Conflict, "planDigest", "current"));
        (await stack.Api.GetAsync(waiting.Id, CancellationToken.None)).Progress.Approval!.State.ShouldBe(ApprovalStates.Waiting);
        await stack.DecideAsync(waiting, "ada");
        await stack.EndAsync(waiting.Id);
        (await RefusedAsync(() => stack.DecideAsync(waiting, "linus", "reject"))).ShouldBe((HttpStatusCode.Conflict, "id", "awaitingApproval"));
    }

    [Fact]
    public async Task The_same_decision_sent_twice_counts_once()
    {
        var accepted = await stack.Api.RequestAsync(StackFixture.Request("repeated", Vocabulary.Production), null, CancellationToken.None);
        var waiting = await stack.PhaseAsync(accepted.Id, OnboardingPhase.AwaitingApproval);
        var decision = new ApprovalBody { Verdict = "approve", Approver = "ada", Groups = ["platform"], PlanDigest = waiting.Progress.Plan!.Digest, DecisionId = "decision-1" };
        var first = await stack.Api.DecideAsync(accepted.Id, decision, CancellationToken.None);
        var second = await stack.Api.DecideAsync(accepted.Id, decision, CancellationToken.None);
        (first.Outcome, second.Outcome, second.State).ShouldBe((DecisionOutcome.Accepted, DecisionOutcome.Accepted, ApprovalStates.Waiting));
        await stack.Api.CancelAsync(accepted.Id, CancellationToken.None);
        await stack.EndAsync(accepted.Id);
    }

    [Fact]
    public async Task After_a_rejection_the_service_can_be_asked_for_again()
    {
        var waiting = await WaitingAsync("secondtry");
        await stack.DecideAsync(waiting, "ada", "reject");
        await stack.EndAsync(waiting.Id);
        var again = await WaitingAsync("secondtry");
        again.Progress.RunId.ShouldNotBe(waiting.Progress.RunId);
        await stack.DecideAsync(again, "ada");
        (await stack.EndAsync(again.Id)).Progress.Status.ShouldBe(OnboardingStatus.Completed);
    }

    private async Task<ServiceView> WaitingAsync(string name)
    {
        var accepted = await stack.Api.RequestAsync(StackFixture.Request(name, Vocabulary.Staging), null, CancellationToken.None);
        return await stack.PhaseAsync(accepted.Id, OnboardingPhase.AwaitingApproval);
    }

    private static async Task<(HttpStatusCode Status, string Field, string Rule)> RefusedAsync(Func<Task> decide)
    {
        var problem = (await Should.ThrowAsync<ApiProblemException>(decide)).Problem;
        var error = problem.Errors.Single();
        return ((HttpStatusCode)problem.Status, error.Field, error.Rule);
    }
}
