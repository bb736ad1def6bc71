using System.Net;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Grafana;

/// <summary>Dashboards, guarded by their version unless the caller overwrites.</summary>
internal sealed class Dashboards(SandboxContext context)
{
    public IReadOnlyList<Route> Routes =>
    [
        new("POST", "/api/dashboards/db", Save),
        new("GET", "/api/dashboards/uid/{uid}", Show),
        new("DELETE", "/api/dashboards/uid/{uid}", Delete),
        new("GET", "/api/search", Search),
        new("GET", "/d/{uid}", ShowPage),
        new("GET", "/d/{uid}/{slug}", ShowPage),
        new("GET", "/dashboards/f/{uid}", call => ListPage(
            Folders.Find(call, call["uid"]).Text("title")!,
            call.Documents.List("dashboard").Where(d => d.Body.Text("folderUid") == call["uid"])
                .Select(d => $"<a href=\"{Url(d.Body)}\">{WebUtility.HtmlEncode(d.Body.Text("dashboard", "title"))}</a>"))),
        new("GET", "/alerting/list", call => ListPage("Alert rules", call.Documents.List("alert-rule").Select(r => WebUtility.HtmlEncode(r.Body.Text("title")!)))),
    ];

    public static string Slug(string title) =>
        string.Join('-', new string([.. title.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string Url(JsonObject entry) => $"/d/{entry.Text("uid")}/{Slug(entry.Text("dashboard", "title")!)}";

    private static Reply NotFound() => GrafanaSystem.Message(404, "Dashboard not found");

    private Reply Save(Call call)
    {
        var body = GrafanaSystem.Body(call);
        if (body.Object("dashboard") is not { } dashboard)
        {
            return GrafanaSystem.Message(400, "bad request data");
        }

        var title = dashboard.Text("title");
        if (string.IsNullOrWhiteSpace(title))
        {
            return GrafanaSystem.Message(400, "Dashboard title cannot be empty", "empty-name");
        }

        var uid = dashboard.Text("uid") is { Length: > 0 } given ? given : "d" + Convert.ToHexStringLower(call.Documents.NextBytes())[..13];
        if (!Folders.IsUid(uid))
        {
            return GrafanaSystem.Message(400, uid.Length > 40 ? "uid too long, max 40 characters" : "uid contains illegal characters");
        }

        var folder = body.Text("folderUid") ?? "";
        if (folder.Length > 0)
        {
            Folders.Find(call, folder);
        }

        // Where titles are unique in a folder, overwriting takes the other dashboard of that title, whoever's it is.
        if (body.Flag("overwrite") && !call.Documents.Has("dashboard", uid) && OfTitle(call, uid, folder, title) is { } other)
        {
            uid = other;
        }

        var before = call.Documents.Get("dashboard", uid);
        if (Conflict(call, body, dashboard, uid, folder, title, before) is { } conflict)
        {
            return conflict;
        }

        var version = (before.Number("version") ?? 0) + 1;
        var kept = dashboard.Copy();
        kept["uid"] = uid;
        kept["id"] = before.Number("dashboard", "id") ?? call.Documents.Next("id");
        kept["version"] = version;
        var entry = new JsonObject
        {
            ["uid"] = uid, ["folderUid"] = folder, ["version"] = version, ["message"] = body.Text("message"), ["dashboard"] = kept, ["updated"] = call.Now.Seconds(),
        };
        call.Documents.Put("dashboard", uid, entry);
        return Reply.Json(200, new JsonObject
        {
            ["id"] = kept.Number("id"),
            ["uid"] = uid,
            ["url"] = Url(entry),
            ["status"] = "success",
            ["version"] = version,
            ["slug"] = Slug(title),
            ["folderUid"] = folder,
        });
    }

    private Reply? Conflict(Call call, JsonObject body, JsonObject dashboard, string uid, string folder, string title, JsonObject? before)
    {
        if (body.Flag("overwrite"))
        {
            return null;
        }

        if (before is not null && dashboard.Number("id") is null && dashboard.Number("version") is null or 0)
        {
            return GrafanaSystem.Message(412, "A dashboard with the same uid already exists", "name-exists");
        }

        if (before is not null && dashboard.Number("version") != before.Number("version"))
        {
            return GrafanaSystem.Message(412, "The dashboard has been changed by someone else", "version-mismatch");
        }

        return OfTitle(call, uid, folder, title) is not null
            ? GrafanaSystem.Message(412, "A dashboard with the same name in the folder already exists", "name-exists")
            : null;
    }

    private string? OfTitle(Call call, string uid, string folder, string title) => context.Options.GrafanaUniqueTitles
        ? call.Documents.List("dashboard").Find(d => d.Key != uid && d.Body.Text("folderUid") == folder && d.Body.Text("dashboard", "title") == title).Key
        : null;

    private static Reply Show(Call call)
    {
        if (call.Documents.Get("dashboard", call["uid"]) is not { } entry)
        {
            return NotFound();
        }

        return Reply.Json(200, new JsonObject
        {
            ["meta"] = new JsonObject
            {
                ["type"] = "db",
                ["canSave"] = true,
                ["canEdit"] = true,
                ["slug"] = Slug(entry.Text("dashboard", "title")!),
                ["url"] = Url(entry),
                ["updated"] = entry.Text("updated"),
                ["version"] = entry.Number("version"),
                ["folderUid"] = entry.Text("folderUid"),
                ["folderTitle"] = call.Documents.Get("folder", entry.Text("folderUid")!).Text("title") ?? "General",
                ["provisioned"] = false,
            },
            ["dashboard"] = entry["dashboard"].Copy(),
        });
    }

    private static Reply Delete(Call call)
    {
        if (call.Documents.Get("dashboard", call["uid"]) is not { } entry)
        {
            return NotFound();
        }

        call.Documents.Delete("dashboard", call["uid"]);
        var title = entry.Text("dashboard", "title");
        return Reply.Json(200, new JsonObject { ["title"] = title, ["message"] = $"Dashboard {title} deleted", ["id"] = entry.Number("dashboard", "id") });
    }

    /// <summary>One page of dashboards and of folders in folders.</summary>
    private Reply Search(Call call)
    {
        var folders = call.Parameter("folderUIDs")?.Split(',');
        var found = call.Documents.List("dashboard").Select(d => d.Body).Where(d =>
            (folders is null || folders.Contains(d.Text("folderUid"), StringComparer.Ordinal))
            && (call.Parameter("tag") is not { } tag || d.Texts("dashboard", "tags").Contains(tag, StringComparer.Ordinal))
            && (call.Parameter("query") is not { Length: > 0 } query || d.Text("dashboard", "title")!.Contains(query, StringComparison.OrdinalIgnoreCase)));
        var inside = call.Documents.List("folder").Select(f => f.Body)
            .Where(f => folders?.Contains(f.Text("parentUid"), StringComparer.Ordinal) == true && call.Parameter("tag") is null && call.Parameter("type") is not "dash-db");
        var size = Math.Min(Folders.Number(call, "limit", 1000), context.Options.GrafanaMaxPageSize);
        var all = inside.Select(f => (JsonNode)new JsonObject
        {
            ["id"] = f.Number("id"), ["uid"] = f.Text("uid"), ["title"] = f.Text("title"), ["type"] = "dash-folder", ["folderUid"] = f.Text("parentUid"),
        }).Concat(found.Select(d => (JsonNode)new JsonObject
        {
            ["id"] = d.Number("dashboard", "id"),
            ["uid"] = d.Text("uid"),
            ["title"] = d.Text("dashboard", "title"),
            ["url"] = Url(d),
            ["type"] = "dash-db",
            ["tags"] = d.At("dashboard", "tags").Copy() ?? new JsonArray(),
            ["folderUid"] = d.Text("folderUid"),
        }));
        return Reply.Json(200, Json.ToArray(all.Skip((Folders.Number(call, "page", 1) - 1) * size).Take(size)));
    }

    private static Reply ListPage(string title, IEnumerable<string> items) => Reply.Text(
        200,
        $"<!doctype html><title>{WebUtility.HtmlEncode(title)}</title><h1>{WebUtility.HtmlEncode(title)}</h1><ul>{string.Concat(items.Select(i => "<li>" + i))}</ul>",
        "text/html; charset=utf-8");

    /// <summary>A plain page for people: titles and queries of the panels.</summary>
    private static Reply ShowPage(Call call)
    {
        if (call.Documents.Get("dashboard", call["uid"]) is not { } entry)
        {
            return NotFound();
        }

        var title = WebUtility.HtmlEncode(entry.Text("dashboard", "title"));
        var panels = (entry.Array("dashboard", "panels") ?? []).Select(p =>
            $"<li>{WebUtility.HtmlEncode(p.Text("title"))}<pre>{WebUtility.HtmlEncode(string.Join('\n', (p.Array("targets") ?? []).Select(t => t.Text("expr"))))}</pre>");
        return Reply.Text(200, $"<!doctype html><title>{title}</title><h1>{title}</h1><ul>{string.Concat(panels)}</ul>", "text/html; charset=utf-8");
    }
}
