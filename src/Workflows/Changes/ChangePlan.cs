using System.Text.Json;
using System.Text.Json.Serialization;
using Onramp.Workflows.Services;

namespace Onramp.Workflows.Changes;

/// <summary>What is done to one thing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ActionKind>))]
public enum ActionKind
{
    [JsonStringEnumMemberName("create")] Create,
    [JsonStringEnumMemberName("change")] Change,
    [JsonStringEnumMemberName("remove")] Remove,

    /// <summary>It is there and nobody's: from now on it is the service's.</summary>
    [JsonStringEnumMemberName("adopt")] Adopt,
    [JsonStringEnumMemberName("keep")] Keep,
}

/// <summary>One field, as it was seen and as it is to be; null stands for absent.</summary>
public sealed record FieldChange(string Field, string? Before, string? After)
{
    public FieldChange Reverse() => new(Field, After, Before);
}

/// <summary>One action of a plan, with everything that carrying it out needs, so that it is applied as it was seen on any version of the code.</summary>
public sealed record PlannedAction
{
    /// <summary><c>capability@scope</c>; also the activity's id.</summary>
    public string Id { get; init; } = "";

    public ActionKind Kind { get; init; }
    public string Capability { get; init; } = "";
    public string Title { get; init; } = "";
    public string System { get; init; } = "";
    public string Scope { get; init; } = "";

    /// <summary>Name of the thing in its system.</summary>
    public string Name { get; init; } = "";

    /// <summary>Why, for people; nothing is decided by it.</summary>
    public string Reason { get; init; } = "";

    public IReadOnlyList<FieldChange> Changes { get; init; } = [];

    /// <summary>The resolved spec; null where the thing goes.</summary>
    public JsonElement? Spec { get; init; }

    /// <summary>Fields as they will be set.</summary>
    public SortedDictionary<string, string?> Fields { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Actions that must be done first.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>What it is given by others, by the output's name.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    public decimal MonthlyBefore { get; init; }
    public decimal MonthlyAfter { get; init; }

    /// <summary>No undo brings it back.</summary>
    public bool Irreversible { get; init; }

    /// <summary>Found, not made: it is let go of where others are removed.</summary>
    public bool Adopted { get; init; }

    /// <summary>Name of the activity.</summary>
    public string Ensure { get; init; } = "";

    /// <summary>Name of the activity.</summary>
    public string Remove { get; init; } = "";

    public TimeSpan AttemptTimeout { get; init; }
    public TimeSpan WaitLimit { get; init; }
}

/// <summary>Something that keeps a plan from being made.</summary>
public sealed record PlanRefusal(string Field, string Type, string Message, string Remediation = "");

/// <summary>The difference between what is wanted and what is there.</summary>
public sealed record ChangePlan
{
    /// <summary>In an order that keeps what comes after what.</summary>
    public IReadOnlyList<PlannedAction> Actions { get; init; } = [];

    /// <summary>SHA-256 of the actions; prices and wording are no part of it.</summary>
    public string Digest { get; init; } = "";

    /// <summary>Scopes that it touches.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The service as it is to be.</summary>
    public ServiceSpec Wanted { get; init; } = new();

    public decimal MonthlyBefore { get; init; }
    public decimal MonthlyAfter { get; init; }
    public string Currency { get; init; } = "";

    /// <summary>What prices it was made by.</summary>
    public string PricesVersion { get; init; } = "";

    /// <summary>What form the plan has.</summary>
    public string PlannerVersion { get; init; } = "";

    /// <summary>Not empty: it can't be applied.</summary>
    public IReadOnlyList<PlanRefusal> Refusals { get; init; } = [];

    [JsonIgnore]
    public bool IsEmpty => Actions.All(a => a.Kind == ActionKind.Keep);
}
