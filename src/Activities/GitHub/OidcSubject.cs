using Octokit;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.GitHub;

/// <summary>How the subject in OIDC tokens of a repository's workflows is made; Octokit's own type lacks the prefix.</summary>
internal sealed class OidcSubject
{
    /// <summary>Claims by which a subject is this repository's alone; without one, credentials for it would let others in.</summary>
    private static readonly string[] OwnClaims = ["repo", "repository", "repository_id"];

    /// <summary>Whether the default is used; false with claims of the repository's own, or else the organization's.</summary>
    public bool? UseDefault { get; init; }

    /// <summary>Claims that a customised subject is made of, in order.</summary>
    public IReadOnlyList<string>? IncludeClaimKeys { get; init; }

    /// <summary>Beginning of the default subject; that of new repositories carries ids. Older servers don't tell it.</summary>
    public string? SubClaimPrefix { get; init; }

    public static async Task<OidcSubject> ReadAsync(IGitHubClient github, RepositoryRef repository)
    {
        var subject = (await github.Connection.Get<OidcSubject>(repository.Below($"actions/oidc/customization/sub"), null).OrNullAsync())?.Body ?? new OidcSubject();
        if (subject.UseDefault != false || subject.IncludeClaimKeys is { Count: > 0 })
            return subject;
        var organization = new Uri($"orgs/{Uri.EscapeDataString(repository.Owner)}/actions/oidc/customization/sub", UriKind.Relative);
        var shared = (await github.Connection.Get<OidcSubject>(organization, null).OrNullAsync())?.Body;
        return new OidcSubject { UseDefault = false, IncludeClaimKeys = shared?.IncludeClaimKeys, SubClaimPrefix = subject.SubClaimPrefix };
    }

    /// <summary>Beginning of the default subject.</summary>
    public string Prefix(RepositoryRef repository) => SubClaimPrefix ?? $"repo:{repository.Owner}/{repository.Name}";

    /// <summary>Subject of the tokens of jobs that deploy to an environment.</summary>
    /// <exception cref="Temporalio.Exceptions.ApplicationFailureException">It can't be known beforehand, or isn't this repository's alone.</exception>
    public string For(Repository repository, string environment)
    {
        var reference = RepositoryRef.To(repository);
        if (UseDefault != false || IncludeClaimKeys is not { Count: > 0 } claims)
            return $"{Prefix(reference)}:environment:{environment}";
        if (!claims.Any(OwnClaims.Contains))
            throw Refusal(repository, "doesn't tell it from other repositories", "Add repository_id to it");
        return string.Join(':', claims.Select(claim => claim switch
        {
            "repo" => Prefix(reference),
            "repository" => $"repository:{repository.FullName}",
            "repository_id" => $"repository_id:{repository.Id}",
            "repository_owner" => $"repository_owner:{repository.Owner.Login}",
            "repository_owner_id" => $"repository_owner_id:{repository.Owner.Id}",
            "repository_visibility" => $"repository_visibility:{repository.Visibility?.ToString().ToLowerInvariant()}",
            "context" or "environment" => $"environment:{environment}",
            _ => throw Refusal(repository, $"is made of {claim}, which is known only when a workflow runs", $"Take {claim} out of it"),
        }));
    }

    private static Exception Refusal(Repository repository, string why, string way) => Failures.Of(
        ErrorTypes.PolicyDenied,
        "GitHub",
        $"the customised OIDC subject of {repository.FullName} {why}",
        $"{way}, or let the repository use the default subject; then ask again.");
}
