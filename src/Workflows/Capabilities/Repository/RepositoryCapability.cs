namespace Onramp.Workflows.Capabilities.Repository;

/// <summary>The service's repository, from the golden-path template.</summary>
public static class RepositoryCapability
{
    public const string Id = "repository";
    public const string Ensure = "repository.ensure";
    public const string Remove = "repository.remove";

    /// <summary>Where the code is, for those that come after.</summary>
    public static readonly Output<RepositoryMade> Made = new("repository.made");

    public static readonly CapabilityRow Row = new()
    {
        Id = Id,
        Title = "Repository",
        System = "GitHub",
        Scope = ScopeKind.Component,
        Makes = [Made.Name],
    };
}

/// <summary>What the repository gives.</summary>
public sealed record RepositoryMade(string FullName, string Url);

/// <summary>What a service's spec means to GitHub.</summary>
public sealed record RepositorySpec
{
    public string Owner { get; init; } = "";
    public string Name { get; init; } = "";

    /// <summary><c>OWNER/NAME</c> of the template.</summary>
    public string Template { get; init; } = "";

    public string Description { get; init; } = "";
    public string Visibility { get; init; } = "private";
}
