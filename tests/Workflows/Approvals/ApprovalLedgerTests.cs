using Onramp.Workflows.Approvals;
using Onramp.Workflows.Contracts;

namespace Onramp.Workflows.Tests.Approvals;

public sealed class ApprovalLedgerTests
{
    private const string Digest = "d1";
    private static readonly DateTimeOffset At = new(2026, 11, 21, 5, 0, 0, TimeSpan.Zero);
    private static readonly ApprovalRequirement PlatformAndOwner = new()
    {
        Groups = [new GroupApproval("platform", 1), new GroupApproval("payments", 1)],
        Approvers = 2,
    };

    public static TheoryData<string, ServiceRequest, int, int> Rules => new()
    {
        { "nothing", Requests.Orders, 0, 0 },
        { "nothing, micro and shared", Requests.Orders with { Plan = "micro", NetworkPolicy = "team-shared" }, 0, 0 },
        { "medium plan", Requests.Orders with { Plan = "medium" }, 1, 0 },
        { "staging", Requests.Orders with { Environment = "staging" }, 1, 0 },
        { "production", Requests.Orders with { Environment = "production" }, 1, 1 },
        { "large plan", Requests.Orders with { Plan = "large" }, 1, 1 },
        { "open network", Requests.Orders with { NetworkPolicy = "open" }, 1, 1 },
        { "medium in production", Requests.Orders with { Environment = "production", Plan = "medium" }, 1, 1 },
        { "adoption", Requests.Orders with { Repository = new RepositoryRequest { Mode = "adopt" } }, 1, 0 },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Policy_asks_for_the_strictest_rule(string name, ServiceRequest request, int platform, int owners)
    {
        var requirement = ApprovalPolicy.For(request, new ApprovalProfile());

        requirement.Approvers.ShouldBe(platform + owners, name);
        requirement.IsNeeded.ShouldBe(platform + owners > 0);
        requirement.Groups.Where(g => g.Group == "platform").Sum(g => g.Count).ShouldBe(platform);
        requirement.Groups.Where(g => g.Group == "payments").Sum(g => g.Count).ShouldBe(owners);
    }

    [Fact]
    public void Two_people_of_the_two_groups_approve()
    {
        var ledger = Open();

        ledger.Receive(Approve("grace", "platform"), At);
        ledger.State.ShouldBe(ApprovalStates.Waiting);
        ledger.Receive(Approve("linus", "payments"), At);

        ledger.State.ShouldBe(ApprovalStates.Approved);
    }

    [Fact]
    public void One_person_in_both_groups_counts_once()
    {
        var ledger = Open();

        ledger.Receive(Approve("grace", "platform", "payments"), At);
        ledger.Receive(Approve("Grace ", "payments"), At);

        ledger.State.ShouldBe(ApprovalStates.Waiting);
        Outcomes(ledger).ShouldBe([DecisionOutcome.Accepted, DecisionOutcome.IgnoredDuplicate]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Someone_in_both_groups_takes_whichever_seat_is_left(bool bothFirst)
    {
        var ledger = Open();
        ApprovalDecision[] decisions = [Approve("grace", "platform", "payments"), Approve("linus", "platform")];

        foreach (var decision in bothFirst ? decisions : decisions.Reverse())
            ledger.Receive(decision, At);

        ledger.State.ShouldBe(ApprovalStates.Approved);
    }

    [Fact]
    public void The_requester_is_never_heard()
    {
        var ledger = Open();

        ledger.Receive(Approve("ADA", "platform"), At);
        ledger.Receive(Reject("ada", "platform"), At);

        ledger.State.ShouldBe(ApprovalStates.Waiting);
        Outcomes(ledger).ShouldBe([DecisionOutcome.IgnoredRequester, DecisionOutcome.IgnoredRequester]);
    }

    [Fact]
    public void A_decision_about_another_plan_is_ignored()
    {
        var ledger = Open();

        ledger.Receive(Approve("grace", "platform") with { PlanDigest = "d0" }, At);

        Outcomes(ledger).ShouldBe([DecisionOutcome.IgnoredOtherPlan]);
    }

    [Fact]
    public void Outsiders_neither_approve_nor_reject()
    {
        var ledger = Open();

        ledger.Receive(Approve("mallory", "checkout"), At);
        ledger.Receive(Reject("mallory", "checkout"), At);

        ledger.State.ShouldBe(ApprovalStates.Waiting);
        Outcomes(ledger).ShouldBe([DecisionOutcome.IgnoredNotInGroup, DecisionOutcome.IgnoredNotInGroup]);
    }

    [Fact]
    public void One_rejection_is_enough_and_later_decisions_are_late()
    {
        var ledger = Open();

        ledger.Receive(Approve("grace", "platform"), At);
        ledger.Receive(Reject("linus", "payments"), At);
        ledger.Receive(Approve("linus", "payments"), At);

        ledger.State.ShouldBe(ApprovalStates.Rejected);
        ledger.Rejection!.Approver.ShouldBe("linus");
        Outcomes(ledger)[^1].ShouldBe(DecisionOutcome.IgnoredLate);
    }

    [Fact]
    public void Early_decisions_are_judged_when_the_plan_is_known()
    {
        var ledger = new ApprovalLedger("ada");

        ledger.Receive(Approve("grace", "platform"), At);
        ledger.Receive(Approve("linus", "payments") with { PlanDigest = "other" }, At);
        ledger.Records.ShouldBeEmpty();
        ledger.Open(PlatformAndOwner, Digest);

        Outcomes(ledger).ShouldBe([DecisionOutcome.Accepted, DecisionOutcome.IgnoredOtherPlan]);
        ledger.State.ShouldBe(ApprovalStates.Waiting);
    }

    [Fact]
    public void Expiry_never_approves_and_nothing_revives_it()
    {
        var ledger = Open();

        ledger.Receive(Approve("grace", "platform"), At);
        ledger.Expire();
        ledger.Receive(Approve("linus", "payments"), At);

        ledger.State.ShouldBe(ApprovalStates.Expired);
        Outcomes(ledger)[^1].ShouldBe(DecisionOutcome.IgnoredLate);
    }

    [Fact]
    public void Expiry_does_not_undo_a_decision()
    {
        var ledger = Open();
        ledger.Receive(Approve("grace", "platform"), At);
        ledger.Receive(Approve("linus", "payments"), At);

        ledger.Expire();

        ledger.State.ShouldBe(ApprovalStates.Approved);
    }

    [Fact]
    public void A_run_that_asks_nobody_ignores_decisions()
    {
        var ledger = new ApprovalLedger("ada");
        ledger.Open(new ApprovalRequirement(), Digest);

        ledger.Receive(Reject("grace", "platform"), At);

        ledger.State.ShouldBe(ApprovalStates.NotNeeded);
        Outcomes(ledger).ShouldBe([DecisionOutcome.IgnoredNotAsked]);
    }

    [Fact]
    public void A_flood_is_bounded_and_the_run_stays_decidable()
    {
        var ledger = Open();

        for (var i = 0; i < ApprovalLedger.MaxRecords * 2; i++)
            ledger.Receive(Approve($"mallory{i}", "checkout"), At);
        ledger.Receive(Approve("grace", "platform"), At);
        ledger.Receive(Approve("linus", "payments"), At);

        ledger.Records.Count.ShouldBe(ApprovalLedger.MaxRecords + 2);
        ledger.State.ShouldBe(ApprovalStates.Approved);
    }

    [Fact]
    public void Malformed_decisions_are_recorded_as_such()
    {
        var ledger = Open();

        ledger.Receive(new ApprovalDecision { Approver = " ", PlanDigest = Digest }, At);
        ledger.Receive(new ApprovalDecision { Approver = "grace", Groups = null!, PlanDigest = Digest }, At);

        Outcomes(ledger).ShouldBe([DecisionOutcome.IgnoredMalformed, DecisionOutcome.IgnoredMalformed]);
    }

    [Theory]
    [InlineData("grace", ApprovalVerdict.Approve, false)]
    [InlineData("Grace ", ApprovalVerdict.Approve, false)]
    [InlineData("grace", ApprovalVerdict.Reject, true)]
    [InlineData("linus", ApprovalVerdict.Approve, true)]
    public void F16_the_id_of_a_decision_belongs_to_one_person_and_one_verdict(string approver, ApprovalVerdict verdict, bool isReused)
    {
        var ledger = Open();
        ledger.Receive(Approve("grace", "platform") with { DecisionId = "1" }, At);

        ledger.IsIdReused(Approve(approver, "platform") with { DecisionId = "1", Verdict = verdict }).ShouldBe(isReused);
    }

    [Fact]
    public void The_id_of_a_decision_that_came_before_the_plan_is_taken_too()
    {
        var ledger = new ApprovalLedger("ada");
        ledger.Receive(Approve("grace", "platform") with { DecisionId = "1" }, At);

        ledger.IsIdReused(Approve("linus", "payments") with { DecisionId = "1" }).ShouldBeTrue();
    }

    [Fact]
    public void A_reused_id_does_not_take_the_id_from_the_one_whose_it_is()
    {
        var ledger = Open();
        ledger.Receive(Approve("grace", "platform") with { DecisionId = "1" }, At);
        ledger.RefuseReusedId(Approve("linus", "payments") with { DecisionId = "1" }, At);

        ledger.IsIdReused(Approve("grace", "platform") with { DecisionId = "1" }).ShouldBeFalse();
    }

    [Fact]
    public void Closing_ends_the_waiting_and_nothing_else()
    {
        var waiting = Open();
        var decided = Open();
        decided.Receive(Reject("grace", "platform"), At);

        waiting.Close();
        decided.Close();

        (waiting.State, decided.State).ShouldBe((ApprovalStates.Closed, ApprovalStates.Rejected));
    }

    private static ApprovalLedger Open()
    {
        var ledger = new ApprovalLedger("ada");
        ledger.Open(PlatformAndOwner, Digest);
        return ledger;
    }

    private static List<DecisionOutcome> Outcomes(ApprovalLedger ledger) => ledger.Records.Select(r => r.Outcome).ToList();

    private static ApprovalDecision Approve(string approver, params string[] groups) =>
        new() { Approver = approver, Groups = groups, Verdict = ApprovalVerdict.Approve, PlanDigest = Digest };

    private static ApprovalDecision Reject(string approver, params string[] groups) =>
        new() { Approver = approver, Groups = groups, Verdict = ApprovalVerdict.Reject, PlanDigest = Digest };
}
