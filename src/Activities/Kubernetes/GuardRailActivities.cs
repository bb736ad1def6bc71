using System.Text.Json.Nodes;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Kubernetes;

/// <summary>Quota, limits, network policies, access, identity and secrets inside the run's own namespace.</summary>
public sealed class GuardRailActivities
{
    private readonly KubernetesClient kubernetes;

    internal GuardRailActivities(KubernetesClient kubernetes) => this.kubernetes = kubernetes;

    /// <summary>Limits before quota: a quota without default requests makes every pod inadmissible.</summary>
    [Activity(ActivityNames.ApplyLimits)]
    public Task<StepResult> ApplyLimitsAsync(StepInput input) =>
        ApplyAsync(input, (Kinds.LimitRange, NamespaceObjects.Limits(input)), (Kinds.ResourceQuota, NamespaceObjects.Quota(input)));

    [Activity(ActivityNames.RemoveLimits)]
    public Task<UndoResult> RemoveLimitsAsync(StepInput input, StepResult? result) =>
        RemoveAsync(input, (Kinds.ResourceQuota, NamespaceObjects.QuotaName), (Kinds.LimitRange, NamespaceObjects.LimitsName));

    [Activity(ActivityNames.ApplyNetworkPolicies)]
    public Task<StepResult> ApplyNetworkPoliciesAsync(StepInput input) =>
        ApplyAsync(input, [.. NetworkPolicies.For(input).Select(p => (Kinds.NetworkPolicy, p))]);

    [Activity(ActivityNames.RemoveNetworkPolicies)]
    public Task<UndoResult> RemoveNetworkPoliciesAsync(StepInput input, StepResult? result) =>
        RemoveAsync(input, [.. NetworkPolicies.For(input).Select(p => (Kinds.NetworkPolicy, p.Text("metadata", "name")!))]);

    [Activity(ActivityNames.GrantNamespaceAccess)]
    public async Task<StepResult> GrantAccessAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var made = await kubernetes.ReplaceAsync(Kinds.RoleBinding, input.Names.Namespace, NamespaceObjects.TeamBinding(input), cancellationToken);
        return Done(Resource(Kinds.RoleBinding, made));
    }

    [Activity(ActivityNames.RevokeNamespaceAccess)]
    public Task<UndoResult> RevokeAccessAsync(StepInput input, StepResult? result) =>
        RemoveAsync(input, (Kinds.RoleBinding, NamespaceObjects.TeamBindingName));

    [Activity(ActivityNames.CreateServiceAccount)]
    public Task<StepResult> CreateServiceAccountAsync(StepInput input) =>
        ApplyAsync(input, (Kinds.ServiceAccount, NamespaceObjects.ServiceAccount(input)));

    [Activity(ActivityNames.DeleteServiceAccount)]
    public Task<UndoResult> DeleteServiceAccountAsync(StepInput input, StepResult? result) =>
        RemoveAsync(input, (Kinds.ServiceAccount, input.Names.ServiceAccount));

    [Activity(ActivityNames.CreateSecretProvider)]
    public Task<StepResult> CreateSecretProviderAsync(StepInput input) =>
        ApplyAsync(input, (Kinds.SecretProviderClass, NamespaceObjects.SecretProvider(input)));

    [Activity(ActivityNames.DeleteSecretProvider)]
    public Task<UndoResult> DeleteSecretProviderAsync(StepInput input, StepResult? result) =>
        RemoveAsync(input, (Kinds.SecretProviderClass, input.Names.ServiceAccount));

    /// <summary>A cluster without the monitoring operator gets a warning: the service runs without it.</summary>
    [Activity(ActivityNames.CreateServiceMonitor)]
    public async Task<StepResult> CreateServiceMonitorAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var made = await kubernetes.TryApplyAsync(
            Kinds.ServiceMonitor, input.Names.Namespace, NamespaceObjects.ServiceMonitor(input), cancellationToken);
        return made is null
            ? Done([]) with { Warning = "the cluster has no ServiceMonitor kind; metrics are not scraped" }
            : Done(Resource(Kinds.ServiceMonitor, made));
    }

    [Activity(ActivityNames.DeleteServiceMonitor)]
    public Task<UndoResult> DeleteServiceMonitorAsync(StepInput input, StepResult? result) =>
        RemoveAsync(input, (Kinds.ServiceMonitor, input.Request.Name));

    private async Task<StepResult> ApplyAsync(StepInput input, params (KubernetesKind Kind, JsonObject Body)[] objects)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var resources = new List<StepResource>();
        foreach (var (kind, body) in objects)
            resources.Add(Resource(kind, await kubernetes.ApplyAsync(kind, input.Names.Namespace, body, cancellationToken)));
        return Done(resources);
    }

    private async Task<UndoResult> RemoveAsync(StepInput input, params (KubernetesKind Kind, string Name)[] objects)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        foreach (var (kind, name) in objects)
        {
            if (!await kubernetes.DeleteMarkedAsync(kind, input.Names.Namespace, name, input.Key.Mark, cancellationToken))
                return Removing($"{kind.Kind} {name}");
        }
        return Undone;
    }

    private static StepResource Resource(KubernetesKind kind, KubernetesObject made) => new(kind.Kind, made.Name, made.Uid, Created: true);
}
