using System.Text.Json;
using System.Text.Json.Serialization;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;

namespace Onramp.Workflows.Changes;

/// <summary>Activities that plan. Rules, prices, names and wording are theirs; workflows keep what they answer.</summary>
public static class PlanningContract
{
    /// <summary><see cref="ResolveInput"/> → <see cref="Resolved"/>: what the order means to each capability. Pure.</summary>
    public const string Resolve = "plan.resolve";

    /// <summary><see cref="ObserveInput"/> → <see cref="Observed"/>[]: how the things of one system are.</summary>
    public const string Observe = "plan.observe";

    /// <summary><see cref="PlanInput"/> → <see cref="ChangePlan"/>. Pure.</summary>
    public const string Make = "plan.make";

    /// <summary><see cref="PolicyInput"/> → <see cref="PolicyVerdict"/>. Pure.</summary>
    public const string Decide = "policy.decide";
}

public sealed record ResolveInput
{
    public ChangeOrder Order { get; init; } = new();
    public ServiceSnapshot Snapshot { get; init; } = new();
}

/// <summary>One thing that a change is about: wanted with its spec, or there and no longer wanted.</summary>
public sealed record Thing
{
    public string Capability { get; init; } = "";
    public string System { get; init; } = "";
    public string Scope { get; init; } = "";
    public string Name { get; init; } = "";
    public bool Wanted { get; init; }
    public bool MayAdopt { get; init; }
    public JsonElement? Spec { get; init; }

    /// <summary>Fields of the wanted spec.</summary>
    public SortedDictionary<string, string?> Fields { get; init; } = new(StringComparer.Ordinal);

    public OwnerMark Owner { get; init; } = new("", "");

    [JsonIgnore]
    public string Id => $"{Capability}@{Scope}";
}

public sealed record Resolved
{
    public ServiceSpec Wanted { get; init; } = new();
    public IReadOnlyList<Thing> Things { get; init; } = [];
    public IReadOnlyList<PlanRefusal> Refusals { get; init; } = [];
}

public sealed record ObserveInput
{
    public string System { get; init; } = "";
    public OperationKey Operation { get; init; } = new("", "", "");
    public IReadOnlyList<Thing> Things { get; init; } = [];
}

/// <summary>How a thing is, in words that every system shares.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Health>))]
public enum Health
{
    [JsonStringEnumMemberName("ready")] Ready,
    [JsonStringEnumMemberName("working")] Working,
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("needsPerson")] NeedsPerson,
    [JsonStringEnumMemberName("unknown")] Unknown,
}

/// <summary>What was seen of a thing.</summary>
public sealed record Observed
{
    public string Capability { get; init; } = "";
    public string Scope { get; init; } = "";
    public string Name { get; init; } = "";
    public bool Exists { get; init; }

    /// <summary>It is on its way out, whatever anybody wants: what is made in its place waits until it is gone.</summary>
    public bool Going { get; init; }

    /// <summary>The mark of its owner, as written; null when it has none.</summary>
    public string? Owner { get; init; }

    public string? Operation { get; init; }
    public string Id { get; init; } = "";

    /// <summary>The fields that we set or want to set; absent ones are left out.</summary>
    public SortedDictionary<string, string?> Fields { get; init; } = new(StringComparer.Ordinal);

    public Health Health { get; init; }
    public string? Reason { get; init; }
}

public sealed record PlanInput
{
    public Resolved Resolved { get; init; } = new();
    public IReadOnlyList<Observed> Observed { get; init; } = [];
    public ServiceSnapshot Snapshot { get; init; } = new();
}

public sealed record PolicyInput
{
    public ChangeKind Kind { get; init; }
    public string Service { get; init; } = "";
    public string? Environment { get; init; }
    public ChangePlan Plan { get; init; } = new();

    /// <summary>What was approved before, when the world has changed since.</summary>
    public ChangePlan? Approved { get; init; }

    /// <summary>Onramp's own: a removal that was agreed with the offboarding.</summary>
    public Principal AskedBy { get; init; } = Principal.Onramp;
}

public sealed record PolicyVerdict
{
    /// <summary>Not empty: it may not be done, and why.</summary>
    public IReadOnlyList<string> Denied { get; init; } = [];

    public ApprovalRequirement Approval { get; init; } = new();

    /// <summary>The approval that was given holds for this plan too: it does nothing that wasn't approved.</summary>
    public bool Covered { get; init; }

    public TimeSpan RemindAfter { get; init; }
    public TimeSpan EscalateAfter { get; init; }
    public TimeSpan ExpireAfter { get; init; }
    public string Version { get; init; } = "";
}
