using Octokit;

namespace Onramp.Activities.GitHub;

/// <summary>
/// What a team may do with a repository. Octokit's own calls for it begin with a slash and so leave the path of a GitHub Enterprise Server's
/// address; these don't.
/// </summary>
internal static class TeamGrants
{
    public static Task<Team?> FindTeamAsync(this IGitHubClient github, string organization, string slug) =>
        github.Organization.Team.GetByName(Uri.EscapeDataString(organization), Uri.EscapeDataString(slug)).OrNullAsync();

    public static Task<bool> HasTeamAsync(this IGitHubClient github, string organization, string slug, RepositoryRef repository) =>
        github.Connection.Get<object>(Grant(organization, slug, repository), null).IsThereAsync();

    public static Task GrantTeamAsync(this IGitHubClient github, string organization, string slug, RepositoryRef repository, string permission) =>
        github.Connection.Put(Grant(organization, slug, repository), new { permission });

    public static Task RevokeTeamAsync(this IGitHubClient github, string organization, string slug, RepositoryRef repository) =>
        github.Connection.Delete(Grant(organization, slug, repository)).OrGoneAsync();

    private static Uri Grant(string organization, string slug, RepositoryRef repository) =>
        new($"orgs/{Uri.EscapeDataString(organization)}/teams/{Uri.EscapeDataString(slug)}/{repository.Path}", UriKind.Relative);
}
