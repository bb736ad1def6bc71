using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Azure;

/// <summary>Diagnostic settings of any resource.</summary>
internal sealed class DiagnosticSettings
{
    private const string Path = "/{**scope}/providers/Microsoft.Insights/diagnosticSettings";
    private const int MaxPerResource = 5;

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", Path, call => Reply.Json(200, new JsonObject
        {
            ["value"] = Json.ToArray(call.Documents.List("diagnostic-setting", Scope(call)).Select(s => (JsonNode)s.Body)),
        })),
        new("GET", Path + "/{name}", call => call.Documents.Get("diagnostic-setting", Scope(call) + call["name"].ToLowerInvariant()) is { } found
            ? Reply.Json(200, found)
            : AzureErrors.Reply(404, "ResourceNotFound", $"The diagnostic setting '{call["name"]}' was not found.")),
        new("PUT", Path + "/{name}", Put),
        new("DELETE", Path + "/{name}", call => Reply.Empty(call.Documents.Delete("diagnostic-setting", Scope(call) + call["name"].ToLowerInvariant()) ? 200 : 204)),
    ];

    private static string Scope(Call call) => $"/{call["scope"]}/providers/microsoft.insights/diagnosticsettings/".ToLowerInvariant();

    private static Reply Put(Call call)
    {
        AzureProviders.CheckVersion(call, "Microsoft.Insights", "diagnosticSettings");
        if (!call.Documents.Has("resource", "/" + call["scope"].ToLowerInvariant()))
        {
            return AzureErrors.Reply(404, "ResourceNotFound", $"The Resource '/{call["scope"]}' was not found.");
        }

        var properties = call.Object().Object("properties") ?? [];
        var (scope, key) = (Scope(call), call["name"].ToLowerInvariant());
        var others = call.Documents.List("diagnostic-setting", scope).Where(s => s.Key != scope + key).ToList();
        if (others.Count >= MaxPerResource || others.Exists(o => o.Body.Text("properties", "workspaceId") == properties.Text("workspaceId")))
        {
            return AzureErrors.Reply(409, "Conflict", "Data sink is already used in another diagnostic setting for the same category, or there are five settings already.");
        }

        var setting = new JsonObject
        {
            ["id"] = $"/{call["scope"]}/providers/Microsoft.Insights/diagnosticSettings/{call["name"]}",
            ["name"] = call["name"],
            ["type"] = "Microsoft.Insights/diagnosticSettings",
            ["properties"] = properties.Copy(),
        };
        call.Documents.Put("diagnostic-setting", scope + key, setting);
        return Reply.Json(200, setting);
    }
}
