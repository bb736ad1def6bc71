using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.GitHub;

/// <summary>
/// What an App's installation must hold for each call, as GitHub's list of permissions for Apps has it. A refusal names it in its header and is
/// otherwise without a word of what is missing.
/// </summary>
internal sealed class GitHubPermissions(SandboxContext context)
{
    private sealed record Need(string Method, string Pattern, params (string Permission, string Access)[] Wanted)
    {
        public Route Route { get; } = new(Method, Pattern, _ => throw new InvalidOperationException());
    }

    private const string Repository = "/repos/{owner}/{repo}";
    private const string Read = "read";
    private const string Write = "write";

    /// <summary>The first that matches counts. <c>members</c> and <c>organization_administration</c> are the organization's, the others the repository's.</summary>
    private static readonly Need[] s_needs =
    [
        new("GET", "/orgs/{org}/actions/oidc/customization/sub", ("organization_administration", Read)),
        new("PUT", "/orgs/{org}/actions/oidc/customization/sub", ("organization_administration", Write)),
        new("POST", "/orgs/{org}/repos", ("administration", Write)),
        new("PUT", "/orgs/{org}/teams/{slug}/repos/{**repo}", ("members", Read), ("administration", Write)),
        new("DELETE", "/orgs/{org}/teams/{slug}/repos/{**repo}", ("members", Read), ("administration", Write)),
        new("GET", "/orgs/{org}/teams/{**rest}", ("members", Read)),
        new("GET", "/orgs/{org}/members/{**rest}", ("members", Read)),
        new("POST", Repository + "/generate", ("administration", Write), ("contents", Read)),
        new("PATCH", Repository, ("administration", Write)),
        new("DELETE", Repository, ("administration", Write)),
        new("PUT", Repository + "/topics", ("administration", Write)),
        new("PUT", Repository + "/contents/.github/workflows/{**path}", ("contents", Write), ("workflows", Write)),
        new("GET", Repository + "/contents/{**path}", ("contents", Read)),
        new("PUT", Repository + "/contents/{**path}", ("contents", Write)),
        new("DELETE", Repository + "/contents/{**path}", ("contents", Write)),
        new("GET", Repository + "/commits/{**rest}", ("contents", Read)),
        new("GET", Repository + "/branches/{branch}/protection", ("administration", Read)),
        new("PUT", Repository + "/branches/{branch}/protection", ("administration", Write)),
        new("DELETE", Repository + "/branches/{branch}/protection", ("administration", Write)),
        new("GET", Repository + "/branches/{**rest}", ("contents", Read)),
        new("GET", Repository + "/environments/{environment}/variables/{**rest}", ("environments", Read)),
        new("POST", Repository + "/environments/{environment}/variables", ("environments", Write)),
        new("PATCH", Repository + "/environments/{environment}/variables/{name}", ("environments", Write)),
        new("DELETE", Repository + "/environments/{environment}/variables/{name}", ("environments", Write)),
        new("GET", Repository + "/environments/{**rest}", ("actions", Read)),
        new("PUT", Repository + "/environments/{environment}", ("administration", Write)),
        new("DELETE", Repository + "/environments/{environment}", ("administration", Write)),
        new("GET", Repository + "/actions/{**rest}", ("actions", Read)),
        new("POST", Repository + "/actions/{**rest}", ("actions", Write)),
        new("PUT", Repository + "/actions/{**rest}", ("actions", Write)),
        new("GET", Repository + "/issues/{**rest}", ("issues", Read)),
        new("POST", Repository + "/issues/{**rest}", ("issues", Write)),
        new("PATCH", Repository + "/issues/{**rest}", ("issues", Write)),
        new("GET", Repository, ("metadata", Read)),
        new("GET", "/repositories/{**rest}", ("metadata", Read)),
    ];

    /// <summary>What GitHub answers an installation that may not make this call; null when it may.</summary>
    public Reply? Refuse(Call call)
    {
        if (context.Seed.GitHubPermissions is not { } held)
        {
            return null;
        }

        var path = Route.Segments(call.RawPath);
        var need = s_needs.FirstOrDefault(n => n.Method == call.Method && n.Route.Match(path, ignoreCase: false) is not null);
        var missing = need is null
            ? call.Method != "GET"
            : need.Wanted.Any(w => !held.TryGetValue(w.Permission, out var access) || (w.Access == Write && access != Write));
        return missing
            ? GitHubErrors.Reply(403, "Resource not accessible by integration").With(
                "X-Accepted-GitHub-Permissions", string.Join(", ", need?.Wanted.Select(w => $"{w.Permission}={w.Access}") ?? ["administration=write"]))
            : null;
    }
}
