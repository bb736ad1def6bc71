using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.GitHub;

/// <summary>What teams may do with which repositories.</summary>
internal sealed class TeamGrants(Repositories repositories, GitHubDirectory directory)
{
    private static readonly string[] s_permissions = ["pull", "triage", "push", "maintain", "admin"];

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/repos/{owner}/{repo}/teams", ListTeams),
        new("GET", "/orgs/{org}/teams/{slug}/repos", ListOfTeam),
        new("GET", "/orgs/{org}/teams/{slug}/repos/{owner}/{repo}", ShowGrant),
        new("PUT", "/orgs/{org}/teams/{slug}/repos/{owner}/{repo}", PutGrant),
        new("DELETE", "/orgs/{org}/teams/{slug}/repos/{owner}/{repo}", DeleteGrant),
    ];

    public static string? GrantOf(Documents documents, JsonObject repository, string slug) =>
        documents.Get("grant", Repositories.Prefix(repository) + slug.ToLowerInvariant()).Text("permission");

    private Reply ListTeams(Call call)
    {
        var prefix = Repositories.Prefix(repositories.Find(call));
        var teams = call.Documents.List("grant", prefix).Select(grant =>
        {
            var team = directory.Team(call.Documents, grant.Key[prefix.Length..]).Copy();
            team["permission"] = grant.Body.Text("permission");
            return (JsonNode)team;
        });
        return call.Page([.. teams]);
    }

    private Reply ListOfTeam(Call call)
    {
        var slug = directory.Team(call.Documents, call["slug"]).Text("slug")!;
        var granted = call.Documents.List("repository").Where(r => GrantOf(call.Documents, r.Body, slug) is not null);
        return call.Page([.. granted.Select(r => (JsonNode)repositories.Shown(call, r.Body))]);
    }

    private Reply ShowGrant(Call call)
    {
        var repository = repositories.Find(call);
        directory.Team(call.Documents, call["slug"]);
        if (GrantOf(call.Documents, repository, call["slug"]) is not { } permission)
        {
            return GitHubErrors.NotFound();
        }

        if (call.Header("Accept")?.Contains("v3.repository+json", StringComparison.Ordinal) != true)
        {
            return Reply.Empty(204);
        }

        var shown = repositories.Shown(call, repository);
        shown["role_name"] = permission;
        return Reply.Json(200, shown);
    }

    private Reply PutGrant(Call call)
    {
        var team = directory.Team(call.Documents, call["slug"]);
        var repository = repositories.FindWritable(call);
        var permission = call.Object().Text("permission") ?? "push";
        if (!s_permissions.Contains(permission, StringComparer.Ordinal))
        {
            return GitHubErrors.Reply(422, "Validation Failed", [$"{permission} is not a permission or a custom role of the organization"]);
        }

        call.Documents.Put("grant", Repositories.Prefix(repository) + team.Text("slug"), new JsonObject { ["permission"] = permission });
        return Reply.Empty(204);
    }

    private Reply DeleteGrant(Call call)
    {
        var repository = repositories.FindWritable(call);
        directory.Team(call.Documents, call["slug"]);
        call.Documents.Delete("grant", Repositories.Prefix(repository) + call["slug"].ToLowerInvariant());
        return Reply.Empty(204);
    }
}
