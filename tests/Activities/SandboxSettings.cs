using System.Globalization;
using System.Security.Cryptography;
using Onramp.Sandbox;

namespace Onramp.Activities.Tests;

/// <summary>Settings of the activities for a sandbox, and a sandbox that doesn't dawdle.</summary>
internal static class SandboxSettings
{
    public static string FluxAppKey { get; } = NewKey();

    public static SandboxOptions Fast() => new()
    {
        TemplatePopulationDelay = TimeSpan.FromMilliseconds(60),
        WorkflowIndexingDelay = TimeSpan.FromMilliseconds(20),
        NamespaceTerminationDelay = TimeSpan.FromMilliseconds(60),
        ControllerDelay = TimeSpan.FromMilliseconds(40),
        AzureOperationDuration = TimeSpan.FromMilliseconds(60),
        AzureReadLag = TimeSpan.FromMilliseconds(40),
        PrincipalReplicationDelay = TimeSpan.FromMilliseconds(100),
        RoleAssignmentPropagationDelay = TimeSpan.FromMilliseconds(50),
        CatalogProcessingDelay = TimeSpan.FromMilliseconds(60),
        GitHubRateLimit = 1_000_000,
        GitHubWritesPerMinute = 80,
        GitHubWritesPerHour = 500,
        CatalogMaxPageSize = 1,
        KubernetesPageSize = 1,
        GitHubMaxPageSize = 2,
        GrafanaMaxPageSize = 1,
        AzureMaxPageSize = 1,
    };

    public static Dictionary<string, string?> For(SandboxHost sandbox)
    {
        var (seed, credentials) = (sandbox.Options.Seed, sandbox.Options.Credentials);
        return new Dictionary<string, string?>
        {
            ["Onramp:GitHub:BaseUrl"] = sandbox.GitHub.ToString(),
            ["Onramp:GitHub:Token"] = credentials.GitHubToken,
            ["Onramp:GitHub:Organization"] = seed.Organization,
            ["Onramp:GitHub:TemplateRepository"] = $"{seed.Organization}/golden-path-{{template}}",
            ["Onramp:GitHub:WritesPerMinute"] = (sandbox.Options.GitHubWritesPerMinute ?? 0).ToString(CultureInfo.InvariantCulture),
            ["Onramp:GitHub:WritesPerHour"] = (sandbox.Options.GitHubWritesPerHour ?? 0).ToString(CultureInfo.InvariantCulture),
            ["Onramp:Kubernetes:BaseUrl"] = sandbox.Kubernetes.ToString(),
            ["Onramp:Kubernetes:Token"] = credentials.KubernetesToken,
            ["Onramp:Kubernetes:CaCertificate"] = sandbox.CertificateAuthorityPem,
            ["Onramp:Kubernetes:ClusterName"] = seed.Cluster,
            ["Onramp:Kubernetes:OidcIssuer"] = seed.ClusterOidcIssuer,
            ["Onramp:Azure:ArmUrl"] = sandbox.Azure.ToString(),
            ["Onramp:Azure:AuthorityUrl"] = sandbox.Azure.ToString(),
            ["Onramp:Azure:CaCertificate"] = sandbox.CertificateAuthorityPem,
            ["Onramp:Azure:ClientId"] = credentials.AzureClientId,
            ["Onramp:Azure:ClientSecret"] = credentials.AzureClientSecret,
            ["Onramp:Azure:TenantId"] = seed.TenantId,
            ["Onramp:Azure:SubscriptionId"] = seed.SubscriptionId,
            ["Onramp:Azure:DefaultRegion"] = seed.Location,
            ["Onramp:Azure:RegistryId"] = seed.RegistryId,
            ["Onramp:Azure:DefaultEntraGroupId"] = seed.EntraGroups[0],
            ["Onramp:Azure:VaultPurgeProtection"] = "false",
            ["Onramp:Kubernetes:TeamRole"] = "edit",
            ["Onramp:Kubernetes:FluxApp:AppId"] = "1002",
            ["Onramp:Kubernetes:FluxApp:InstallationId"] = "1",
            ["Onramp:Kubernetes:FluxApp:PrivateKey"] = FluxAppKey,
            ["Onramp:Azure:AbsenceConfirmation"] = "00:00:00.12",
            ["Onramp:Grafana:BaseUrl"] = sandbox.Grafana.ToString(),
            ["Onramp:Grafana:Token"] = credentials.GrafanaToken,
            ["Onramp:Catalog:BaseUrl"] = sandbox.Catalog.ToString(),
            ["Onramp:Catalog:Token"] = credentials.CatalogToken,
            ["Onramp:Notifications:SlackWebhookUrl"] = sandbox.SlackWebhook.ToString(),
            ["Onramp:Notifications:TeamsWebhookUrl"] = sandbox.TeamsWebhook.ToString(),
            ["Onramp:Notifications:MailUrl"] = sandbox.Mail.ToString(),
            ["Onramp:Notifications:MailToken"] = credentials.MailToken,
            ["Onramp:Notifications:PagerDutyUrl"] = sandbox.PagerDuty.ToString(),
            ["Onramp:Notifications:PagerDutyRoutingKey"] = credentials.PagerDutyRoutingKey,
        };
    }

    private static string NewKey()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
