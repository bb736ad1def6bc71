using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;

namespace Onramp.Starter.Services.Preview;

/// <summary>Ask for an environment of a service.</summary>
public sealed record OnboardBody
{
    public string Name { get; init; } = "";
    public string Team { get; init; } = "";

    /// <summary><c>development</c>, <c>staging</c> or <c>production</c>.</summary>
    public string Environment { get; init; } = "";

    public string Description { get; init; } = "";

    /// <summary><c>private</c> (default) or <c>internal</c>.</summary>
    public string Visibility { get; init; } = "private";

    /// <summary>Labels of the team's own on the environment's namespace.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Take over a repository of this name that is there already. Default false: it is refused.</summary>
    public bool AdoptRepository { get; init; }

    /// <summary>Who asks; only where tokens are off, else the token says it.</summary>
    public string By { get; init; } = "";
}

/// <summary>Change a service; what is left out stays as it is.</summary>
public sealed record ChangeBody
{
    /// <summary><c>configure</c>, <c>repair</c>, <c>offboard</c> or <c>restore</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Environment that it is about; may be left out when only what the environments share is configured.</summary>
    public string Environment { get; init; } = "";

    public string? Description { get; init; }
    public string? Visibility { get; init; }
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Who asks; only where tokens are off, else the token says it.</summary>
    public string By { get; init; } = "";
}

/// <summary>Somebody's word on a change's plan.</summary>
public sealed record DecisionBody
{
    /// <summary><c>approve</c> or <c>reject</c>.</summary>
    public string Verdict { get; init; } = "";

    public string PlanDigest { get; init; } = "";
    public string Comment { get; init; } = "";

    /// <summary>Caller's id of the decision; the same twice counts once. Default: of person, verdict and plan.</summary>
    public string DecisionId { get; init; } = "";

    /// <summary>Who decides; only where tokens are off, else the token says it.</summary>
    public string By { get; init; } = "";
}

/// <summary>An operator's word on a change.</summary>
public sealed record OperationBody
{
    /// <summary><c>cancel</c>, <c>retry</c>, <c>skip</c>, <c>abandon</c>, <c>pause</c> or <c>resume</c>.</summary>
    public string Verb { get; init; } = "";

    /// <summary>Id of the action; needed for retry and skip.</summary>
    public string Action { get; init; } = "";

    /// <summary>Who says it; only where tokens are off, else the token says it.</summary>
    public string By { get; init; } = "";
}

/// <summary>An operator's word on all applying.</summary>
public sealed record HoldBody
{
    public const string Hold = "hold";
    public const string Release = "release";

    /// <summary><c>hold</c> or <c>release</c>.</summary>
    public string Verb { get; init; } = "";

    /// <summary>Why, for everybody whose change waits; needed for hold.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Who it is; only where tokens are off, else the token says it.</summary>
    public string By { get; init; } = "";
}

/// <summary>Whether changes are applied.</summary>
public sealed record ApplyingView
{
    /// <summary>Who holds all applying, since when and why; null while changes are applied.</summary>
    public Hold? Held { get; init; }
}

/// <summary>A request that is durable.</summary>
public sealed record ChangeAccepted
{
    public string Service { get; init; } = "";
    public string ChangeId { get; init; } = "";

    /// <summary>For people; 0 while no worker has given it to the service.</summary>
    public int Number { get; init; }

    /// <summary><c>accepted</c> by the service, or <c>taken</c>: it is durable, and is given to the service when a worker works.</summary>
    public string State { get; init; } = "";

    public string Href { get; init; } = "";

    /// <summary>Where it is shown in Temporal's web UI; absent where none is known.</summary>
    public string? RunPage { get; init; }
}

/// <summary>What came of a decision or an operation.</summary>
public sealed record CommandAccepted
{
    public string ChangeId { get; init; } = "";

    /// <summary>What it counts as, or <c>taken</c>: it is durable, and is judged when a worker works.</summary>
    public string Outcome { get; init; } = "";
}

/// <summary>A service as it stands.</summary>
public sealed record PreviewService
{
    public string Name { get; init; } = "";
    public string Team { get; init; } = "";

    /// <summary><c>active</c>, <c>changing</c>, <c>retiring</c>, <c>interrupted</c> or <c>gone</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>When this was so; reading needs no worker.</summary>
    public DateTimeOffset At { get; init; }

    public ServiceSpec Spec { get; init; } = new();
    public IReadOnlyDictionary<string, EnvironmentState> Environments { get; init; } = new Dictionary<string, EnvironmentState>(StringComparer.Ordinal);
    public IReadOnlyList<InventoryItem> Inventory { get; init; } = [];
    public IReadOnlyList<ChangeHead> Open { get; init; } = [];
    public IReadOnlyList<EndedChange> Ended { get; init; } = [];

    /// <summary>Somebody holds all applying, of this service too; not told in lists.</summary>
    public Hold? Held { get; init; }

    /// <summary>Where it is shown in Temporal's web UI; absent where none is known.</summary>
    public string? RunPage { get; init; }
}

/// <summary>A page of services. Lists are eventual: a service may take a moment to appear.</summary>
public sealed record PreviewPage
{
    public IReadOnlyList<PreviewService> Items { get; init; } = [];
    public string? NextPageToken { get; init; }
}

/// <summary>Changes of a service: open ones, and the last that ended.</summary>
public sealed record PreviewChanges(IReadOnlyList<ChangeHead> Open, IReadOnlyList<EndedChange> Ended);
