using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Grafana;

/// <summary>Data sources, teams and service accounts.</summary>
internal sealed class DataSources
{
    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/api/datasources", call => Reply.Json(200, Json.ToArray(call.Documents.List("data-source").Select(d => (JsonNode)d.Body)))),
        new("POST", "/api/datasources", Create),
        new("GET", "/api/datasources/uid/{uid}", call => Reply.Json(200, Find(call))),
        new("PUT", "/api/datasources/uid/{uid}", Update),
        new("DELETE", "/api/datasources/uid/{uid}", Delete),
        new("POST", "/api/teams", CreateTeam),
        new("GET", "/api/teams/search", SearchTeams),
        new("POST", "/api/serviceaccounts", CreateAccount),
        new("GET", "/api/serviceaccounts/search", SearchAccounts),
        new("DELETE", "/api/serviceaccounts/{id}", DeleteAccount),
    ];

    private static JsonObject Find(Call call) => call.Documents.Get("data-source", call["uid"]) ?? throw new Refusal(GrafanaSystem.Message(404, "Data source not found"));

    private static Reply Create(Call call)
    {
        var body = GrafanaSystem.Body(call);
        if (string.IsNullOrEmpty(body.Text("name")) || string.IsNullOrEmpty(body.Text("type")))
        {
            return GrafanaSystem.Message(400, "bad request data");
        }

        var uid = body.Text("uid") is { Length: > 0 } given ? given : "p" + Convert.ToHexStringLower(call.Documents.NextBytes())[..13];
        if (call.Documents.List("data-source").Exists(d => d.Key == uid || d.Body.Text("name") == body.Text("name")))
        {
            return GrafanaSystem.Message(409, "data source with the same name already exists");
        }

        var source = body.Copy();
        source.Remove("secureJsonData");
        source["id"] = call.Documents.Next("data-source");
        source["uid"] = uid;
        source["version"] = 1;
        call.Documents.Put("data-source", uid, source);
        return Reply.Json(200, new JsonObject { ["datasource"] = source, ["id"] = source.Number("id"), ["message"] = "Datasource added", ["name"] = source.Text("name") });
    }

    private static Reply Update(Call call)
    {
        var source = Find(call);
        var body = GrafanaSystem.Body(call);
        if (body.Number("version") is { } version && version != source.Number("version"))
        {
            return GrafanaSystem.Message(409, "Datasource has already been updated by someone else. Please reload and try again");
        }

        var changed = body.Copy();
        changed.Remove("secureJsonData");
        changed["id"] = source.Number("id");
        changed["uid"] = call["uid"];
        changed["version"] = source.Number("version") + 1;
        call.Documents.Put("data-source", call["uid"], changed);
        return Reply.Json(200, new JsonObject { ["datasource"] = changed, ["id"] = changed.Number("id"), ["message"] = "Datasource updated" });
    }

    private static Reply Delete(Call call)
    {
        var source = Find(call);
        call.Documents.Delete("data-source", call["uid"]);
        return Reply.Json(200, new JsonObject { ["message"] = "Data source deleted", ["id"] = source.Number("id") });
    }

    private static Reply CreateTeam(Call call)
    {
        var body = GrafanaSystem.Body(call);
        var name = body.Text("name") ?? "";
        if (name.Length == 0)
        {
            return GrafanaSystem.Message(400, "bad request data");
        }

        if (call.Documents.Has("team", name))
        {
            return GrafanaSystem.Message(409, "Team name taken");
        }

        var id = call.Documents.Next("team");
        call.Documents.Put("team", name, new JsonObject { ["id"] = id, ["name"] = name, ["email"] = body.Text("email") });
        return Reply.Json(200, new JsonObject { ["message"] = "Team created", ["teamId"] = id });
    }

    private static Reply SearchTeams(Call call)
    {
        var teams = call.Documents.List("team").Select(t => t.Body).Where(t => call.Parameter("name") is not { } name || t.Text("name") == name).ToList();
        return Reply.Json(200, new JsonObject { ["totalCount"] = teams.Count, ["teams"] = Json.ToArray(teams), ["page"] = 1, ["perPage"] = 1000 });
    }

    private static Reply CreateAccount(Call call)
    {
        var body = GrafanaSystem.Body(call);
        var name = body.Text("name") ?? "";
        if (name.Length == 0 || call.Documents.List("service-account").Exists(a => a.Body.Text("name") == name))
        {
            return GrafanaSystem.Message(400, name.Length == 0 ? "bad request data" : "service account already exists");
        }

        var id = call.Documents.Next("service-account");
        var account = new JsonObject { ["id"] = id, ["name"] = name, ["login"] = $"sa-1-{name}", ["role"] = body.Text("role") ?? "Viewer", ["isDisabled"] = body.Flag("isDisabled") };
        call.Documents.Put("service-account", $"{id:D6}", account);
        return Reply.Json(201, account);
    }

    private static Reply SearchAccounts(Call call)
    {
        var accounts = call.Documents.List("service-account").Select(a => a.Body)
            .Where(a => call.Parameter("query") is not { Length: > 0 } query || a.Text("name")!.Contains(query, StringComparison.OrdinalIgnoreCase)).ToList();
        return Reply.Json(200, new JsonObject { ["totalCount"] = accounts.Count, ["serviceAccounts"] = Json.ToArray(accounts) });
    }

    private static Reply DeleteAccount(Call call) => call.Documents.Delete("service-account", call["id"].PadLeft(6, '0'))
        ? GrafanaSystem.Message(200, "Service account deleted")
        : GrafanaSystem.Message(404, "service account not found");
}
