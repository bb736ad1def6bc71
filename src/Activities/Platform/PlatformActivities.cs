using Microsoft.Extensions.Options;
using Onramp.Activities.Azure;
using Onramp.Activities.Catalog;
using Onramp.Activities.GitHub;
using Onramp.Activities.Grafana;
using Onramp.Activities.Kubernetes;
using Onramp.Activities.Notifications;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;

namespace Onramp.Activities.Platform;

/// <summary>Approvals and waits. Section <c>Onramp:Onboarding</c>.</summary>
public sealed class OnboardingOptions
{
    public const string Section = "Onramp:Onboarding";

    public ApprovalProfile Approvals { get; set; } = new();

    public TimingProfile Timing { get; set; } = new();
}

/// <summary>Tells a run what the platform is, without its secrets.</summary>
public sealed class PlatformActivities(
    IOptions<GitHubOptions> github,
    IOptions<AzureOptions> azure,
    IOptions<KubernetesOptions> kubernetes,
    IOptions<GrafanaOptions> grafana,
    IOptions<CatalogOptions> catalog,
    IOptions<NotificationOptions> notifications,
    IOptions<OnboardingOptions> onboarding)
{
    [Activity(ActivityNames.DescribePlatform)]
    public PlatformProfile Describe() => new()
    {
        GitHub = Describe(github.Value),
        Azure = Describe(azure.Value),
        Kubernetes = new KubernetesProfile
        {
            ClusterName = kubernetes.Value.ClusterName,
            OidcIssuer = kubernetes.Value.OidcIssuer,
            ArgoCdNamespace = kubernetes.Value.ArgoCdNamespace,
            ArgoCdProject = kubernetes.Value.ArgoCdProject,
            ManifestPath = kubernetes.Value.ManifestPath,
            TeamRole = kubernetes.Value.TeamRole,
            FluxProvider = kubernetes.Value.FluxProvider,
            FluxSecretName = kubernetes.Value.FluxSecret,
            NodeLocalDns = kubernetes.Value.NodeLocalDns ?? "",
            MonitorRelease = kubernetes.Value.MonitorRelease,
        },
        Grafana = new GrafanaProfile
        {
            Url = grafana.Value.BaseUrl,
            DatasourceUid = grafana.Value.DatasourceUid,
            RunbookUrl = grafana.Value.RunbookUrl,
        },
        Catalog = new CatalogProfile { Url = catalog.Value.BaseUrl, PortalUrl = catalog.Value.PortalUrl ?? "", System = catalog.Value.System },
        Notifications = Describe(notifications.Value),
        Approvals = onboarding.Value.Approvals,
        Timing = onboarding.Value.Timing,
    };

    private static NotificationProfile Describe(NotificationOptions options) => new()
    {
        ChatChannels = string.IsNullOrEmpty(options.SlackBotToken) ? [.. options.SlackChannelWebhooks.Keys.Order(StringComparer.Ordinal)] : null,
        HasChat = !string.IsNullOrEmpty(options.SlackBotToken) || !string.IsNullOrEmpty(options.SlackWebhookUrl) || options.SlackChannelWebhooks.Count > 0,
        HasMail = !string.IsNullOrEmpty(options.MailUrl),
    };

    private static GitHubProfile Describe(GitHubOptions options) => new()
    {
        Organization = options.Organization,
        TemplateRepository = options.TemplateRepository,
        TeamPermission = options.TeamPermission,
        DefaultBranch = options.DefaultBranch,
        PipelineWorkflow = options.PipelineWorkflow,
        RequiredChecks = options.RequiredChecks.Count > 0 ? [.. options.RequiredChecks] : ["build"],
        BypassApps = [.. options.BypassApps],
        OidcIssuer = options.OidcIssuer,
    };

    private static AzureProfile Describe(AzureOptions options) => new()
    {
        SubscriptionId = options.SubscriptionId,
        TenantId = options.TenantId,
        DefaultRegion = options.DefaultRegion,
        RegistryId = options.RegistryId,
        RegistryLoginServer = string.IsNullOrEmpty(options.RegistryLoginServer)
            ? $"{options.RegistryId.Split('/')[^1]}.azurecr.io"
            : options.RegistryLoginServer,
        TeamGroups = new SortedDictionary<string, string>(options.TeamGroups, StringComparer.Ordinal),
        DefaultEntraGroupId = options.DefaultEntraGroupId,
        VaultPurgeProtection = options.VaultPurgeProtection,
        VaultNetwork = new VaultNetworkProfile
        {
            PrivateEndpoints = options.VaultPrivateEndpoints,
            SubnetIds = [.. options.VaultSubnetIds],
            Addresses = [.. options.VaultAddresses],
        },
        PortalUrl = options.PortalUrl,
    };
}
