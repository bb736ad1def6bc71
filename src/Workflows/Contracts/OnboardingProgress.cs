using System.Text.Json.Serialization;

namespace Onramp.Workflows.Contracts;

/// <summary>The four states callers see.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OnboardingStatus>))]
public enum OnboardingStatus
{
    [JsonStringEnumMemberName("pending")] Pending,
    [JsonStringEnumMemberName("provisioning")] Provisioning,
    [JsonStringEnumMemberName("completed")] Completed,
    [JsonStringEnumMemberName("failed")] Failed,
}

/// <summary>Where in its life a run is. The last group is final.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OnboardingPhase>))]
public enum OnboardingPhase
{
    Received,
    Validating,
    Planning,
    AwaitingApproval,
    CreatingRepository,
    ProvisioningAzure,
    ConnectingIdentity,
    ProvisioningNamespace,
    RegisteringGitOps,
    CreatingDashboards,
    RegisteringCatalog,
    Verifying,
    Notifying,
    Compensating,

    Completed,
    Compensated,
    Invalid,
    Rejected,
    ApprovalExpired,
    Cancelled,
}

/// <summary>State of one step.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepState>))]
public enum StepState
{
    [JsonStringEnumMemberName("pending")] Pending,
    [JsonStringEnumMemberName("running")] Running,
    [JsonStringEnumMemberName("succeeded")] Succeeded,
    [JsonStringEnumMemberName("warning")] Warning,
    [JsonStringEnumMemberName("skipped")] Skipped,
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("cancelled")] Cancelled,
    [JsonStringEnumMemberName("undoing")] Undoing,
    [JsonStringEnumMemberName("undoFailing")] UndoFailing,
    [JsonStringEnumMemberName("undone")] Undone,
}

/// <summary>A run's own account of itself.</summary>
/// <remarks>Answer of the <see cref="OnboardingContract.ProgressQuery"/> query, and result of a completed run.</remarks>
public sealed record OnboardingProgress
{
    public string WorkflowId { get; init; } = "";
    public string RunId { get; init; } = "";
    public string RequestId { get; init; } = "";
    public string Service { get; init; } = "";
    public string Team { get; init; } = "";
    public string Environment { get; init; } = "";
    public string Requester { get; init; } = "";
    public OnboardingStatus Status { get; init; }
    public OnboardingPhase Phase { get; init; }

    /// <summary>One sentence for people about where it stands.</summary>
    public string Message { get; init; } = "";

    /// <summary>On failure: what the caller can do about it.</summary>
    public string? Remediation { get; init; }

    /// <summary>On failure: whether asking again unchanged can succeed.</summary>
    public bool? Retryable { get; init; }

    /// <summary>On failure: one of <see cref="ErrorTypes"/>.</summary>
    public string? ErrorType { get; init; }

    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public bool CancelRequested { get; init; }
    public ServiceNames? Names { get; init; }
    public OnboardingPlan? Plan { get; init; }
    public ApprovalProgress? Approval { get; init; }
    public IReadOnlyList<StepProgress> Steps { get; init; } = [];

    /// <summary>Where the things made can be looked at, in order of making.</summary>
    public IReadOnlyList<OnboardingLink> Links { get; init; } = [];

    /// <summary>Things that did not stop the run but that its owner should know.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>One step as seen from outside.</summary>
public sealed record StepProgress
{
    public string Id { get; init; } = "";
    public string Title { get; init; } = "";

    /// <summary><c>github</c>, <c>azure</c>, <c>kubernetes</c>, <c>delivery</c>, <c>grafana</c>, <c>catalog</c>, <c>onramp</c> or <c>notifications</c>.</summary>
    public string System { get; init; } = "";

    public OnboardingPhase Phase { get; init; }
    public StepState State { get; init; }

    /// <summary>Attempts known to the workflow; a starter may add those of the pending activity.</summary>
    public int Attempt { get; init; }

    public StepError? LastError { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public string? Link { get; init; }

    /// <summary>True when this run made the thing (and would remove it); false when it found it.</summary>
    public bool? Created { get; init; }

    public IReadOnlyList<string> After { get; init; } = [];
}

/// <summary>Why a step failed last.</summary>
public sealed record StepError(string Type, string Message);

/// <summary>Where something can be looked at.</summary>
public sealed record OnboardingLink(string Title, string Url);
