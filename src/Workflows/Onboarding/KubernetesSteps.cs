using Onramp.Workflows.Contracts;
using static Onramp.Workflows.Onboarding.OnboardingStep;

namespace Onramp.Workflows.Onboarding;

/// <summary>
/// Namespace and its guard rails, then delivery: limits must be there before the first workload, since a quota without default
/// requests makes every pod inadmissible.
/// </summary>
public static class KubernetesSteps
{
    private const OnboardingPhase Phase = OnboardingPhase.ProvisioningNamespace;

    private static readonly string[] GuardRails =
        [StepIds.Limits, StepIds.NetworkPolicies, StepIds.NamespaceAccess, StepIds.ServiceAccount, StepIds.SecretProvider];

    internal static readonly OnboardingStep[] Rows =
    [
        new()
        {
            Id = StepIds.Namespace,
            Title = "Namespace",
            System = Systems.Kubernetes,
            Phase = Phase,
            After = [StepIds.Federation, StepIds.VaultAccess, StepIds.RegistryAccess, StepIds.Variables],
            Do = ActivityNames.CreateNamespace,
            Undo = ActivityNames.DeleteNamespace,
            WaitLimit = t => t.NamespaceTermination,
            Plans = Plan(StepIds.Namespace, Systems.Kubernetes, c => ("namespace", c.Names.Namespace, $"on {c.Platform.Kubernetes.ClusterName}")),
        },
        Guard(StepIds.Limits, "Quota and limits", ActivityNames.ApplyLimits, ActivityNames.RemoveLimits,
            c => ("quota and limit range", c.Request.Plan, QuotaWords(c.Request.Plan))),
        Guard(StepIds.NetworkPolicies, "Network policies", ActivityNames.ApplyNetworkPolicies, ActivityNames.RemoveNetworkPolicies,
            c => ("network policies", c.Request.NetworkPolicy, "")) with { Plans = DependencyWords.Plan },
        Guard(StepIds.NamespaceAccess, "Access of the team", ActivityNames.GrantNamespaceAccess, ActivityNames.RevokeNamespaceAccess,
            c => ("role binding", AccessRole(c.Request.Environment, c.Platform), $"group {c.Platform.Azure.GroupOf(c.Request)}")),
        Guard(StepIds.ServiceAccount, "Service account", ActivityNames.CreateServiceAccount, ActivityNames.DeleteServiceAccount,
            c => ("service account", c.Names.ServiceAccount, "workload identity")),
        Guard(StepIds.SecretProvider, "Secret provider class", ActivityNames.CreateSecretProvider, ActivityNames.DeleteSecretProvider,
            c => ("secret provider class", c.Names.ServiceAccount, "from the service's key vault")),
        new()
        {
            Id = StepIds.Flux,
            Title = "Delivery by Flux",
            System = Systems.Delivery,
            Phase = OnboardingPhase.RegisteringGitOps,
            After = [.. GuardRails, StepIds.Files],
            Applies = r => r.Features.GitOps == Vocabulary.GitOpsFlux,
            Do = ActivityNames.RegisterFlux,
            Undo = ActivityNames.UnregisterFlux,
            Plans = Plan(
                StepIds.Flux,
                Systems.Delivery,
                c => ("git repository", c.Names.GitOpsObject, $"branch {c.Platform.GitHub.DefaultBranch}"),
                c => ("kustomization", c.Names.GitOpsObject, c.Platform.Kubernetes.ManifestPath)),
        },
        new()
        {
            Id = StepIds.ArgoCd,
            Title = "Delivery by Argo CD",
            System = Systems.Delivery,
            Phase = OnboardingPhase.RegisteringGitOps,
            After = [.. GuardRails, StepIds.Files],
            Applies = r => r.Features.GitOps == Vocabulary.GitOpsArgoCd,
            Do = ActivityNames.RegisterArgoCd,
            Undo = ActivityNames.UnregisterArgoCd,
            Plans = Plan(
                StepIds.ArgoCd,
                Systems.Delivery,
                c => ("project", c.Platform.Kubernetes.SharesArgoCdProject ? c.Platform.Kubernetes.ArgoCdProject : c.Names.GitOpsObject,
                    c.Platform.Kubernetes.SharesArgoCdProject ? "shared, made by the platform" : $"this repository into {c.Names.Namespace} alone"),
                c => ("application", c.Names.GitOpsObject, $"{c.Platform.Kubernetes.ManifestPath} into {c.Names.Namespace}")),
        },
        new()
        {
            Id = StepIds.ServiceMonitor,
            Title = "Service monitor",
            System = Systems.Kubernetes,
            Phase = OnboardingPhase.CreatingDashboards,
            After = GuardRails,
            Applies = r => r.Features.Monitoring,
            Do = ActivityNames.CreateServiceMonitor,
            Undo = ActivityNames.DeleteServiceMonitor,
            Plans = Plan(StepIds.ServiceMonitor, Systems.Kubernetes, c => ("service monitor", c.Request.Name, "/metrics every 30 s")),
        },
    ];

    /// <summary>Cluster role of the team: in production people look, pipelines change.</summary>
    public static string AccessRole(string environment, PlatformProfile platform) =>
        environment == Vocabulary.Production ? "view" : platform.Kubernetes.TeamRole;

    private static OnboardingStep Guard(
        string id, string title, string @do, string undo, Func<PlanContext, (string, string, string)> plan) => new()
    {
        Id = id,
        Title = title,
        System = Systems.Kubernetes,
        Phase = Phase,
        After = [StepIds.Namespace],
        Do = @do,
        Undo = undo,
        Plans = Plan(id, Systems.Kubernetes, plan),
    };

    private static string QuotaWords(string plan)
    {
        var hard = Planning.PlanCatalogue.Get(plan).Hard.ToDictionary(h => h.Key, h => h.Value, StringComparer.Ordinal);
        return $"{hard["requests.cpu"]} CPU, {hard["requests.memory"]} memory, {hard["requests.storage"]} storage, {hard["pods"]} pods";
    }
}
