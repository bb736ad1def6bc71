using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Onramp.Sandbox;

namespace Onramp.Cli.Hosting;

/// <summary>A sandbox as the activities' settings (section <c>Onramp</c>): its addresses, its authority, and what it accepts.</summary>
internal static class SandboxSettings
{
    /// <summary>Of an App that exists nowhere; the sandbox looks only whether it is a key.</summary>
    private static readonly Lazy<string> FluxAppKey = new(static () =>
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem();
    });

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static IReadOnlyDictionary<string, string?> For(SandboxHost sandbox)
    {
        var seed = sandbox.Options.Seed;
        var credentials = sandbox.Options.Credentials;
        return new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Onramp:GitHub:BaseUrl"] = Url(sandbox.GitHub),
            ["Onramp:GitHub:Token"] = credentials.GitHubToken,
            ["Onramp:GitHub:Organization"] = seed.Organization,
            // The sandbox takes as many writes as come, unless it was told otherwise.
            ["Onramp:GitHub:WritesPerMinute"] = (sandbox.Options.GitHubWritesPerMinute ?? 0).ToString(CultureInfo.InvariantCulture),
            ["Onramp:GitHub:WritesPerHour"] = (sandbox.Options.GitHubWritesPerHour ?? 0).ToString(CultureInfo.InvariantCulture),
            ["Onramp:Azure:ArmUrl"] = Url(sandbox.Azure),
            ["Onramp:Azure:AuthorityUrl"] = Url(sandbox.AzureLogin),
            ["Onramp:Azure:CaCertificate"] = sandbox.CertificateAuthorityPem,
            ["Onramp:Azure:ClientId"] = credentials.AzureClientId,
            ["Onramp:Azure:ClientSecret"] = credentials.AzureClientSecret,
            ["Onramp:Azure:TenantId"] = seed.TenantId,
            ["Onramp:Azure:SubscriptionId"] = seed.SubscriptionId,
            ["Onramp:Azure:DefaultRegion"] = seed.Location,
            ["Onramp:Azure:RegistryId"] = seed.RegistryId,
            ["Onramp:Azure:RegistryLoginServer"] = $"{seed.Registry}.azurecr.io",
            ["Onramp:Azure:VaultPurgeProtection"] = "false",
            // Reads of the sandbox do not lag.
            ["Onramp:Azure:AbsenceConfirmation"] = "00:00:00",
            ["Onramp:Azure:DefaultEntraGroupId"] = seed.EntraGroups[0],
            // There is no portal to a sandbox; its state is what can be looked at. The rest of a link ends up in a parameter and a fragment.
            ["Onramp:Azure:PortalUrl"] = $"{sandbox.Control}state?system=azure&at=",
            ["Onramp:Kubernetes:BaseUrl"] = Url(sandbox.Kubernetes),
            ["Onramp:Kubernetes:Token"] = credentials.KubernetesToken,
            ["Onramp:Kubernetes:ClusterName"] = seed.Cluster,
            ["Onramp:Kubernetes:OidcIssuer"] = seed.ClusterOidcIssuer,
            ["Onramp:Kubernetes:TeamRole"] = "edit",
            ["Onramp:Kubernetes:FluxApp:AppId"] = "1002",
            ["Onramp:Kubernetes:FluxApp:InstallationId"] = "1",
            ["Onramp:Kubernetes:FluxApp:PrivateKey"] = FluxAppKey.Value,
            ["Onramp:Grafana:BaseUrl"] = Url(sandbox.Grafana),
            ["Onramp:Grafana:Token"] = credentials.GrafanaToken,
            ["Onramp:Catalog:BaseUrl"] = Url(sandbox.Catalog),
            ["Onramp:Catalog:Token"] = credentials.CatalogToken,
            ["Onramp:Notifications:SlackWebhookUrl"] = sandbox.SlackWebhook.AbsoluteUri,
            ["Onramp:Notifications:SlackUrl"] = Url(sandbox.SlackApi),
            ["Onramp:Notifications:SlackBotToken"] = credentials.SlackBotToken,
            ["Onramp:Onboarding:Approvals:GroupContacts:platform:Channel"] = "#platform-approvals",
            ["Onramp:Notifications:MailUrl"] = Url(sandbox.Mail),
            ["Onramp:Notifications:MailToken"] = credentials.MailToken,
            ["Onramp:Notifications:PagerDutyUrl"] = Url(sandbox.PagerDuty),
            ["Onramp:Notifications:PagerDutyRoutingKey"] = credentials.PagerDutyRoutingKey,
        };
    }

    /// <summary>The same as a file for <c>onramp worker --config</c>.</summary>
    public static string ToJson(SandboxHost sandbox)
    {
        var root = new JsonObject();
        foreach (var (key, value) in For(sandbox))
        {
            var parts = key.Split(':');
            var at = root;
            foreach (var part in parts[..^1])
                at = (JsonObject)(at[part] ??= new JsonObject());
            at[parts[^1]] = value;
        }
        return root.ToJsonString(Indented);
    }

    private static string Url(Uri uri) => uri.ToString().TrimEnd('/');
}
