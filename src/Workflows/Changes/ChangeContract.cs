using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;

namespace Onramp.Workflows.Changes;

/// <summary>Names on the wire of a change.</summary>
public static class ChangeContract
{
    public const string WorkflowType = "ChangeWorkflow";

    /// <summary>Signal with <see cref="ScopesGranted"/> from the service.</summary>
    public const string GrantedSignal = "granted";

    /// <summary>Signal with <see cref="Principal"/> from the service: a newer change takes its place, unless it applies already.</summary>
    public const string SupersedeSignal = "supersede";

    /// <summary>Signal with <see cref="Decision"/>; <see cref="DecideUpdate"/> says at once what came of it.</summary>
    public const string DecideSignal = "decision";

    public const string DecideUpdate = "decide";

    /// <summary>Signal with <see cref="Services.Hold"/>: nobody applies for a while, or again.</summary>
    public const string HoldSignal = "hold";

    /// <summary>Update with <see cref="Principal"/>.</summary>
    public const string CancelUpdate = "cancel";

    /// <summary>Update with <see cref="OperatorCommand"/>.</summary>
    public const string OperateUpdate = "operate";

    public const string ViewQuery = "view";

    /// <summary>Memo field with <see cref="ChangeView"/>.</summary>
    public const string ViewMemo = "view";
}

/// <summary>What a change starts from.</summary>
public sealed record ChangeInput
{
    public const int CurrentRevision = 2;

    /// <summary>
    /// How the workflow's code goes about it, fixed when the change is made, so that histories of earlier code replay without a marker in each. 0: each
    /// part of planning is an activity of its own. 1: what is pure runs within the workflow task; starts with its memo; looks for a hold before it applies. 2: a word to the service isn't
    /// called off.
    /// </summary>
    public int Revision { get; init; }

    public string ChangeId { get; init; } = "";

    /// <summary>For people: the service's first change is 1.</summary>
    public int Number { get; init; }

    public string Service { get; init; } = "";
    public ChangeOrder Order { get; init; } = new();
    public Principal AskedBy { get; init; } = Principal.Onramp;
    public ServiceSnapshot Snapshot { get; init; } = new();
    public ChangeTiming Timing { get; init; } = new();
}

/// <summary>How long a change waits between one look and the next.</summary>
public sealed record ChangeTiming
{
    /// <summary>First wait for something under way. Default 1 s, doubled up to <see cref="PollMaximum"/>.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan PollMaximum { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>First wait after a removal or undo that failed. Default 10 s, doubled up to <see cref="StuckRetryMaximum"/>.</summary>
    public TimeSpan StuckRetry { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan StuckRetryMaximum { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often people are told that something is stuck. Default 1 h.</summary>
    public TimeSpan TellStuck { get; init; } = TimeSpan.FromHours(1);

    /// <summary>First wait until an activity is tried again. Default 1 s, doubled up to a minute.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>A person's word on a plan.</summary>
public sealed record Decision
{
    public string Id { get; init; } = "";
    public Principal By { get; init; } = Principal.AtTemporal;
    public ApprovalVerdict Verdict { get; init; }
    public string PlanDigest { get; init; } = "";
    public string Comment { get; init; } = "";
}

/// <summary>The scopes are the change's own from now on, and this is how the service stands.</summary>
public sealed record ScopesGranted
{
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Which asking it answers (<see cref="ScopesAsked.Round"/>); null: the last one.</summary>
    public int? Round { get; init; }

    /// <summary>Not null: nothing is given, and never will be. The service has closed this change already, and says why.</summary>
    public string? Refusal { get; init; }

    public ServiceSnapshot Snapshot { get; init; } = new();
}

/// <summary>What an operator says about something that is stuck, or about the whole.</summary>
public sealed record OperatorCommand
{
    public const string Retry = "retry";
    public const string Skip = "skip";
    public const string Abandon = "abandon";
    public const string Pause = "pause";
    public const string Resume = "resume";

    public static readonly IReadOnlyList<string> Verbs = [Retry, Skip, Abandon, Pause, Resume];

    public string Verb { get; init; } = "";

    /// <summary>Id of the action; needed for retry and skip.</summary>
    public string Action { get; init; } = "";

    public Principal By { get; init; } = Principal.AtTemporal;
}
