namespace Onramp.Workflows.Contracts;

/// <summary>Ids of steps as progress shows them; they are also activity ids and the tails of correlation ids.</summary>
public static class StepIds
{
    public const string Validate = "validate";
    public const string Plan = "plan";
    public const string Approval = "approval";
    public const string Notify = "notify";

    public const string Repository = "github-repository";
    public const string Team = "github-team";
    public const string Files = "github-files";
    public const string GitHubEnvironment = "github-environment";
    public const string Variables = "github-variables";
    public const string Pipeline = "github-pipeline";
    public const string Protection = "github-protection";

    public const string ResourceGroup = "azure-resource-group";
    public const string Identity = "azure-identity";
    public const string KeyVault = "azure-key-vault";
    public const string VaultAccess = "azure-vault-access";
    public const string RegistryAccess = "azure-registry-access";
    public const string Federation = "azure-federation";

    public const string Namespace = "kubernetes-namespace";
    public const string Limits = "kubernetes-limits";
    public const string NetworkPolicies = "kubernetes-network";
    public const string NamespaceAccess = "kubernetes-access";
    public const string ServiceAccount = "kubernetes-service-account";
    public const string SecretProvider = "kubernetes-secret-provider";
    public const string ServiceMonitor = "kubernetes-service-monitor";

    public const string Flux = "delivery-flux";
    public const string ArgoCd = "delivery-argocd";

    public const string DashboardFolder = "grafana-folder";
    public const string Dashboard = "grafana-dashboard";
    public const string AlertRules = "grafana-alerts";

    public const string Catalog = "catalog-entity";
    public const string Verification = "verification";
}
