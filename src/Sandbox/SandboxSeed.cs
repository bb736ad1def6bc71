namespace Onramp.Sandbox;

/// <summary>What exists before anyone calls.</summary>
public sealed class SandboxSeed
{
    /// <summary>GitHub organization. Default <c>acme</c>.</summary>
    public string Organization { get; set; } = "acme";

    /// <summary>Teams of the organization, by slug.</summary>
    public IList<string> Teams { get; set; } = ["platform", "payments", "checkout", "security"];

    /// <summary>People, members of the organization.</summary>
    public IList<string> Members { get; set; } = ["ada", "grace", "linus"];

    /// <summary>Template repositories of the organization. Default: <see cref="GoldenPath.Repositories"/>.</summary>
    public IList<TemplateRepository> Templates { get; set; } = [.. GoldenPath.Repositories];

    /// <summary>Whether new repositories' OIDC subjects carry ids (GitHub's default since July 2026). Default true.</summary>
    public bool ImmutableOidcSubjects { get; set; } = true;

    /// <summary>Name of the cluster.</summary>
    public string Cluster { get; set; } = "aks-sandbox";

    /// <summary>The cluster's OIDC issuer, trailing slash included.</summary>
    public string ClusterOidcIssuer { get; set; } =
        "https://uksouth.oic.prod-aks.azure.com/11111111-1111-4111-8111-111111111111/22222222-2222-4222-8222-222222222222/";

    /// <summary>Namespaces of the cluster besides the built-in ones.</summary>
    public IList<string> Namespaces { get; set; } = ["flux-system", "argocd", "monitoring"];

    /// <summary>Address of NodeLocal DNSCache, which pods then ask instead of the cluster's own name service. Default null: there is none.</summary>
    public string? NodeLocalDns { get; set; }

    /// <summary>Cluster roles. Default: Kubernetes' own.</summary>
    public IList<string> ClusterRoles { get; set; } = ["cluster-admin", "admin", "edit", "view"];

    /// <summary>What the holder of <see cref="SandboxCredentials.KubernetesToken"/> may do. Default null: everything.</summary>
    public IReadOnlyList<KubernetesRule>? KubernetesRules { get; set; }

    /// <summary>
    /// What the GitHub App's installation holds, such as <c>contents</c> to <c>write</c>; checked on calls with its tokens. Default null: everything.
    /// </summary>
    public IReadOnlyDictionary<string, string>? GitHubPermissions { get; set; }

    /// <summary>What the orchestrator's account may do in Azure. Default null: everything.</summary>
    public IReadOnlyList<AzureRight>? AzureRights { get; set; }

    /// <summary>What the holder of <see cref="SandboxCredentials.GrafanaToken"/> may do, such as <c>folders:create</c>. Default null: everything.</summary>
    public IReadOnlyCollection<string>? GrafanaPermissions { get; set; }

    /// <summary>Groups of custom resources that aren't installed, such as <c>argoproj.io</c>. Default none.</summary>
    public IList<string> MissingCustomResourceGroups { get; set; } = [];

    /// <summary>Entra tenant.</summary>
    public string TenantId { get; set; } = "11111111-1111-4111-8111-111111111111";

    /// <summary>Azure subscription.</summary>
    public string SubscriptionId { get; set; } = "33333333-3333-4333-8333-333333333333";

    /// <summary>Azure region of what is seeded.</summary>
    public string Location { get; set; } = "uksouth";

    /// <summary>Resource group of what services share.</summary>
    public string SharedResourceGroup { get; set; } = "rg-platform";

    /// <summary>Shared container registry.</summary>
    public string Registry { get; set; } = "acmeregistry";

    /// <summary>Whether the registry is in ABAC mode (which ignores AcrPull and AcrPush). Default false.</summary>
    public bool RegistryAbac { get; set; }

    /// <summary>Providers that the subscription isn't registered for yet. Default none.</summary>
    public IList<string> UnregisteredProviders { get; set; } = [];

    /// <summary>How often the making of a resource of some type fails after it was accepted, such as <c>Microsoft.KeyVault/vaults</c>. Default never.</summary>
    public IDictionary<string, int> ProvisioningFailures { get; set; } = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Vault names taken by someone in another subscription.</summary>
    public IList<string> VaultNamesTakenElsewhere { get; set; } = ["kv-shared"];

    /// <summary>Slack's channels that the platform's bot is in.</summary>
    public IList<string> SlackChannels { get; set; } = ["#platform", "#platform-approvals", "#payments", "#payments-alerts", "#checkout"];

    /// <summary>Slack's channels that the platform's bot isn't in.</summary>
    public IList<string> SlackOtherChannels { get; set; } = ["#general"];

    /// <summary>Slack's channels that were archived.</summary>
    public IList<string> SlackArchivedChannels { get; set; } = ["#payments-2019"];

    /// <summary>Scopes of Slack's bot token. Default null: all that it needs.</summary>
    public IReadOnlyCollection<string>? SlackScopes { get; set; }

    /// <summary>What the catalog's token may do, such as <c>catalog.location.create</c>. Default null: everything.</summary>
    public IReadOnlyCollection<string>? CatalogPermissions { get; set; }

    /// <summary>Scopes of the mail service's key, such as <c>mail.send</c>. Default null: everything.</summary>
    public IReadOnlyCollection<string>? MailScopes { get; set; }

    /// <summary>Senders that the mail service has verified, or their domains. Default null: any.</summary>
    public IReadOnlyCollection<string>? MailSenders { get; set; }

    /// <summary>Entra groups that role assignments may name, by object id.</summary>
    public IList<string> EntraGroups { get; set; } = ["44444444-4444-4444-8444-444444444444"];

    /// <summary>ARM id of the shared registry.</summary>
    public string RegistryId =>
        $"/subscriptions/{SubscriptionId}/resourceGroups/{SharedResourceGroup}/providers/Microsoft.ContainerRegistry/registries/{Registry}";
}

/// <summary>A rule of a cluster role.</summary>
/// <param name="ApiGroups">Groups; the core group is the empty text.</param>
/// <param name="Resources">Plurals.</param>
/// <param name="Verbs"><c>get</c>, <c>list</c>, <c>create</c>, <c>patch</c>, <c>bind</c> and so on.</param>
/// <param name="ResourceNames">Names that it is for; empty for all.</param>
public sealed record KubernetesRule(
    IReadOnlyList<string> ApiGroups, IReadOnlyList<string> Resources, IReadOnlyList<string> Verbs, IReadOnlyList<string> ResourceNames);

/// <summary>A role of Azure's, given at a scope.</summary>
/// <param name="Scope">A subscription, a resource group or a resource, by its id.</param>
/// <param name="Actions">Actions as role definitions list them, <c>*</c> standing for anything.</param>
/// <param name="Condition">On giving roles: the ids of those that may be given; null for all.</param>
public sealed record AzureRight(string Scope, IReadOnlyList<string> Actions, string? Condition = null);

/// <summary>A repository that others are generated from.</summary>
/// <param name="Name">Name within the organization.</param>
/// <param name="Files">Content by path.</param>
public sealed record TemplateRepository(string Name, IReadOnlyDictionary<string, string> Files);
