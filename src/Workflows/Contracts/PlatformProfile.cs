namespace Onramp.Workflows.Contracts;

/// <summary>
/// What the platform is, as the worker's configuration says; fetched once a run by an activity and kept, so that a change of
/// configuration never changes a run that is under way. Holds no secret.
/// </summary>
public sealed record PlatformProfile
{
    public GitHubProfile GitHub { get; init; } = new();
    public AzureProfile Azure { get; init; } = new();
    public KubernetesProfile Kubernetes { get; init; } = new();
    public GrafanaProfile Grafana { get; init; } = new();
    public CatalogProfile Catalog { get; init; } = new();
    public NotificationProfile Notifications { get; init; } = new();
    public ApprovalProfile Approvals { get; init; } = new();
    public TimingProfile Timing { get; init; } = new();
}

/// <summary>The GitHub organization that services live in.</summary>
public sealed record GitHubProfile
{
    public string Organization { get; init; } = "";

    /// <summary>Golden-path template as <c>owner/repo</c>; <c>{template}</c> and <c>{language}</c> are filled in.</summary>
    public string TemplateRepository { get; init; } = "";

    /// <summary>Permission of the owning team on the repository.</summary>
    public string TeamPermission { get; init; } = "maintain";

    /// <summary>Branch of the golden path.</summary>
    public string DefaultBranch { get; init; } = "main";

    /// <summary>File name of the golden path's workflow that builds and deploys, started once; empty: none is.</summary>
    public string PipelineWorkflow { get; init; } = "";

    /// <summary>Status checks that protection asks for.</summary>
    public IReadOnlyList<string> RequiredChecks { get; init; } = ["build"];

    /// <summary>Apps that may go past protection, by slug.</summary>
    public IReadOnlyList<string> BypassApps { get; init; } = [];

    /// <summary>Issuer of GitHub Actions' OIDC tokens.</summary>
    public string OidcIssuer { get; init; } = "https://token.actions.githubusercontent.com";
}

/// <summary>The Azure subscription that services live in.</summary>
public sealed record AzureProfile
{
    public string SubscriptionId { get; init; } = "";
    public string TenantId { get; init; } = "";
    public string DefaultRegion { get; init; } = "";

    /// <summary>ARM id of the shared container registry.</summary>
    public string RegistryId { get; init; } = "";

    public string RegistryLoginServer { get; init; } = "";

    /// <summary>Entra group of a team when the request names none; a team not listed gets <see cref="DefaultEntraGroupId"/>.</summary>
    public IReadOnlyDictionary<string, string> TeamGroups { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public string DefaultEntraGroupId { get; init; } = "";

    /// <summary>Whether vaults get purge protection (their names then stay taken for the retention time).</summary>
    public bool VaultPurgeProtection { get; init; } = true;

    /// <summary>Who reaches vaults. Null in runs that were planned before plans told it, and what is granted where.</summary>
    public VaultNetworkProfile? VaultNetwork { get; init; }

    /// <summary>Base of portal links.</summary>
    public string PortalUrl { get; init; } = "https://portal.azure.com";

    /// <summary>The Entra group that gets the namespace: the request's own, else the platform's for the team; empty if neither knows.</summary>
    public string GroupOf(ServiceRequest request) =>
        request.EntraGroupId.Length > 0 ? request.EntraGroupId : TeamGroups.GetValueOrDefault(request.Team, DefaultEntraGroupId);
}

/// <summary>Which networks reach the services' vaults; with nothing set, all do.</summary>
public sealed record VaultNetworkProfile
{
    /// <summary>Only private endpoints do.</summary>
    public bool PrivateEndpoints { get; init; }

    /// <summary>Subnets by ARM id.</summary>
    public IReadOnlyList<string> SubnetIds { get; init; } = [];

    /// <summary>Public addresses or ranges.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>In words, for plans.</summary>
    public string Describe() =>
        PrivateEndpoints ? "reached by private endpoints only"
        : SubnetIds.Count + Addresses.Count == 0 ? "open to all networks, since the platform names none that may reach it"
        : $"reached only from {string.Join(", ", SubnetIds.Select(s => s.Split('/')[^1]).Concat(Addresses))}";
}

/// <summary>The cluster that services run in.</summary>
public sealed record KubernetesProfile
{
    public string ClusterName { get; init; } = "";

    /// <summary>The cluster's OIDC issuer, byte for byte: federation compares it exactly.</summary>
    public string OidcIssuer { get; init; } = "";

    public string ArgoCdNamespace { get; init; } = "argocd";

    /// <summary>Project that applications go into; empty (or Argo CD's own <c>default</c>, which permits everything): one of their own each.</summary>
    public string ArgoCdProject { get; init; } = "";

