using System.Text.Json.Serialization;

namespace Onramp.Workflows.Capabilities;

/// <summary>What a capability belongs to.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScopeKind>))]
public enum ScopeKind
{
    Component,
    Environment,
}

/// <summary>One kind of thing that Onramp can make. The row is data: the planner writes it into each action, so that a plan is applied as it was seen.</summary>
public sealed record CapabilityRow
{
    public required string Id { get; init; }

    /// <summary>For people, in Temporal's UI too.</summary>
    public required string Title { get; init; }

    /// <summary>Whose observe activity looks at it, and whose limits hold for it.</summary>
    public required string System { get; init; }

    public required ScopeKind Scope { get; init; }

    /// <summary>Capabilities that must be there first.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>Names of what it gives.</summary>
    public IReadOnlyList<string> Makes { get; init; } = [];

    /// <summary>Names of what it is given; each is made by something that comes before.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>Name of the activity that makes it so. Default <c>ID.ensure</c>.</summary>
    public string Ensure => $"{Id}.ensure";

    /// <summary>Name of the activity that takes away what is ours. Default <c>ID.remove</c>.</summary>
    public string Remove => $"{Id}.remove";

    /// <summary>One attempt. Default 30 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it may be under way. Default 10 minutes.</summary>
    public TimeSpan WaitLimit { get; init; } = TimeSpan.FromMinutes(10);
}
