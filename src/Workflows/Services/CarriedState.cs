using System.Text.Json.Serialization;
using Onramp.Workflows.Changes;

namespace Onramp.Workflows.Services;

/// <summary>
/// Everything that a service knows: carried from run to run, shown in its memo, answered to queries. Fields are added and never reused; a
/// state of an older version is read by every later one.
/// </summary>
public sealed record CarriedState
{
    public const int CurrentVersion = 1;

    /// <summary>Changes kept after they ended.</summary>
    public const int MaxEnded = 20;

    /// <summary>Changes open at a time. They plan side by side; only applying takes turns.</summary>
    public const int MaxOpen = 20;

    public int Version { get; init; } = CurrentVersion;
    public ServiceSpec Spec { get; init; } = new();
    public IReadOnlyList<InventoryItem> Inventory { get; init; } = [];

    /// <summary>By name; also those that are only on their way, or gone wrong.</summary>
    public SortedDictionary<string, EnvironmentState> Environments { get; init; } = new(StringComparer.Ordinal);

    public IReadOnlyList<OpenChange> Open { get; init; } = [];
    public IReadOnlyList<EndedChange> Ended { get; init; } = [];
    public ScopeLocksState Locks { get; init; } = new();

    /// <summary>Number of the last change.</summary>
    public int LastNumber { get; init; }

    /// <summary>Rises with every change of what there is.</summary>
    public long SnapshotVersion { get; init; }

    /// <summary>When it was last published.</summary>
    public DateTimeOffset At { get; init; }

    public ServiceSettings Settings { get; init; } = new();

    [JsonIgnore]
    public ServiceSnapshot Snapshot => new() { Spec = Spec, Inventory = Inventory, Version = SnapshotVersion };
}

/// <summary>What every service is told when it starts.</summary>
public sealed record ServiceSettings
{
    /// <summary>How long an environment stays quiet before it is removed. Default 7 days.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Continue as new after so many changes, at rest. Default 0: when Temporal suggests it.</summary>
    public int ContinueAfterChanges { get; init; }

    /// <summary>First wait until a change that this run hasn't started is looked at again. Default 1 minute, doubled up to an hour.</summary>
    public TimeSpan LookAfter { get; init; } = TimeSpan.FromMinutes(1);

    public ChangeTiming Timing { get; init; } = new();
}

/// <summary>How an environment stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EnvironmentPhase>))]
public enum EnvironmentPhase
{
    [JsonStringEnumMemberName("onboarding")] Onboarding,
    [JsonStringEnumMemberName("active")] Active,

    /// <summary>Quiet until its grace is over.</summary>
    [JsonStringEnumMemberName("retiring")] Retiring,
    [JsonStringEnumMemberName("removing")] Removing,

    /// <summary>A change stopped in the middle: repair it, or retire it.</summary>
    [JsonStringEnumMemberName("interrupted")] Interrupted,
}

public sealed record EnvironmentState
{
    public EnvironmentPhase Phase { get; init; }

    /// <summary>When its removal begins.</summary>
    public DateTimeOffset? RetiringUntil { get; init; }

    /// <summary>The change that asked for its retirement, or that was interrupted.</summary>
    public string? Because { get; init; }
}

public sealed record OpenChange
{
    public ChangeHead Change { get; init; } = new();

    /// <summary>Started by another run, or never by any: its end has to be looked for.</summary>
    public bool Adopted { get; init; }

    /// <summary>Scopes are its own: it applies.</summary>
    public bool Applying { get; init; }

    public string PlanDigest { get; init; } = "";
    public IReadOnlyList<InventoryItem> Planned { get; init; } = [];
    public ServiceSpec? Wanted { get; init; }
}

public sealed record EndedChange
{
    public ChangeHead Change { get; init; } = new();
    public ChangeOutcome Outcome { get; init; }
    public string Message { get; init; } = "";
    public string PlanDigest { get; init; } = "";
    public IReadOnlyList<string> ApprovedBy { get; init; } = [];
    public IReadOnlyList<string> Left { get; init; } = [];
    public DateTimeOffset EndedAt { get; init; }
}

/// <summary>What a service's run starts with.</summary>
public sealed record ServiceInput
{
    public const int CurrentRevision = 6;

    /// <summary>
    /// How the workflow's code goes about it, fixed for a run, so that histories of earlier code replay. 0: shown after every move. 1: shown when it looks otherwise, and
    /// before scopes are given; changes start with their memo and search attributes. 2: handlers begin at once when it is known what there is. 3: a change that it has
    /// closed is told so when it asks. 4: what became of an earlier run's changes is known before anybody is answered. 5: what it begins by itself is still due when
    /// it begins, and begins however many changes are open. 6: continues as new also with changes open, and looks at those of an earlier run less and less often; a
    /// change whose place is taken before it has begun is told when it has; looks run within the workflow
    /// task, and a request is judged after one at each of those changes.
    /// </summary>
    public int Revision { get; init; }

    public string Name { get; init; } = "";
    public ServiceSettings Settings { get; init; } = new();

    /// <summary>From the run before; null: this is the first, or the one before didn't end by itself.</summary>
    public CarriedState? Carried { get; init; }
}
