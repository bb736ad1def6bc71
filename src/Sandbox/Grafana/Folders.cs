using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Grafana;

/// <summary>Folders; deleting one takes every folder, dashboard and rule in it along.</summary>
internal sealed partial class Folders(SandboxContext context)
{
    private const int DefaultPageSize = 1000;

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/api/folders", List),
        new("POST", "/api/folders", Create),
        new("GET", "/api/folders/{uid}", call => Reply.Json(200, Shown(Find(call, call["uid"])))),
        new("PUT", "/api/folders/{uid}", Update),
        new("DELETE", "/api/folders/{uid}", Delete),
        new("GET", "/api/folders/{uid}/permissions", call => Reply.Json(200, Find(call, call["uid"])["permissions"].Copy() ?? new JsonArray())),
        new("POST", "/api/folders/{uid}/permissions", SetPermissions),
    ];

    public static JsonObject Find(Call call, string uid) =>
        call.Documents.Get("folder", uid) ?? throw new Refusal(GrafanaSystem.Message(404, "folder not found", "not-found"));

    public static bool IsUid(string uid) => Uid().IsMatch(uid);

    [GeneratedRegex("^[A-Za-z0-9_-]{1,40}$")]
    private static partial Regex Uid();

    private static JsonObject Shown(JsonObject folder)
    {
        var shown = folder.Copy();
        shown.Remove("permissions");
        shown["url"] = $"/dashboards/f/{folder.Text("uid")}/{Dashboards.Slug(folder.Text("title")!)}";
        foreach (var right in (string[])["canSave", "canEdit", "canAdmin", "canDelete"])
        {
            shown[right] = true;
        }

        return shown;
    }

    /// <summary>One page of the folders at the top, or in the folder that is named.</summary>
    private Reply List(Call call)
    {
        var size = Math.Min(Number(call, "limit", DefaultPageSize), context.Options.GrafanaMaxPageSize);
        var folders = call.Documents.List("folder").Select(f => f.Body).Where(f => (f.Text("parentUid") ?? "") == (call.Parameter("parentUid") ?? ""));
        return Reply.Json(200, Json.ToArray(folders.Skip((Number(call, "page", 1) - 1) * size).Take(size).Select(f => (JsonNode)Shown(f))));
    }

    public static int Number(Call call, string name, int otherwise) => int.TryParse(call.Parameter(name), out var number) && number > 0 ? number : otherwise;

    private static Reply Create(Call call)
    {
        var body = GrafanaSystem.Body(call);
        var title = body.Text("title");
        if (string.IsNullOrWhiteSpace(title))
        {
            return GrafanaSystem.Message(400, "folder title cannot be empty");
        }

        var uid = body.Text("uid") is { Length: > 0 } given ? given : "f" + Convert.ToHexStringLower(call.Documents.NextBytes())[..13];
        if (!IsUid(uid))
        {
            return GrafanaSystem.Message(400, uid.Length > 40 ? "uid too long, max 40 characters" : "uid contains illegal characters");
        }

        var parent = body.Text("parentUid") ?? "";
        if (parent.Length > 0)
        {
            Find(call, parent);
        }

        if (call.Documents.Has("folder", uid))
        {
            return GrafanaSystem.Message(409, "a folder with that uid already exists", "name-exists");
        }

        if (call.Documents.List("folder").Exists(f => f.Body.Text("title") == title && (f.Body.Text("parentUid") ?? "") == parent))
        {
            return GrafanaSystem.Message(409, "a folder with the same name already exists in the current location", "name-exists");
        }

        var folder = new JsonObject
        {
            ["id"] = call.Documents.Next("id"),
            ["uid"] = uid,
            ["title"] = title,
            ["parentUid"] = parent,
            ["version"] = 1,
            ["created"] = call.Now.Seconds(),
            ["updated"] = call.Now.Seconds(),
            ["createdBy"] = call.Caller,
        };
        call.Documents.Put("folder", uid, folder);
        return Reply.Json(200, Shown(folder));
    }

    private static Reply Update(Call call)
    {
        var folder = Find(call, call["uid"]);
        var body = GrafanaSystem.Body(call);
        if (!body.Flag("overwrite") && body.Number("version") != folder.Number("version"))
        {
            return GrafanaSystem.Message(412, "The folder has been changed by someone else", "version-mismatch");
        }

        folder["title"] = body.Text("title") ?? folder.Text("title");
        folder["version"] = folder.Number("version") + 1;
        folder["updated"] = call.Now.Seconds();
        call.Documents.Put("folder", call["uid"], folder);
        return Reply.Json(200, Shown(folder));
    }

    private static Reply Delete(Call call)
    {
        var folder = Find(call, call["uid"]);
        List<string> going = [call["uid"]];
        for (var i = 0; i < going.Count; i++)
        {
            going.AddRange(call.Documents.List("folder").Where(f => f.Body.Text("parentUid") == going[i]).Select(f => f.Key));
        }

        var rules = call.Documents.List("alert-rule").Where(r => going.Contains(r.Body.Text("folderUID")!)).ToList();
        if (rules.Count > 0 && !call.Asks("forceDeleteRules"))
        {
            return GrafanaSystem.Message(400, "folder contains alert rules; folder cannot be deleted", "folder-not-empty");
        }

        rules.ForEach(r => call.Documents.Delete("alert-rule", r.Key));
        foreach (var (key, _) in call.Documents.List("dashboard").Where(d => going.Contains(d.Body.Text("folderUid")!)))
        {
            call.Documents.Delete("dashboard", key);
        }

        foreach (var uid in going)
        {
            call.Documents.DeleteAll("rule-group", uid + "/");
            call.Documents.Delete("folder", uid);
        }

        return Reply.Json(200, new JsonObject { ["message"] = "Folder deleted", ["id"] = folder.Number("id"), ["title"] = folder.Text("title") });
    }

    private static Reply SetPermissions(Call call)
    {
        var folder = Find(call, call["uid"]);
        folder["permissions"] = GrafanaSystem.Body(call)["items"].Copy() ?? new JsonArray();
        call.Documents.Put("folder", call["uid"], folder);
        return GrafanaSystem.Message(200, "Folder permissions updated");
    }
}
