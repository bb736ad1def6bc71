using System.ComponentModel.DataAnnotations;

namespace Onramp.Activities.Grafana;

/// <summary>How to reach Grafana. Section <c>Onramp:Grafana</c>.</summary>
public sealed class GrafanaOptions
{
    public const string Section = "Onramp:Grafana";

    /// <summary>Default <c>http://127.0.0.1:3000</c>.</summary>
    [Required, Url]
    public string BaseUrl { get; set; } = "http://127.0.0.1:3000";

    /// <summary>Service account token.</summary>
    public string? Token { get; set; }

    /// <summary>Uid of the Prometheus data source. Default <c>prometheus</c>.</summary>
    [Required]
    public string DatasourceUid { get; set; } = "prometheus";

    /// <summary>Base of runbook links in alerts; empty for none.</summary>
    public string RunbookUrl { get; set; } = "";
}
