using Onramp.Workflows.Capabilities.Repository;

namespace Onramp.Workflows.Capabilities.Namespace;

/// <summary>The environment's namespace, labelled by who it is for.</summary>
public static class NamespaceCapability
{
    public const string Id = "namespace";
    public const string Ensure = "namespace.ensure";
    public const string Remove = "namespace.remove";

    /// <summary>The namespace, for what is made in it.</summary>
    public static readonly Output<NamespaceMade> Made = new("namespace.made");

    public static readonly CapabilityRow Row = new()
    {
        Id = Id,
        Title = "Namespace",
        System = "Kubernetes",
        Scope = ScopeKind.Environment,
        After = [RepositoryCapability.Id],
        Needs = [RepositoryCapability.Made.Name],
        Makes = [Made.Name],
    };
}

/// <summary>What the namespace gives.</summary>
public sealed record NamespaceMade(string Name, string Uid);

/// <summary>What an environment's spec means to Kubernetes.</summary>
public sealed record NamespaceSpec
{
    public string Name { get; init; } = "";

    /// <summary>Every label that is set; others are nobody's business.</summary>
    public SortedDictionary<string, string> Labels { get; init; } = new(StringComparer.Ordinal);
}
