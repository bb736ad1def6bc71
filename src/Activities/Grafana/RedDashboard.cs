using System.Text.Json.Nodes;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Grafana;

/// <summary>The RED dashboard (rate, errors, duration) with what the pods use. A pure function of the run's input.</summary>
internal static class RedDashboard
{
    private sealed record Panel(string Title, string Unit, params (string Query, string Legend)[] Targets);

    /// <summary>Tag that tells which run made a dashboard.</summary>
    public static string RunTag(StepKey key) => $"onramp-run:{key.ShortMark}";

    /// <param name="input">Whose.</param>
    /// <param name="ownTitle">Whether the title holds the uid, since people have one of the shorter title.</param>
    public static JsonObject Build(StepInput input, bool ownTitle = false)
    {
        var panels = Panels($"service=\"{input.Request.Name}\",namespace=\"{input.Names.Namespace}\"", input.Names.Namespace);
        return new JsonObject
        {
            ["id"] = null,
            ["uid"] = input.Names.DashboardUid,
            ["title"] = $"{input.Names.Namespace} / RED{(ownTitle ? $" ({input.Names.DashboardUid})" : "")}",
            ["tags"] = new JsonArray("golden-path", $"team:{input.Request.Team}", $"service:{input.Request.Name}", RunTag(input.Key)),
            ["timezone"] = "browser",
            ["schemaVersion"] = 39,
            ["version"] = 0,
            ["refresh"] = "30s",
            ["time"] = new JsonObject { ["from"] = "now-1h", ["to"] = "now" },
            ["templating"] = new JsonObject { ["list"] = new JsonArray() },
            ["panels"] = new JsonArray([.. panels.Select((p, i) => (JsonNode)Build(p, i, input.Platform.Grafana.DatasourceUid))]),
        };
    }

    private static Panel[] Panels(string service, string @namespace) =>
    [
        new("Rate", "reqps", ($"sum(rate(http_requests_total{{{service}}}[$__rate_interval]))", "requests")),
        new("Errors", "percentunit",
            ($"sum(rate(http_requests_total{{{service},status=~\"5..\"}}[$__rate_interval])) / clamp_min(sum(rate(http_requests_total{{{service}}}[$__rate_interval])), 1e-9)", "5xx ratio")),
        new("Duration", "s", Quantile(0.5, service), Quantile(0.95, service), Quantile(0.99, service)),
        new("CPU", "cores", ($"sum by (pod) (rate(container_cpu_usage_seconds_total{{namespace=\"{@namespace}\",container!=\"\"}}[$__rate_interval]))", "{{pod}}")),
        new("Memory", "bytes", ($"sum by (pod) (container_memory_working_set_bytes{{namespace=\"{@namespace}\",container!=\"\"}})", "{{pod}}")),
        new("Restarts", "short", ($"sum(increase(kube_pod_container_status_restarts_total{{namespace=\"{@namespace}\"}}[1h]))", "restarts")),
        new("Quota use", "percentunit",
            ($"kube_resourcequota{{namespace=\"{@namespace}\",type=\"used\"}} / ignoring(type) (kube_resourcequota{{namespace=\"{@namespace}\",type=\"hard\"}} > 0)", "{{resource}}")),
    ];

    private static (string, string) Quantile(double q, string service)
    {
        var text = q.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return ($"histogram_quantile({text}, sum by (le) (rate(http_request_duration_seconds_bucket{{{service}}}[$__rate_interval])))", $"p{(int)(q * 100)}");
    }

    private static JsonObject Build(Panel panel, int index, string datasource) => new()
    {
        ["id"] = index + 1,
        ["type"] = "timeseries",
        ["title"] = panel.Title,
        ["gridPos"] = new JsonObject { ["h"] = 8, ["w"] = 12, ["x"] = index % 2 * 12, ["y"] = index / 2 * 8 },
        ["datasource"] = new JsonObject { ["type"] = "prometheus", ["uid"] = datasource },
        ["fieldConfig"] = new JsonObject { ["defaults"] = new JsonObject { ["unit"] = panel.Unit }, ["overrides"] = new JsonArray() },
        ["options"] = new JsonObject(),
        ["targets"] = new JsonArray([.. panel.Targets.Select((t, i) => (JsonNode)new JsonObject
        {
            ["refId"] = ((char)('A' + i)).ToString(),
            ["expr"] = t.Query,
            ["legendFormat"] = t.Legend,
        })]),
    };
}
