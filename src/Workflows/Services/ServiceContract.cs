using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Changes;

namespace Onramp.Workflows.Services;

/// <summary>Names on the wire of a service and of requests to it.</summary>
public static class ServiceContract
{
    public const string WorkflowType = "ServiceWorkflow";
    public const string RequestWorkflowType = "RequestWorkflow";

    /// <summary><see cref="ChangeInput"/> → <see cref="ChangePlan"/>: plans, and does nothing else.</summary>
    public const string PlanWorkflowType = "PlanWorkflow";

    /// <summary>Task queue of services, changes and what they call: that of everything Onramp does.</summary>
    public const string TaskQueue = Contracts.OnboardingContract.OnboardingTaskQueue;

    /// <summary>Update with <see cref="ServiceRequested"/> → <see cref="RequestAnswer"/>. It answers at once.</summary>
    public const string RequestUpdate = "request";

    /// <summary>Signal with <see cref="ScopesAsked"/> from a change.</summary>
    public const string AskSignal = "ask";

    /// <summary>Signal with <see cref="ChangeFinished"/> from a change.</summary>
    public const string FinishedSignal = "finished";

    public const string StateQuery = "state";

    /// <summary>Memo field with <see cref="CarriedState"/>: what is shown when no worker answers, and found again when the run is gone.</summary>
    public const string StateMemo = "state";

    /// <summary>Memo field of a request: digest of its body.</summary>
    public const string RequestDigestMemo = "requestDigest";

    /// <summary><see cref="RequestEnvelope"/> → <see cref="RequestAnswer"/>: gives a request to its service, which is started if need be.</summary>
    public const string Deliver = "service.deliver";

    /// <summary>Signal to a service that may have to be started first.</summary>
    public const string Tell = "service.tell";

    /// <summary>Name → <see cref="RecoveredState"/>: what is known of a service whose entity starts without carried state.</summary>
    public const string Recover = "service.recover";

    /// <summary><see cref="LookInput"/> → <see cref="LookedAt"/>: whether a change's workflow still runs.</summary>
    public const string Look = "service.look";

    /// <summary>→ <see cref="HoldSeen"/>: whether somebody holds all applying now.</summary>
    public const string LookForHold = "service.hold";

    /// <summary><see cref="Hold"/>: tells every change that is under way.</summary>
    public const string SpreadHold = "service.spreadHold";
}

/// <summary>Something asked of a service.</summary>
public sealed record ServiceRequested
{
    public string ChangeId { get; init; } = "";
    public ChangeOrder Order { get; init; } = new();
    public Principal AskedBy { get; init; } = Principal.AtTemporal;
}

/// <summary>A request on its way.</summary>
public sealed record RequestEnvelope
{
    public string Service { get; init; } = "";
    public ServiceRequested Request { get; init; } = new();
}

/// <summary>What the service says to a request.</summary>
public sealed record RequestAnswer
{
    public bool Accepted { get; init; }
    public string ChangeId { get; init; } = "";
    public int Number { get; init; }

    /// <summary>When not accepted: one of <see cref="RequestRefusals"/>.</summary>
    public string Refusal { get; init; } = "";

    public string Message { get; init; } = "";
}

/// <summary>Why a service does not accept a request.</summary>
public static class RequestRefusals
{
    public const string Exists = "exists";
    public const string Unknown = "unknown";
    public const string InFlight = "inFlight";
    public const string Retiring = "retiring";
    public const string NotRetiring = "notRetiring";
    public const string OtherTeam = "otherTeam";
    public const string Busy = "busy";
}

/// <summary>A change asks for all scopes that its plan touches, at once, and says what it is about to do.</summary>
public sealed record ScopesAsked
{
    public ChangeHead Change { get; init; } = new();
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Counts the change's askings: what was given for an earlier one is not its own any more.</summary>
    public int? Round { get; init; }

    public string PlanDigest { get; init; } = "";

    /// <summary>Recorded before anything is applied: what may exist if the change is never heard of again.</summary>
    public IReadOnlyList<InventoryItem> Planned { get; init; } = [];

    public ServiceSpec Wanted { get; init; } = new();
}

/// <summary>A change has ended.</summary>
public sealed record ChangeFinished
{
    public ChangeHead Change { get; init; } = new();
    public ChangeOutcome Outcome { get; init; }
    public string Message { get; init; } = "";
    public string PlanDigest { get; init; } = "";
    public IReadOnlyList<string> ApprovedBy { get; init; } = [];

    /// <summary>The service as the change leaves it; counts only when it completed.</summary>
    public ServiceSpec Wanted { get; init; } = new();

    /// <summary>Things that it made, changed or handed over.</summary>
    public IReadOnlyList<InventoryItem> Made { get; init; } = [];

    /// <summary>Things that are gone: <c>capability@scope</c>.</summary>
    public IReadOnlyList<string> Gone { get; init; } = [];

    /// <summary>What it leaves behind, in words.</summary>
    public IReadOnlyList<string> Left { get; init; } = [];
}

/// <summary>Who a change is: enough for a service that has never heard of it.</summary>
public sealed record ChangeHead
{
    public string ChangeId { get; init; } = "";
    public int Number { get; init; }
    public ChangeOrder Order { get; init; } = new();
    public Principal AskedBy { get; init; } = Principal.Onramp;
    public DateTimeOffset AskedAt { get; init; }
}

/// <summary>What is told to a service.</summary>
public sealed record TellInput
{
    public string Service { get; init; } = "";
    public ScopesAsked? Asked { get; init; }
    public ChangeFinished? Finished { get; init; }
}

public sealed record LookInput(string Service, string ChangeId);

/// <summary>A change's workflow, as Temporal knows it.</summary>
public sealed record LookedAt(bool Exists, bool Running)
{
    /// <summary>What it told its service when it ended; null: it runs, or it ended without a word.</summary>
    public ChangeFinished? Finished { get; init; }
}

/// <summary>What was found of a service.</summary>
public sealed record RecoveredState
{
    /// <summary>The state of its last run; null when there is none.</summary>
    public CarriedState? Last { get; init; }

    /// <summary>Whether that run ended by itself: then its state is the truth and nothing was looked for.</summary>
    public bool EndedWell { get; init; }

    /// <summary>Things with its mark on them.</summary>
    public IReadOnlyList<InventoryItem> Found { get; init; } = [];

    /// <summary>What they say of the service.</summary>
    public ServiceSpec Spec { get; init; } = new();
}
