using System.Net;
using System.Text;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.GitHub;

/// <summary>What <c>html_url</c> leads to: plain pages for people, without login, since nothing beyond this machine reaches them.</summary>
internal sealed class Pages(Repositories repositories)
{
    private static readonly string[] s_api = ["repos", "orgs", "user", "users", "app", "repositories", "rate_limit", "zen", "meta"];

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/{owner}/{repo}/blob/{branch}/{**path}", ShowFile),
        new("GET", "/{owner}/{repo}/raw/{branch}/{**path}", ShowFile),
        new("GET", "/{owner}/{repo}", ShowRepository),
        new("GET", "/{owner}/{repo}/deployments/{environment}", ShowRepository),
        new("GET", "/{owner}/{repo}/settings/branches", ShowRepository),
    ];

    public static bool IsPage(string[] segments) => segments.Length >= 2 && !s_api.Contains(segments[0], StringComparer.Ordinal);

    private Reply ShowRepository(Call call)
    {
        var repository = repositories.Find(call);
        var git = Repositories.Git(call, repository);
        var branch = repository.Text("default_branch")!;
        var name = WebUtility.HtmlEncode($"{repository.Text("owner")}/{repository.Text("name")}");
        var page = new StringBuilder($"<!doctype html><title>{name}</title><h1>{name}</h1><ul>");
        foreach (var path in git.Branch(branch) is { } tip ? git.TreeOfCommit(tip).Keys : Enumerable.Empty<string>())
        {
            page.Append($"<li><a href=\"/{name}/blob/{branch}/{WebUtility.HtmlEncode(path)}\">{WebUtility.HtmlEncode(path)}</a>");
        }

        page.Append("</ul>");
        foreach (var kind in (string[])["environment", "protection", "grant"])
        {
            page.Append($"<h2>{kind}</h2><ul>");
            foreach (var (key, body) in call.Documents.List(kind, Repositories.Prefix(repository)))
            {
                page.Append($"<li>{WebUtility.HtmlEncode(key)}<pre>{WebUtility.HtmlEncode(body.ToJsonString(Json.Indented))}</pre>");
            }

            page.Append("</ul>");
        }

        return Reply.Text(200, page.ToString(), "text/html; charset=utf-8");
    }

    private Reply ShowFile(Call call)
    {
        var repository = repositories.Find(call);
        var git = Repositories.Git(call, repository);
        return git.Branch(call["branch"]) is { } tip && git.TreeOfCommit(tip).TryGetValue(call["path"], out var blob)
            ? new Reply { Status = 200, Body = git.Blob(blob), ContentType = "text/plain; charset=utf-8" }
            : GitHubErrors.NotFound();
    }
}
