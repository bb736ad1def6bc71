using System.Text.Json.Serialization;

namespace Onramp.Workflows.Contracts;

/// <summary>What an approver says.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ApprovalVerdict>))]
public enum ApprovalVerdict
{
    [JsonStringEnumMemberName("approve")] Approve,
    [JsonStringEnumMemberName("reject")] Reject,
}

/// <summary>Decision of one person on a plan.</summary>
/// <remarks>Payload of the <see cref="OnboardingContract.ApprovalSignal"/> signal.</remarks>
public sealed record ApprovalDecision
{
    /// <summary>Caller's id of this decision; the same id twice counts once. It belongs to one person and one verdict.</summary>
    public string DecisionId { get; init; } = "";

    /// <summary>Who decides, as authenticated by the starter.</summary>
    public string Approver { get; init; } = "";

    /// <summary>Groups the starter knows the approver to be in.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    public ApprovalVerdict Verdict { get; init; }

    /// <summary><see cref="OnboardingPlan.Digest"/> of the plan that the approver saw.</summary>
    public string PlanDigest { get; init; } = "";

    /// <summary>Why, at most 1000 characters.</summary>
    public string Comment { get; init; } = "";
}

/// <summary>How many distinct approvers a group must give.</summary>
public sealed record GroupApproval(string Group, int Count);

/// <summary>What policy asks of this request. No groups means that nobody needs to approve.</summary>
public sealed record ApprovalRequirement
{
    public IReadOnlyList<GroupApproval> Groups { get; init; } = [];

    /// <summary>Distinct people needed in all (one person in two groups counts for one of them).</summary>
    public int Approvers { get; init; }

    /// <summary>Which rules asked for it, in words.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    [JsonIgnore]
    public bool IsNeeded => Approvers > 0;
}

/// <summary>What came of one decision.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DecisionOutcome>))]
public enum DecisionOutcome
{
    [JsonStringEnumMemberName("accepted")] Accepted,
    [JsonStringEnumMemberName("ignoredDuplicate")] IgnoredDuplicate,
    [JsonStringEnumMemberName("ignoredRequester")] IgnoredRequester,
    [JsonStringEnumMemberName("ignoredNotInGroup")] IgnoredNotInGroup,
    [JsonStringEnumMemberName("ignoredOtherPlan")] IgnoredOtherPlan,
    [JsonStringEnumMemberName("ignoredNotAsked")] IgnoredNotAsked,
    [JsonStringEnumMemberName("ignoredLate")] IgnoredLate,
    [JsonStringEnumMemberName("ignoredMalformed")] IgnoredMalformed,
    [JsonStringEnumMemberName("ignoredIdReused")] IgnoredIdReused,
}

/// <summary>One line of the audit of decisions; ignored ones are kept too.</summary>
public sealed record ApprovalRecord(ApprovalDecision Decision, DecisionOutcome Outcome, DateTimeOffset At);

/// <summary>State of the approval of a run.</summary>
public sealed record ApprovalProgress
{
    public ApprovalRequirement Requirement { get; init; } = new();
    public string PlanDigest { get; init; } = "";

    /// <summary><c>notNeeded</c>, <c>waiting</c>, <c>approved</c>, <c>rejected</c>, <c>expired</c>, or <c>closed</c> when the run ended before a decision.</summary>
    public string State { get; init; } = ApprovalStates.Waiting;

    public IReadOnlyList<ApprovalRecord> Decisions { get; init; } = [];
    public DateTimeOffset? RequestedAt { get; init; }
    public DateTimeOffset? RemindedAt { get; init; }
    public DateTimeOffset? EscalatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? DecidedAt { get; init; }
}

/// <summary>Values of <see cref="ApprovalProgress.State"/>.</summary>
public static class ApprovalStates
{
    public const string NotNeeded = "notNeeded";
    public const string Waiting = "waiting";
    public const string Approved = "approved";
    public const string Rejected = "rejected";
    public const string Expired = "expired";
    public const string Closed = "closed";
}
