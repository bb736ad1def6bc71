namespace Onramp.Workflows.Contracts;

/// <summary>
/// The exact list of what a run will make. Approvals are bound to <see cref="Digest"/>: whatever changes the list, changes it.
/// </summary>
public sealed record OnboardingPlan
{
    /// <summary>In order of making.</summary>
    public IReadOnlyList<PlannedResource> Resources { get; init; } = [];

    public CostEstimate Cost { get; init; } = new();

    /// <summary>Lower-case hex SHA-256 over request, names, resources and cost in canonical form.</summary>
    public string Digest { get; init; } = "";
}

/// <summary>One thing to be made.</summary>
public sealed record PlannedResource
{
    /// <summary>Step that makes it.</summary>
    public string Step { get; init; } = "";

    public string System { get; init; } = "";
    public string Kind { get; init; } = "";
    public string Name { get; init; } = "";

    /// <summary>What matters about it, in words.</summary>
    public string Detail { get; init; } = "";
}

/// <summary>Estimated monthly cost. An estimate for approvers, not a bill.</summary>
public sealed record CostEstimate
{
    public string Currency { get; init; } = "USD";
    public decimal MonthlyTotal { get; init; }
    public IReadOnlyList<CostLine> Lines { get; init; } = [];
}

/// <summary>One line of the estimate.</summary>
public sealed record CostLine(string Item, decimal Monthly);

/// <summary>Every name derived from a request; derived once, in the workflow, and kept in its state.</summary>
public sealed record ServiceNames
{
    public string EnvironmentShort { get; init; } = "";
    public string RepositoryOwner { get; init; } = "";
    public string RepositoryName { get; init; } = "";
    public string Namespace { get; init; } = "";
    public string ResourceGroup { get; init; } = "";

    /// <summary>Key Vault names to try in order: vault names are global, so the first can be somebody else's.</summary>
    public IReadOnlyList<string> KeyVaults { get; init; } = [];

    /// <summary>Identity that the service runs as: it reads its vault and pulls its images.</summary>
    public string Identity { get; init; } = "";

    /// <summary>Identity that the pipeline deploys as: it pushes images. Empty in runs planned when one identity did both.</summary>
    public string PipelineIdentity { get; init; } = "";

    public string ImageRepository { get; init; } = "";
    public string ServiceAccount { get; init; } = "";
    public string GitOpsObject { get; init; } = "";
    public string DashboardFolderUid { get; init; } = "";
    public string DashboardUid { get; init; } = "";
    public string AlertGroup { get; init; } = "";
    public string CatalogEntityRef { get; init; } = "";
}
