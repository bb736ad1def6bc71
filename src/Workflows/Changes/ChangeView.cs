using System.Text.Json.Serialization;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;

namespace Onramp.Workflows.Changes;

/// <summary>How far one action is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ActionState>))]
public enum ActionState
{
    [JsonStringEnumMemberName("waiting")] Waiting,
    [JsonStringEnumMemberName("running")] Running,
    [JsonStringEnumMemberName("done")] Done,
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("cancelled")] Cancelled,
    [JsonStringEnumMemberName("undoing")] Undoing,
    [JsonStringEnumMemberName("undone")] Undone,

    /// <summary>A removal or an undo fails, and is tried again until it doesn't or somebody decides.</summary>
    [JsonStringEnumMemberName("stuck")] Stuck,

    /// <summary>Left as it is: somebody skipped it, or no undo can bring it back.</summary>
    [JsonStringEnumMemberName("left")] Left,

    /// <summary>Made for what the environments share: it is the service's now, which takes it away when no environment needs it.</summary>
    [JsonStringEnumMemberName("handedOver")] HandedOver,
}

/// <summary>One action and how far it is.</summary>
public sealed record ActionView
{
    public string Id { get; init; } = "";
    public ActionKind Kind { get; init; }
    public string Name { get; init; } = "";
    public ActionState State { get; init; }
    public StepError? Error { get; init; }
    public string? Message { get; init; }
    public string? Link { get; init; }

    /// <summary>Who skipped it.</summary>
    public string? By { get; init; }
}

/// <summary>Something that happened, for people; and for programs, which action moved or which phase began.</summary>
public sealed record ChangeEvent(int Number, DateTimeOffset At, string What, string? By = null)
{
    /// <summary>Id of the action that moved.</summary>
    public string? Action { get; init; }

    /// <summary>What became of that action.</summary>
    public ActionState? State { get; init; }

    /// <summary>The phase that began.</summary>
    public ChangePhase? Phase { get; init; }
}

/// <summary>Everything about one change; the state is what is shown.</summary>
public sealed record ChangeView
{
    /// <summary>Events kept; the oldest go first.</summary>
    public const int MaxEvents = 200;

    public string ChangeId { get; init; } = "";
    public int Number { get; init; }
    public string Service { get; init; } = "";
    public ChangeOrder Order { get; init; } = new();
    public Principal AskedBy { get; init; } = Principal.Onramp;
    public DateTimeOffset AskedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public ChangePhase Phase { get; init; }
    public ChangeOutcome Outcome { get; init; }
    public string Message { get; init; } = "";
    public ChangePlan? Plan { get; init; }
    public string PolicyVersion { get; init; } = "";
    public ApprovalProgress? Approval { get; init; }
    public IReadOnlyList<ActionView> Actions { get; init; } = [];
    public StepError? Failure { get; init; }
    public string? Remediation { get; init; }
    public Principal? CancelledBy { get; init; }
    public bool Paused { get; init; }

    /// <summary>Why nothing further is applied or undone now: somebody holds all applying.</summary>
    public Hold? Held { get; init; }

    /// <summary>What is left behind, in words.</summary>
    public IReadOnlyList<string> Left { get; init; } = [];

    public IReadOnlyList<ChangeEvent> Events { get; init; } = [];

    /// <summary>How a change looks that begins now.</summary>
    public static ChangeView Of(ChangeInput input, DateTimeOffset now) => new()
    {
        ChangeId = input.ChangeId,
        Number = input.Number,
        Service = input.Service,
        Order = input.Order,
        AskedBy = input.AskedBy,
        AskedAt = now,
    };
}
