using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.GitHub;

/// <summary>The organization, its members and teams.</summary>
internal sealed class GitHubDirectory(SandboxContext context)
{
    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/orgs/{org}", call => Reply.Json(200, Organization(call.Documents, call["org"]))),
        new("GET", "/users/{user}", ShowUser),
        new("GET", "/orgs/{org}/members", call => call.Page([.. call.Documents.List("user").Select(u => (JsonNode)u.Body)])),
        new("GET", "/orgs/{org}/members/{user}", call => Reply.Empty(IsMember(call.Documents, call["user"]) ? 204 : throw NotFound())),
        new("GET", "/orgs/{org}/teams", call => call.Page([.. call.Documents.List("team").Select(t => (JsonNode)Shown(call, t.Body))])),
        new("POST", "/orgs/{org}/teams", CreateTeam),
        new("GET", "/orgs/{org}/teams/{slug}", call => Reply.Json(200, Shown(call, Team(call.Documents, call["slug"])))),
        new("DELETE", "/orgs/{org}/teams/{slug}", DeleteTeam),
        new("GET", "/orgs/{org}/teams/{slug}/members", ListMembers),
        new("GET", "/orgs/{org}/teams/{slug}/memberships/{user}", call =>
            call.Documents.Get("membership", MembershipKey(call)) is { } m ? Reply.Json(200, m) : GitHubErrors.NotFound()),
        new("PUT", "/orgs/{org}/teams/{slug}/memberships/{user}", PutMembership),
        new("DELETE", "/orgs/{org}/teams/{slug}/memberships/{user}", call =>
            call.Documents.Delete("membership", MembershipKey(call)) ? Reply.Empty(204) : GitHubErrors.NotFound()),
    ];

    public void Seed(Documents documents)
    {
        var organization = context.Seed.Organization;
        documents.Put("organization", organization.ToLowerInvariant(), new JsonObject
        {
            ["login"] = organization, ["id"] = 277133432, ["type"] = "Organization", ["plan"] = new JsonObject { ["name"] = "enterprise" },
        });
        foreach (var login in (IEnumerable<string>)[GitHubAuthentication.Bot, .. context.Seed.Members])
        {
            documents.Put("user", login.ToLowerInvariant(), new JsonObject { ["login"] = login, ["id"] = documents.Next("user") + 100, ["type"] = "User" });
        }

        foreach (var team in context.Seed.Teams)
        {
            PutTeam(documents, team, "closed");
        }
    }

    public JsonObject Organization(Documents documents, string login) =>
        documents.Get("organization", login.ToLowerInvariant()) ?? throw NotFound();

    public bool IsMember(Documents documents, string login) => documents.Has("user", login.ToLowerInvariant());

    public JsonObject Team(Documents documents, string slug) => documents.Get("team", slug.ToLowerInvariant()) ?? throw NotFound();

    public JsonObject? TeamById(Documents documents, long id) =>
        documents.List("team").Select(t => t.Body).FirstOrDefault(t => t.Number("id") == id);

    public JsonObject? UserById(Documents documents, long id) =>
        documents.List("user").Select(u => u.Body).FirstOrDefault(u => u.Number("id") == id);

    private static Refusal NotFound() => new(GitHubErrors.NotFound());

    private static string Slug(string name) => name.Trim().ToLowerInvariant().Replace(' ', '-');

    private static string MembershipKey(Call call) => $"{call["slug"].ToLowerInvariant()}/{call["user"].ToLowerInvariant()}";

    private static JsonObject PutTeam(Documents documents, string name, string privacy)
    {
        var team = new JsonObject
        {
            ["id"] = documents.Next("team") + 40, ["slug"] = Slug(name), ["name"] = name, ["privacy"] = privacy, ["permission"] = "pull",
        };
        documents.Put("team", Slug(name), team);
        return team;
    }

    private JsonObject Shown(Call call, JsonObject team)
    {
        var shown = team.Copy();
        shown["node_id"] = $"T_{team.Number("id")}";
        shown["url"] = $"{call.BaseUrl}/organizations/277133432/team/{team.Number("id")}";
        shown["html_url"] = $"{call.BaseUrl}/orgs/{context.Seed.Organization}/teams/{team.Text("slug")}";
        return shown;
    }

    private static Reply ShowUser(Call call) =>
        call.Documents.Get("user", call["user"].ToLowerInvariant()) is { } user ? Reply.Json(200, user) : GitHubErrors.NotFound();

    private Reply CreateTeam(Call call)
    {
        Organization(call.Documents, call["org"]);
        var body = call.Object();
        if (string.IsNullOrWhiteSpace(body.Text("name")))
        {
            return GitHubErrors.MissingField("name", "Team");
        }

        if (call.Documents.Has("team", Slug(body.Text("name")!)))
        {
            return GitHubErrors.Validation("Validation Failed", "already_exists", "name", "Name must be unique for this org", "Team");
        }

        return Reply.Json(201, Shown(call, PutTeam(call.Documents, body.Text("name")!, body.Text("privacy") ?? "secret")));
    }

    private Reply DeleteTeam(Call call)
    {
        var slug = Team(call.Documents, call["slug"]).Text("slug")!;
        call.Documents.DeleteAll("membership", slug + "/");
        call.Documents.Delete("team", slug);
        return Reply.Empty(204);
    }

    private Reply ListMembers(Call call)
    {
        var slug = Team(call.Documents, call["slug"]).Text("slug")!;
        var members = call.Documents.List("membership", slug + "/").Where(m => m.Body.Text("state") == "active")
            .Select(m => call.Documents.Get("user", m.Key[(slug.Length + 1)..])).OfType<JsonObject>();
        return call.Page([.. members]);
    }

    private Reply PutMembership(Call call)
    {
        Team(call.Documents, call["slug"]);
        if (call.Documents.Has("organization", call["user"].ToLowerInvariant()))
        {
            return GitHubErrors.Reply(422, "Cannot add an organization as a member.");
        }

        var membership = new JsonObject
        {
            ["url"] = call.RawPath,
            ["role"] = call.Object().Text("role") ?? "member",
            ["state"] = IsMember(call.Documents, call["user"]) ? "active" : "pending",
        };
        call.Documents.Put("membership", MembershipKey(call), membership);
        return Reply.Json(200, membership);
    }
}
