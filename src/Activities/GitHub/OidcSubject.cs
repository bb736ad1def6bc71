using Octokit;

namespace Onramp.Activities.GitHub;

/// <summary>How the subject in OIDC tokens of a repository's workflows is made; Octokit's own type lacks the prefix.</summary>
internal sealed class OidcSubject
{
    /// <summary>Beginning of the default subject; that of new repositories carries ids. Older servers don't tell it.</summary>
    public string? SubClaimPrefix { get; init; }

    public static async Task<string> GetPrefixAsync(IGitHubClient github, RepositoryRef repository)
    {
        var found = await github.Connection.Get<OidcSubject>(repository.Below($"actions/oidc/customization/sub"), null).OrNullAsync();
        return found?.Body?.SubClaimPrefix ?? $"repo:{repository.Owner}/{repository.Name}";
    }
}
