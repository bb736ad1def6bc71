using System.Net;
using System.Net.Http.Json;
using Onramp.Starter.Http;
using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;

namespace Onramp.Starter.Tests;

/// <summary>Decisions: accepted means recorded, an id belongs to one decision, and after the end nobody's is awaited.</summary>
public sealed class DecisionTests(WorkedFixture fixture) : IClassFixture<WorkedFixture>
{
    [Fact]
    public async Task An_accepted_decision_is_recorded()
    {
        var waiting = await fixture.AwaitingApprovalAsync("recorded");

        using var response = await DecideAsync("recorded", WorkedFixture.Decision(waiting, decisionId: "1"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var progress = await fixture.UntilAsync("recorded-staging", _ => true);
        progress.Approval!.Decisions.Select(d => (d.Decision.DecisionId, d.Decision.Approver, d.Outcome)).ShouldBe([("1", "grace", DecisionOutcome.Accepted)]);
    }

    [Fact]
    public async Task The_same_decision_again_counts_once_and_is_answered_alike()
    {
        var waiting = await fixture.AwaitingApprovalAsync("sameagain");
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => DecideAsync("sameagain", WorkedFixture.Decision(waiting, decisionId: "1"))));

        var answers = await Task.WhenAll(all.Select(r => r.Content.ReadFromJsonAsync<DecisionAccepted>(ApiJson.Options)));

        answers.ShouldAllBe(a => a!.Outcome == DecisionOutcome.Accepted && a.State == ApprovalStates.Approved);
    }

    [Theory]
    [InlineData("approve", "linus")]
    [InlineData("reject", "grace")]
    [InlineData("reject", "linus")]
    public async Task The_id_of_another_decision_is_refused(string verdict, string approver)
    {
        var name = $"reused-{verdict}-{approver}";
        var waiting = await fixture.AwaitingApprovalAsync(name);
        using var first = await DecideAsync(name, WorkedFixture.Decision(waiting, decisionId: "1"));

        using var second = await DecideAsync(name, WorkedFixture.Decision(waiting, verdict, approver, "1"));

        await ShouldBeRefusedAsync(second, HttpStatusCode.UnprocessableEntity, "decision-id-reused", "decisionId", "sameDecision");
    }

    [Fact]
    public async Task Of_two_people_with_one_id_at_once_only_one_is_told_that_it_counts()
    {
        var waiting = await fixture.AwaitingApprovalAsync("raced");

        var all = await Task.WhenAll(new[] { ("approve", "grace"), ("reject", "linus") }
            .Select(by => DecideAsync("raced", WorkedFixture.Decision(waiting, by.Item1, by.Item2, "1"))));

        all.Count(r => r.StatusCode == HttpStatusCode.OK).ShouldBe(1);
    }

    [Fact]
    public async Task F17_nobody_s_approval_is_awaited_once_the_run_was_cancelled()
    {
        var waiting = await CancelledAsync("cancelled");

        using var late = await DecideAsync("cancelled", WorkedFixture.Decision(waiting));

        await ShouldBeRefusedAsync(late, HttpStatusCode.Conflict, "not-awaiting-approval", "id", "awaitingApproval");
    }

    [Fact]
    public async Task F17_a_cancelled_run_shows_its_approval_closed()
    {
        await CancelledAsync("closed");

        var progress = await fixture.UntilAsync("closed-staging", p => p.EndedAt is not null);

        (progress.Approval!.State, progress.Steps.Count(s => s.State == StepState.Running)).ShouldBe((ApprovalStates.Closed, 0));
    }

    [Fact]
    public async Task A_terminated_run_shows_its_approval_closed_and_takes_no_decision()
    {
        var waiting = await fixture.AwaitingApprovalAsync("terminated");
        await fixture.Temporal.GetWorkflowHandle(waiting.WorkflowId, waiting.RunId).TerminateAsync("test");

        using var late = await DecideAsync("terminated", WorkedFixture.Decision(waiting));

        late.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await fixture.UntilAsync("terminated-staging", _ => true)).Approval!.State.ShouldBe(ApprovalStates.Closed);
    }

    private Task<HttpResponseMessage> DecideAsync(string name, object decision) =>
        fixture.SendAsync(HttpMethod.Post, $"{ApiPaths.Services}/{name}-staging/approvals", decision);

    /// <summary>The progress while it waited.</summary>
    private async Task<OnboardingProgress> CancelledAsync(string name)
    {
        var waiting = await fixture.AwaitingApprovalAsync(name);
        using var response = await fixture.SendAsync(HttpMethod.Delete, $"{ApiPaths.Services}/{name}-staging");
        response.EnsureSuccessStatusCode();
        await fixture.UntilAsync($"{name}-staging", p => p.Phase == OnboardingPhase.Cancelled);
        return waiting;
    }

    private static async Task ShouldBeRefusedAsync(HttpResponseMessage response, HttpStatusCode status, string kind, string field, string rule)
    {
        var problem = (await response.Content.ReadFromJsonAsync<Problem>(ApiJson.Options))!;
        (response.StatusCode, problem.Type, problem.Errors.Single().Field, problem.Errors.Single().Rule).ShouldBe((status, $"urn:onramp:problem:{kind}", field, rule));
    }
}
