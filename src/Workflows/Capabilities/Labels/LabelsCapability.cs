using Onramp.Workflows.Capabilities.Namespace;

namespace Onramp.Workflows.Capabilities.Labels;

/// <summary>A ConfigMap in the environment's namespace with the team's labels, for workloads that want to read them.</summary>
public static class LabelsCapability
{
    public const string Id = "labels";
    public const string Ensure = "labels.ensure";
    public const string Remove = "labels.remove";

    public static readonly CapabilityRow Row = new()
    {
        Id = Id,
        Title = "Labels",
        System = "Kubernetes",
        Scope = ScopeKind.Environment,
        After = [NamespaceCapability.Id],
        Needs = [NamespaceCapability.Made.Name],
    };
}

/// <summary>What an environment's spec means to its ConfigMap.</summary>
public sealed record LabelsSpec
{
    public SortedDictionary<string, string> Data { get; init; } = new(StringComparer.Ordinal);
}
