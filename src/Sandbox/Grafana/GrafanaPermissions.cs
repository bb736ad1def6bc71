using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Grafana;

/// <summary>What a service account's token must hold for each call, by Grafana's own names for it; a refusal names what is missing.</summary>
internal static class GrafanaPermissions
{
    private const string Rules = "/api/v1/provisioning/";

    /// <summary>What Grafana answers a caller that may not make this call; null when it may.</summary>
    public static Reply? Refuse(Call call, IReadOnlyCollection<string> held)
    {
        var missing = Needed(call).Where(n => !held.Contains(n, StringComparer.Ordinal)).ToList();
        return missing.Count == 0
            ? null
            : GrafanaSystem.Message(403, $"You'll need additional permissions to perform this action. Permissions needed: {string.Join(", ", missing)}");
    }

    private static IEnumerable<string> Needed(Call call) => (call.Method, Route.Segments(call.RawPath)) switch
    {
        ("GET", ["api", "folders", ..]) => ["folders:read"],
        ("POST", ["api", "folders"]) => ["folders:create"],
        ("PUT", ["api", "folders", ..]) => ["folders:write"],
        ("DELETE", ["api", "folders", ..]) => ["folders:delete"],
        ("GET", ["api", "dashboards", ..] or ["api", "search"]) => ["dashboards:read"],
        ("POST", ["api", "dashboards", "db"]) => [Exists(call) ? "dashboards:write" : "dashboards:create"],
        ("DELETE", ["api", "dashboards", ..]) => ["dashboards:delete"],
        ("GET", _) when IsRules(call) => ["alert.rules.provisioning:read"],
        (_, _) when IsRules(call) => call.Header("X-Disable-Provenance") is null
            ? ["alert.rules.provisioning:write"]
            : ["alert.rules.provisioning:write", "alert.provisioning.provenance:write"],
        ("GET", ["api", "datasources", ..]) => ["datasources:read"],
        (_, ["api", "datasources", ..]) => ["datasources:write"],
        _ => [],
    };

    private static bool Exists(Call call) =>
        call.TryReadObject().Text("dashboard", "uid") is { } uid && call.Documents.Has("dashboard", uid);

    private static bool IsRules(Call call) => call.RawPath.StartsWith(Rules, StringComparison.Ordinal);
}
