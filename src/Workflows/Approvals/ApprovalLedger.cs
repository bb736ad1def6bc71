using Onramp.Workflows.Contracts;

namespace Onramp.Workflows.Approvals;

/// <summary>
/// Keeps the decisions of one run. Decisions that arrive before the plan is known are kept aside and judged once it is; every
/// decision leaves a record, counted or not. Pure state: no clock, no I/O.
/// </summary>
public sealed class ApprovalLedger
{
    /// <summary>Decisions kept; a run that is flooded keeps the first ones and stays decidable.</summary>
    public const int MaxRecords = 200;

    public const int MaxCommentLength = 1000;

    private readonly List<ApprovalRecord> records = [];
    private readonly List<(ApprovalDecision Decision, DateTimeOffset At)> early = [];
    private readonly string requester;
    private ApprovalRequirement requirement = new();
    private string planDigest = "";

    public ApprovalLedger(string requester) => this.requester = requester;

    /// <summary>One of <see cref="ApprovalStates"/>, or empty before the plan is known.</summary>
    public string State { get; private set; } = "";

    public IReadOnlyList<ApprovalRecord> Records => records;

    /// <summary>The decision that rejected the run.</summary>
    public ApprovalDecision? Rejection { get; private set; }

    /// <summary>Opens the ledger for this plan and judges what came early.</summary>
    public void Open(ApprovalRequirement required, string digest)
    {
        requirement = required;
        planDigest = digest;
        State = required.IsNeeded ? ApprovalStates.Waiting : ApprovalStates.NotNeeded;
        foreach (var (decision, at) in early)
            Judge(decision, at);
        early.Clear();
    }

    /// <summary>Nobody decided in time. Expiry never approves.</summary>
    public void Expire()
    {
        if (State == ApprovalStates.Waiting)
            State = ApprovalStates.Expired;
    }

    /// <summary>The run ends otherwise: nobody's decision is awaited any more.</summary>
    public void Close()
    {
        if (State.Length == 0 || State == ApprovalStates.Waiting)
            State = ApprovalStates.Closed;
    }

    /// <summary>Whether this decision's id was used before for the decision of another person, or for the other verdict.</summary>
    public bool IsIdReused(ApprovalDecision decision) =>
        !string.IsNullOrEmpty(decision.DecisionId)
        && records.Where(r => r.Outcome != DecisionOutcome.IgnoredIdReused).Select(r => r.Decision).Concat(early.Select(e => e.Decision))
            .Any(known => known.DecisionId == decision.DecisionId && !(Same(known.Approver ?? "", decision.Approver ?? "") && known.Verdict == decision.Verdict));

    /// <summary>Records a decision whose id is another one's; it does not count.</summary>
    public void RefuseReusedId(ApprovalDecision decision, DateTimeOffset at)
    {
        if (records.Count < MaxRecords)
            records.Add(new ApprovalRecord(Cut(decision), DecisionOutcome.IgnoredIdReused, at));
    }

    public void Receive(ApprovalDecision decision, DateTimeOffset at)
    {
        if (State.Length > 0)
            Judge(decision, at);
        else if (early.Count < MaxRecords)
            early.Add((decision, at));
    }

    private void Judge(ApprovalDecision decision, DateTimeOffset at)
    {
        var outcome = OutcomeOf(decision);
        if (records.Count < MaxRecords || outcome == DecisionOutcome.Accepted)
            records.Add(new ApprovalRecord(Cut(decision), outcome, at));
        if (outcome != DecisionOutcome.Accepted)
            return;
        if (decision.Verdict == ApprovalVerdict.Reject)
        {
            State = ApprovalStates.Rejected;
            Rejection = decision;
        }
        else if (IsSatisfied())
        {
            State = ApprovalStates.Approved;
        }
    }

    private DecisionOutcome OutcomeOf(ApprovalDecision decision)
    {
        if (string.IsNullOrWhiteSpace(decision.Approver) || decision.Groups is null || decision.PlanDigest is null)
            return DecisionOutcome.IgnoredMalformed;
        if (State == ApprovalStates.NotNeeded)
            return DecisionOutcome.IgnoredNotAsked;
        if (State != ApprovalStates.Waiting)
            return DecisionOutcome.IgnoredLate;
        if (Same(decision.Approver, requester))
            return DecisionOutcome.IgnoredRequester;
        if (!Same(decision.PlanDigest, planDigest))
            return DecisionOutcome.IgnoredOtherPlan;
        if (!requirement.Groups.Any(g => decision.Groups.Contains(g.Group, StringComparer.OrdinalIgnoreCase)))
            return DecisionOutcome.IgnoredNotInGroup;
        return decision.Verdict == ApprovalVerdict.Approve && Approvals().Any(a => Same(a.Approver, decision.Approver))
            ? DecisionOutcome.IgnoredDuplicate
            : DecisionOutcome.Accepted;
    }

    private IEnumerable<ApprovalDecision> Approvals() => records
        .Where(r => r.Outcome == DecisionOutcome.Accepted && r.Decision.Verdict == ApprovalVerdict.Approve)
        .Select(r => r.Decision);

    /// <summary>Each seat of each group needs its own person; who sits where is found by augmenting paths.</summary>
    private bool IsSatisfied()
    {
        var people = Approvals().ToList();
        var seats = requirement.Groups.SelectMany(g => Enumerable.Repeat(g.Group, g.Count)).ToList();
        var seatOf = Enumerable.Repeat(-1, seats.Count).ToArray();
        var seated = 0;
        for (var person = 0; person < people.Count; person++)
        {
            if (Seat(person, people, seats, seatOf, new bool[seats.Count]))
                seated++;
        }
        return seated == seats.Count && people.Count >= requirement.Approvers;
    }

    private static bool Seat(int person, List<ApprovalDecision> people, List<string> seats, int[] seatOf, bool[] tried)
    {
        for (var seat = 0; seat < seats.Count; seat++)
        {
            if (tried[seat] || !people[person].Groups.Contains(seats[seat], StringComparer.OrdinalIgnoreCase))
                continue;
            tried[seat] = true;
            if (seatOf[seat] >= 0 && !Seat(seatOf[seat], people, seats, seatOf, tried))
                continue;
            seatOf[seat] = person;
            return true;
        }
        return false;
    }

    private static ApprovalDecision Cut(ApprovalDecision decision) =>
        decision.Comment is { Length: > MaxCommentLength } comment ? decision with { Comment = comment[..MaxCommentLength] } : decision;

    private static bool Same(string left, string right) => string.Equals(left.Trim(), right.Trim(), StringComparison.OrdinalIgnoreCase);
}
