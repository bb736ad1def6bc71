using System.Text.Json.Nodes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Planning;

namespace Onramp.Activities.Grafana;

/// <summary>The alert rules of the golden path: a row each.</summary>
internal static class AlertRules
{
    /// <summary>Label that tells which run made a rule.</summary>
    public const string RunLabel = "onramp_run";

    private sealed record Rule(string Id, string Title, string Severity, string For, string Comparison, double Threshold, int Panel, string Query);

    public static IEnumerable<string> Uids(StepInput input) => Rows(input).Select(r => Uid(input, r.Id));

    public static IEnumerable<JsonObject> Build(StepInput input, string folderUid) => Rows(input).Select(r => Build(input, folderUid, r));

    private static string Uid(StepInput input, string id) => NameDeriver.GrafanaUid($"{input.Names.DashboardUid}-{id}");

    private static Rule[] Rows(StepInput input)
    {
        var @namespace = input.Names.Namespace;
        var service = $"service=\"{input.Request.Name}\",namespace=\"{@namespace}\"";
        var rate = $"sum(rate(http_requests_total{{{service}}}[5m]))";
        return
        [
            new("errors", "error ratio above 1 %", "page", "5m", "gt", 0.01, 2,
                $"sum(rate(http_requests_total{{{service},status=~\"5..\"}}[5m])) / clamp_min({rate}, 1e-9)"),
            new("latency", "p95 above 500 ms", "ticket", "10m", "gt", 0.5, 3,
                $"histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{{{service}}}[5m])))"),
            new("absent", "no traffic", "warn", "15m", "lt", 1e-9, 1, $"{rate} or vector(0)"),
            new("restarts", "pods restart", "warn", "0s", "gt", 3, 6,
                $"sum(increase(kube_pod_container_status_restarts_total{{namespace=\"{@namespace}\"}}[15m]))"),
            new("quota", "quota above 90 %", "warn", "15m", "gt", 0.9, 7,
                $"max(kube_resourcequota{{namespace=\"{@namespace}\",type=\"used\"}} / ignoring(type) (kube_resourcequota{{namespace=\"{@namespace}\",type=\"hard\"}} > 0))"),
        ];
    }

    private static JsonObject Build(StepInput input, string folderUid, Rule rule)
    {
        var profile = input.Platform.Grafana;
        var annotations = new JsonObject
        {
            ["summary"] = $"{input.Names.Namespace}: {rule.Title}",
            ["__dashboardUid__"] = input.Names.DashboardUid,
            ["__panelId__"] = rule.Panel.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        if (profile.RunbookUrl.Length > 0)
            annotations["runbook_url"] = $"{profile.RunbookUrl.TrimEnd('/')}/{rule.Id}";
        return new JsonObject
        {
            ["uid"] = Uid(input, rule.Id),
            ["orgID"] = 1,
            ["folderUID"] = folderUid,
            ["ruleGroup"] = input.Names.AlertGroup,
            ["title"] = $"{input.Names.Namespace}: {rule.Title}",
            ["condition"] = "C",
            ["for"] = rule.For,
            ["noDataState"] = "OK",
            ["execErrState"] = "Error",
            ["isPaused"] = false,
            ["labels"] = new JsonObject
            {
                ["service"] = input.Request.Name,
                ["team"] = input.Request.Team,
                ["environment"] = input.Request.Environment,
                ["severity"] = rule.Severity,
                [RunLabel] = input.Key.ShortMark,
            },
            ["annotations"] = annotations,
            ["data"] = new JsonArray(Query(profile.DatasourceUid, rule), Threshold(rule)),
        };
    }

    private static JsonObject Query(string datasource, Rule rule) => new()
    {
        ["refId"] = "A",
        ["relativeTimeRange"] = new JsonObject { ["from"] = 600, ["to"] = 0 },
        ["datasourceUid"] = datasource,
        ["model"] = new JsonObject { ["refId"] = "A", ["expr"] = rule.Query, ["instant"] = true, ["intervalMs"] = 1000, ["maxDataPoints"] = 43200 },
    };

    private static JsonObject Threshold(Rule rule) => new()
    {
        ["refId"] = "C",
        ["relativeTimeRange"] = new JsonObject { ["from"] = 0, ["to"] = 0 },
        ["datasourceUid"] = "__expr__",
        ["model"] = new JsonObject
        {
            ["refId"] = "C",
            ["type"] = "threshold",
            ["expression"] = "A",
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["evaluator"] = new JsonObject { ["type"] = rule.Comparison, ["params"] = new JsonArray(rule.Threshold) },
            }),
        },
    };
}
