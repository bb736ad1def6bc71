using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Grafana;

/// <summary>Alert rules, rule groups, contact points and the one notification policy, by the provisioning API.</summary>
internal sealed class AlertRules
{
    private const string Root = "/api/v1/provisioning";

    private static readonly string[] s_states = ["NoData", "Alerting", "OK", "KeepLast", "Error"];

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", Root + "/alert-rules", call => Reply.Json(200, Json.ToArray(call.Documents.List("alert-rule").Select(r => (JsonNode)r.Body)))),
        new("POST", Root + "/alert-rules", Create),
        new("GET", Root + "/alert-rules/{uid}", call => Reply.Json(200, Find(call))),
        new("PUT", Root + "/alert-rules/{uid}", Replace),
        new("DELETE", Root + "/alert-rules/{uid}", Delete),
        new("GET", Root + "/folder/{folder}/rule-groups/{group}", ShowGroup),
        new("PUT", Root + "/folder/{folder}/rule-groups/{group}", PutGroup),
        new("DELETE", Root + "/folder/{folder}/rule-groups/{group}", DeleteGroup),
        new("GET", Root + "/contact-points", call => Reply.Json(200, Json.ToArray(call.Documents.List("contact-point").Select(c => (JsonNode)c.Body)))),
        new("POST", Root + "/contact-points", call => PutContact(call, null)),
        new("PUT", Root + "/contact-points/{uid}", call => PutContact(call, call["uid"])),
        new("DELETE", Root + "/contact-points/{uid}", call => Reply.Empty(call.Documents.Delete("contact-point", call["uid"]) ? 202 : 404)),
        new("GET", Root + "/policies", call => Reply.Json(200, call.Documents.Get("policy", "tree") ?? new JsonObject { ["receiver"] = "grafana-default-email" })),
        new("PUT", Root + "/policies", PutPolicy),
    ];

    private static JsonObject Find(Call call) =>
        call.Documents.Get("alert-rule", call["uid"]) ?? throw new Refusal(Reply.Json(404, new JsonObject { ["message"] = "alert rule not found" }));

    private static Refusal Invalid(string message) => new(GrafanaSystem.Message(400, $"invalid alert rule: {message}"));

    /// <summary>Checks a rule and puts what the server adds.</summary>
    private static JsonObject Checked(Call call, JsonObject rule, string uid)
    {
        if (!Folders.IsUid(uid))
        {
            throw Invalid("UID must contain only letters, numbers, '-' and '_', at most 40");
        }

        if (string.IsNullOrWhiteSpace(rule.Text("title")) || string.IsNullOrWhiteSpace(rule.Text("ruleGroup")))
        {
            throw Invalid(string.IsNullOrWhiteSpace(rule.Text("title")) ? "title is empty" : "rule group is empty");
        }

        var steps = rule.Array("data") ?? throw Invalid("no queries or expressions are found");
        if (steps.Count == 0 || !steps.Any(s => s.Text("refId") == rule.Text("condition")))
        {
            throw Invalid($"condition {rule.Text("condition")} does not exist, must be one of [{string.Join(' ', steps.Select(s => s.Text("refId")))}]");
        }

        if (!s_states.Contains(rule.Text("noDataState") ?? "NoData", StringComparer.Ordinal) || !s_states.Contains(rule.Text("execErrState") ?? "Error", StringComparer.Ordinal))
        {
            throw Invalid("unknown state");
        }

        var folder = rule.Text("folderUID") ?? "";
        if (!call.Documents.Has("folder", folder))
        {
            throw new Refusal(GrafanaSystem.Message(400, "invalid alert rule: folder does not exist"));
        }

        if (call.Documents.List("alert-rule").Exists(r => r.Key != uid && r.Body.Text("folderUID") == folder && r.Body.Text("title") == rule.Text("title")))
        {
            throw new Refusal(GrafanaSystem.Message(409, "a conflicting alert rule is found: rule title under the same organisation and folder should be unique"));
        }

        var before = call.Documents.Get("alert-rule", uid);
        var kept = rule.Copy();
        kept["id"] = before.Number("id") ?? call.Documents.Next("alert-rule");
        kept["uid"] = uid;
        kept["orgID"] = 1;
        kept["updated"] = before.Text("updated");
        kept["provenance"] = call.Header("X-Disable-Provenance") is null ? "api" : "";
        if (before is null || !JsonNode.DeepEquals(before, kept))
        {
            kept["updated"] = call.Now.Seconds();
        }

        return kept;
    }

    private static Reply Create(Call call)
    {
        var rule = GrafanaSystem.Body(call);
        var uid = rule.Text("uid") is { Length: > 0 } given ? given : "r" + Convert.ToHexStringLower(call.Documents.NextBytes())[..13];
        if (call.Documents.Has("alert-rule", uid))
        {
            return GrafanaSystem.Message(409, "a conflicting alert rule is found: rule UID under the same organisation should be unique");
        }

        var kept = Checked(call, rule, uid);
        call.Documents.Put("alert-rule", uid, kept);
        return Reply.Json(201, kept);
    }

    private static Reply Replace(Call call)
    {
        Find(call);
        var kept = Checked(call, GrafanaSystem.Body(call), call["uid"]);
        call.Documents.Put("alert-rule", call["uid"], kept);
        return Reply.Json(200, kept);
    }

    /// <summary>Deletes a rule; a group exists only as long as it has rules.</summary>
    private static Reply Delete(Call call)
    {
        var rule = call.Documents.Get("alert-rule", call["uid"]);
        call.Documents.Delete("alert-rule", call["uid"]);
        var (folder, group) = (rule?.Text("folderUID"), rule?.Text("ruleGroup"));
        if (rule is not null && !call.Documents.List("alert-rule").Any(r => r.Body.Text("folderUID") == folder && r.Body.Text("ruleGroup") == group))
        {
            call.Documents.Delete("rule-group", $"{folder}/{group}");
        }

        return Reply.Empty(204);
    }

    private static List<(string Key, JsonObject Body)> InGroup(Call call) => call.Documents.List("alert-rule")
        .Where(r => r.Body.Text("folderUID") == call["folder"] && r.Body.Text("ruleGroup") == call["group"]).ToList();

    private static string GroupKey(Call call) => $"{call["folder"]}/{call["group"]}";

    private static Reply ShowGroup(Call call)
    {
        var rules = InGroup(call);
        return rules.Count == 0
            ? GrafanaSystem.Message(404, "rule group not found")
            : Reply.Json(200, Group(call, rules.Select(r => r.Body)));
    }

    private static JsonObject Group(Call call, IEnumerable<JsonObject> rules) => new()
    {
        ["title"] = call["group"],
        ["folderUid"] = call["folder"],
        ["interval"] = call.Documents.Get("rule-group", GroupKey(call)).Number("interval") ?? 60,
        ["rules"] = Json.ToArray(rules.Select(r => (JsonNode)r.Copy())),
    };

    /// <summary>Replaces the whole group: rules that it no longer lists are deleted.</summary>
    private static Reply PutGroup(Call call)
    {
        if (!call.Documents.Has("folder", call["folder"]))
        {
            return GrafanaSystem.Message(400, "folder does not exist");
        }

        var body = GrafanaSystem.Body(call);
        if (body.Number("interval") is not > 0 || body.Number("interval") % 10 != 0)
        {
            return GrafanaSystem.Message(400, "invalid alert rule: interval must be a positive multiple of 10 seconds");
        }

        var kept = new List<JsonObject>();
        foreach (var rule in (body.Array("rules") ?? []).OfType<JsonObject>())
        {
            var uid = rule.Text("uid") is { Length: > 0 } given ? given : "r" + Convert.ToHexStringLower(call.Documents.NextBytes())[..13];
            var wanted = rule.Copy();
            wanted["folderUID"] = call["folder"];
            wanted["ruleGroup"] = call["group"];
            kept.Add(Checked(call, wanted, uid));
            call.Documents.Put("alert-rule", uid, kept[^1]);
        }

        foreach (var (key, _) in InGroup(call).Where(r => !kept.Exists(k => k.Text("uid") == r.Key)))
        {
            call.Documents.Delete("alert-rule", key);
        }

        call.Documents.Put("rule-group", GroupKey(call), new JsonObject { ["interval"] = body.Number("interval") });
        return Reply.Json(200, Group(call, kept));
    }

    private static Reply DeleteGroup(Call call)
    {
        var rules = InGroup(call);
        rules.ForEach(r => call.Documents.Delete("alert-rule", r.Key));
        call.Documents.Delete("rule-group", GroupKey(call));
        return rules.Count == 0 ? GrafanaSystem.Message(404, "rule group not found") : Reply.Empty(204);
    }

    private static Reply PutContact(Call call, string? uid)
    {
        var body = GrafanaSystem.Body(call);
        if (string.IsNullOrEmpty(body.Text("name")) || string.IsNullOrEmpty(body.Text("type")))
        {
            return GrafanaSystem.Message(400, "invalid object specification: name and type are required");
        }

        if (uid is not null && !call.Documents.Has("contact-point", uid))
        {
            return GrafanaSystem.Message(404, "contact point not found");
        }

        var contact = body.Copy();
        contact["uid"] = uid ?? (body.Text("uid") is { Length: > 0 } given ? given : "c" + Convert.ToHexStringLower(call.Documents.NextBytes())[..13]);
        contact["settings"] = Json.ToArray((body.Object("settings") ?? []).Select(s => (JsonNode)s.Key));
        call.Documents.Put("contact-point", contact.Text("uid")!, contact);
        return Reply.Json(202, contact);
    }

    private static Reply PutPolicy(Call call)
    {
        call.Documents.Put("policy", "tree", GrafanaSystem.Body(call));
        return GrafanaSystem.Message(202, "policies updated");
    }
}
