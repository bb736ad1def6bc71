using k8s;
using k8s.Models;
using Octokit;
using Onramp.Activities.Azure;
using Onramp.Activities.Catalog;
using Onramp.Activities.GitHub;
using Onramp.Activities.Grafana;
using Onramp.Activities.Http;
using Onramp.Activities.Kubernetes;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Verification;

/// <summary>How long a problem is waited for.</summary>
internal enum Patience
{
    /// <summary>It must go, or all is undone.</summary>
    UntilTheLimit,

    /// <summary>It may go by itself; what stays is told, since what was made is sound and the team can repair the rest.</summary>
    ForAWhile,

    /// <summary>Time can't heal it, so it is told at once.</summary>
    None,
}

/// <summary>What one look at a thing came to: null problem is good.</summary>
internal sealed record CheckResult(string? Problem, Patience Patience = Patience.UntilTheLimit)
{
    public static readonly CheckResult Good = new((string?)null);
}

/// <summary>One thing that must be there, by its step.</summary>
internal sealed record ServiceCheck(string Name, Func<StepInput, bool> Applies, Func<StepInput, CancellationToken, Task<CheckResult>> LookAsync);

/// <summary>The list of looks, a row each.</summary>
internal sealed class ServiceChecks(
    IGitHubClient github, AzureClient azure, Cluster cluster, GrafanaClient grafana, CatalogClient catalog)
{
    private static readonly Func<StepInput, bool> Always = static _ => true;

    public IReadOnlyList<ServiceCheck> All =>
    [
        new("repository", Always, async (i, _) => There(await github.Repository.Get(i.Names.RepositoryOwner, i.Names.RepositoryName).OrNullAsync())),
        new("team permission", Always, async (i, _) => There(await github.HasTeamAsync(i.Names.RepositoryOwner, i.Request.Team, i.Repository()))),
        new("deployment environment", Always, async (i, _) => There(await github.HasEnvironmentAsync(i.Repository(), i.Names.EnvironmentShort))),
        new("resource group", Always, (i, c) => AzureAsync(AzureNames.Group(i), c)),
        new("managed identity", Always, (i, c) => AzureAsync(AzureNames.Identity(i), c)),
        new("pipeline's identity", i => i.Names.PipelineIdentity.Length > 0, (i, c) => AzureAsync(AzureNames.PipelineIdentity(i), c)),
        new("key vault", Always, (i, c) => AzureAsync(i.Fact(StepFacts.VaultId), c)),
        new("federated credentials", Always, FederationAsync),
        new("workflows' identity", Always, WorkflowIdentityAsync),
        new("namespace", Always, (i, c) => KubernetesAsync(Kinds.Namespace, null, i.Names.Namespace, c)),
        new("quota", Always, QuotaAsync),
        new("limits", Always, (i, c) => KubernetesAsync(Kinds.LimitRange, i.Names.Namespace, NamespaceObjects.LimitsName, c)),
        new("network policies", Always, NetworkAsync),
        new("team access", Always, (i, c) => KubernetesAsync(Kinds.RoleBinding, i.Names.Namespace, NamespaceObjects.TeamBindingName, c)),
        new("service account", Always, (i, c) => KubernetesAsync(Kinds.ServiceAccount, i.Names.Namespace, i.Names.ServiceAccount, c)),
        new("secret provider class", Always, (i, c) => KubernetesAsync(Kinds.SecretProviderClass, i.Names.Namespace, i.Names.ServiceAccount, c)),
        new("source", IsFlux, (i, c) => FluxAsync(Kinds.GitRepository, i, c)),
        new("delivery", IsFlux, (i, c) => FluxAsync(Kinds.Kustomization, i, c)),
        new("delivery", i => i.Request.Features.GitOps == Vocabulary.GitOpsArgoCd, ArgoCdAsync),
        new("dashboard", i => i.Request.Features.Monitoring, async (i, c) => There(await grafana.FindDashboardAsync(i.Names.DashboardUid, c))),
        new("alert rules", i => i.Request.Features.Alerts, AlertsAsync),
        new("catalog location", i => i.Request.Features.Catalog, async (i, c) => There(await catalog.FindLocationAsync(i.Fact(StepFacts.CatalogTarget), c))),
    ];

    private static bool IsFlux(StepInput input) => input.Request.Features.GitOps == Vocabulary.GitOpsFlux;

    private static CheckResult There(object? found) => found is null or false ? new CheckResult("is not there") : CheckResult.Good;

    private async Task<CheckResult> AzureAsync(string id, CancellationToken cancellationToken)
    {
        var found = await azure.FindAsync(id, cancellationToken);
        return found is { IsReady: false } ? new CheckResult($"is {found.ProvisioningState}") : There(found);
    }

    /// <summary>What GitHub says now, not what the run believed when it made the credential: people may have changed it since.</summary>
    private async Task<CheckResult> WorkflowIdentityAsync(StepInput input, CancellationToken cancellationToken)
    {
        var repository = await github.Repository.Get(input.Names.RepositoryOwner, input.Names.RepositoryName).OrNullAsync();
        if (repository is null)
            return There(null);
        var said = (await OidcSubject.ReadAsync(github, RepositoryRef.To(repository))).For(repository, input.Names.EnvironmentShort);
        var trusted = FederationActivities.Credentials(input).First().Subject;
        return said == trusted ? CheckResult.Good : new CheckResult($"is {said} by now, while {trusted} is trusted", Patience.None);
    }

    private async Task<CheckResult> FederationAsync(StepInput input, CancellationToken cancellationToken)
    {
        foreach (var (id, _, subject) in FederationActivities.Credentials(input))
        {
            var found = await azure.FindAsync(id, cancellationToken);
            if (found is null || found.Properties.Text("subject") != subject)
                return new CheckResult($"{id.Split('/')[^1]} is not there");
        }
        return CheckResult.Good;
    }

    private async Task<CheckResult> KubernetesAsync<T>(ObjectKind<T> kind, string? @namespace, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var found = await cluster.FindAsync(kind, new ObjectRef(@namespace, name), cancellationToken);
        return found?.IsTerminating() == true ? new CheckResult("is being deleted") : There(found);
    }

    private async Task<CheckResult> QuotaAsync(StepInput input, CancellationToken cancellationToken)
    {
        var found = await cluster.FindAsync(Kinds.ResourceQuota, new ObjectRef(input.Names.Namespace, NamespaceObjects.QuotaName), cancellationToken);
        return found is null || IsInForce(found) ? There(found) : new CheckResult("is not in force yet");
    }

    /// <summary>The quota's controller has taken over what is wanted; amounts compare by value, not by spelling.</summary>
    internal static bool IsInForce(V1ResourceQuota found) =>
        found.Spec?.Hard is { } wanted && found.Status?.Hard is { } inForce
        && wanted.All(w => inForce.TryGetValue(w.Key, out var amount) && amount == w.Value);

    private async Task<CheckResult> NetworkAsync(StepInput input, CancellationToken cancellationToken)
    {
        var found = (await cluster.ListNetworkPoliciesAsync(input.Names.Namespace, cancellationToken)).Select(p => p.Name()).ToHashSet(StringComparer.Ordinal);
        return NetworkPolicies.For(input).FirstOrDefault(p => !found.Contains(p.Name())) is { } missing
            ? new CheckResult($"{missing.Name()} is not there")
            : CheckResult.Good;
    }

    private async Task<CheckResult> FluxAsync<T>(ObjectKind<T> kind, StepInput input, CancellationToken cancellationToken)
        where T : class, IFluxObject =>
        Delivery.Flux(await cluster.FindAsync(kind, new ObjectRef(input.Names.Namespace, input.Names.GitOpsObject), cancellationToken));

    private async Task<CheckResult> ArgoCdAsync(StepInput input, CancellationToken cancellationToken) =>
        Delivery.ArgoCd(await cluster.FindAsync(
            Kinds.Application, new ObjectRef(input.Platform.Kubernetes.ArgoCdNamespace, input.Names.GitOpsObject), cancellationToken));

    private async Task<CheckResult> AlertsAsync(StepInput input, CancellationToken cancellationToken)
    {
        foreach (var uid in AlertRules.Uids(input))
        {
            if (await grafana.FindRuleAsync(uid, cancellationToken) is null)
                return new CheckResult($"{uid} is not there");
        }
        return CheckResult.Good;
    }
}