    /// <summary>Whether applications go into one project that the platform's people keep.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool SharesArgoCdProject => ArgoCdProject is not ("" or "default");

    /// <summary>Path of the manifests in a service's repository.</summary>
    public string ManifestPath { get; init; } = "./k8s";

    /// <summary>Cluster role of the team outside production, and of what delivers into the namespace.</summary>
    public string TeamRole { get; init; } = "edit";

    /// <summary>How Flux logs in to the repository: <c>github</c> (as a GitHub App), <c>generic</c>, or <c>none</c> on a cluster without Flux.</summary>
    public string FluxProvider { get; init; } = "github";

    /// <summary>Secret in the service's namespace that Flux logs in with; empty for none.</summary>
    public string FluxSecretName { get; init; } = "";

    /// <summary>Address that NodeLocal DNSCache answers at on every node; empty when the cluster has none.</summary>
    public string NodeLocalDns { get; init; } = "";

    /// <summary>Label that the cluster's Prometheus selects monitors by.</summary>
    public string MonitorRelease { get; init; } = "kube-prometheus-stack";
}

/// <summary>Grafana.</summary>
public sealed record GrafanaProfile
{
    public string Url { get; init; } = "";
    public string DatasourceUid { get; init; } = "prometheus";
    public string RunbookUrl { get; init; } = "";
}

/// <summary>The Backstage catalog.</summary>
public sealed record CatalogProfile
{
    public string Url { get; init; } = "";

    /// <summary>Base of links for people; empty: <see cref="Url"/>.</summary>
    public string PortalUrl { get; init; } = "";

    public string System { get; init; } = "";
}

/// <summary>How the platform can tell people.</summary>
public sealed record NotificationProfile
{
    /// <summary>Channels that messages can be sent to; null: any.</summary>
    public IReadOnlyList<string>? ChatChannels { get; init; }

    /// <summary>Whether there is a chat that has channels. True in runs that began before this was told.</summary>
    public bool HasChat { get; init; } = true;

    /// <summary>Whether there is a mail service. True in runs that began before this was told.</summary>
    public bool HasMail { get; init; } = true;
}

/// <summary>Where an approving group is told.</summary>
public sealed record GroupContact
{
    /// <summary>Channel such as <c>#platform-approvals</c>; empty: the platform's own.</summary>
    public string Channel { get; init; } = "";

    /// <summary>Mail address; empty for none.</summary>
    public string Email { get; init; } = "";
}

/// <summary>Who approves and how long it may take. Times count from the request for approval.</summary>
public sealed record ApprovalProfile
{
    /// <summary>Group of the platform's approvers.</summary>
    public string PlatformGroup { get; init; } = "platform";

    /// <summary>Where groups are told that their approval is asked for. A team that isn't listed is told where the request says.</summary>
    public IReadOnlyDictionary<string, GroupContact> GroupContacts { get; init; } = new Dictionary<string, GroupContact>(StringComparer.Ordinal);

    /// <summary>Page on which a plan is decided; <c>{id}</c> stands for the service and environment. Empty: messages carry no link.</summary>
    public string DecisionUrl { get; init; } = "";

    public TimeSpan ReminderAfter { get; init; } = TimeSpan.FromHours(24);
    public TimeSpan EscalateAfter { get; init; } = TimeSpan.FromHours(48);
    public TimeSpan ExpireAfter { get; init; } = TimeSpan.FromHours(72);
}

/// <summary>How long waits may take and how often they look.</summary>
public sealed record TimingProfile
{
    /// <summary>First wait before something under way is looked at again; doubles up to <see cref="PollMaximum"/>.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan PollMaximum { get; init; } = TimeSpan.FromSeconds(10);
    public TimeSpan RepositoryPopulation { get; init; } = TimeSpan.FromMinutes(3);
    public TimeSpan NamespaceTermination { get; init; } = TimeSpan.FromMinutes(15);
    public TimeSpan Verification { get; init; } = TimeSpan.FromMinutes(15);
    public TimeSpan CatalogEntity { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>First wait before an activity that failed is tried again; doubles up to <see cref="RetryMaximum"/>.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan RetryMaximum { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long one step may take in all, retries included.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromHours(2);

    /// <summary>First wait before an undo that failed is tried again; doubles up to <see cref="UndoRetryMaximum"/>.</summary>
    public TimeSpan UndoRetry { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan UndoRetryMaximum { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an undo may get nowhere before people are told; from then on it waits up to an hour between its looks.</summary>
    public TimeSpan Removal { get; init; } = TimeSpan.FromMinutes(15);
}
