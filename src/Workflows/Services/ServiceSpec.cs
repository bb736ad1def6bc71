namespace Onramp.Workflows.Services;

/// <summary>What a service should be, as agreed: what people asked for, not yet what it means to each system.</summary>
public sealed record ServiceSpec
{
    public string Name { get; init; } = "";
    public string Team { get; init; } = "";
    public string Description { get; init; } = "";

    /// <summary>Who sees the repository: <c>private</c> or <c>internal</c>.</summary>
    public string Visibility { get; init; } = "private";

    /// <summary>By name: <c>development</c>, <c>staging</c>, <c>production</c>.</summary>
    public SortedDictionary<string, EnvironmentSpec> Environments { get; init; } = new(StringComparer.Ordinal);

    public EnvironmentSpec? Environment(string? name) => name is not null && Environments.TryGetValue(name, out var spec) ? spec : null;

    /// <summary>The same with this environment; null takes it away.</summary>
    public ServiceSpec With(string environment, EnvironmentSpec? spec)
    {
        var environments = new SortedDictionary<string, EnvironmentSpec>(Environments, StringComparer.Ordinal);
        environments.Remove(environment);
        if (spec is not null)
            environments.Add(environment, spec);
        return this with { Environments = environments };
    }
}

/// <summary>What one environment should be.</summary>
public sealed record EnvironmentSpec
{
    /// <summary>Labels of the team's own.</summary>
    public SortedDictionary<string, string> Labels { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Quiet since somebody asked to take it away; still there until its grace is over.</summary>
    public bool Retiring { get; init; }
}

/// <summary>A thing that was made for a service: what it was made from and what it gave.</summary>
public sealed record InventoryItem
{
    public string Capability { get; init; } = "";
    public string Scope { get; init; } = "";
    public string Name { get; init; } = "";

    /// <summary>The system's own id of it.</summary>
    public string Id { get; init; } = "";

    /// <summary>The resolved spec that it was last made to match; drift is a difference from this.</summary>
    public System.Text.Json.JsonElement? Spec { get; init; }

    /// <summary>Fields that we set, with the values that we set.</summary>
    public SortedDictionary<string, string?> Fields { get; init; } = new(StringComparer.Ordinal);

    /// <summary>What it gave to others, by the output's name.</summary>
    public SortedDictionary<string, System.Text.Json.JsonElement> Outputs { get; init; } = new(StringComparer.Ordinal);

    /// <summary>It was there before: it is let go of, never removed.</summary>
    public bool Adopted { get; init; }

    /// <summary>Of what was adopted: the fields that we set, as they were before. They are given back when it is let go of.</summary>
    public SortedDictionary<string, string?>? Found { get; init; }

    /// <summary>Change that last touched it.</summary>
    public string ChangeId { get; init; } = "";

    /// <summary>Where people look at it.</summary>
    public string? Link { get; init; }

    public bool Is(string capability, string scope) => Capability == capability && Scope == scope;
}

/// <summary>What a change plans against. The version tells whether anything has happened since.</summary>
public sealed record ServiceSnapshot
{
    public ServiceSpec Spec { get; init; } = new();
    public IReadOnlyList<InventoryItem> Inventory { get; init; } = [];
    public long Version { get; init; }
}
