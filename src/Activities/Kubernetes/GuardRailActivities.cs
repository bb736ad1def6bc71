using k8s;
using k8s.Models;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Kubernetes;

/// <summary>Quota, limits, network policies, access, identity and secrets inside the run's own namespace.</summary>
public sealed class GuardRailActivities
{
    private readonly Cluster cluster;
    private readonly DependencySides dependencies;

    internal GuardRailActivities(Cluster cluster) => (this.cluster, dependencies) = (cluster, new DependencySides(cluster));

    /// <summary>Limits before quota: a quota without default requests makes every pod inadmissible.</summary>
    [Activity(ActivityNames.ApplyLimits)]
    public async Task<StepResult> ApplyLimitsAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var limits = await cluster.ApplyAsync(Kinds.LimitRange, NamespaceObjects.Limits(input), cancellationToken);
        var quota = await cluster.ApplyAsync(Kinds.ResourceQuota, NamespaceObjects.Quota(input), cancellationToken);
        return Done([Resource(Kinds.LimitRange, limits), Resource(Kinds.ResourceQuota, quota)]);
    }

    [Activity(ActivityNames.RemoveLimits)]
    public Task<UndoResult> RemoveLimitsAsync(StepInput input, StepResult? result) =>
        RemoveAsync(input, (Kinds.ResourceQuota, NamespaceObjects.QuotaName), (Kinds.LimitRange, NamespaceObjects.LimitsName));

    [Activity(ActivityNames.ApplyNetworkPolicies)]
    public async Task<StepResult> ApplyNetworkPoliciesAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        return await ApplyAsync(
            input,
            Kinds.NetworkPolicy,
            [
                .. NetworkPolicies.For(input),
                .. await dependencies.OfCallersAsync(input, cancellationToken),
                .. await dependencies.OfCalleesAsync(input, cancellationToken),
            ]);
    }

    [Activity(ActivityNames.RemoveNetworkPolicies)]
    public async Task<UndoResult> RemoveNetworkPoliciesAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        foreach (var callee in input.Request.Dependencies)
        {
            var at = new ObjectRef(DependencySides.NamespaceOf(input, callee), NetworkPolicies.CallerName(input.Request.Name));
            if (!await cluster.DeleteMarkedAsync(Kinds.NetworkPolicy, at, input.Key.Mark, cancellationToken))
                return Removing($"{Kinds.NetworkPolicy.Name} {at.Namespace}/{at.Name}");
        }
        var own = (await cluster.ListNetworkPoliciesAsync(input.Names.Namespace, cancellationToken)).Where(p => p.Mark() == input.Key.Mark);
        return await RemoveAsync(input, [.. own.Select(p => ((IObjectKind)Kinds.NetworkPolicy, p.Name()))]);
    }

    [Activity(ActivityNames.GrantNamespaceAccess)]
    public async Task<StepResult> GrantAccessAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var binding = NamespaceObjects.TeamBinding(input);
        await cluster.RequireRoleAsync(binding.RoleRef.Name, cancellationToken);
        var made = await cluster.ReplaceAsync(binding, cancellationToken);
        return Done(Resource(Kinds.RoleBinding, made));
    }

    [Activity(ActivityNames.RevokeNamespaceAccess)]
    public Task<UndoResult> RevokeAccessAsync(StepInput input, StepResult? result) =>
        RemoveAsync(input, (Kinds.RoleBinding, NamespaceObjects.TeamBindingName));

    [Activity(ActivityNames.CreateServiceAccount)]
    public Task<StepResult> CreateServiceAccountAsync(StepInput input) =>
        ApplyAsync(input, Kinds.ServiceAccount, NamespaceObjects.ServiceAccount(input));

    [Activity(ActivityNames.DeleteServiceAccount)]
    public Task<UndoResult> DeleteServiceAccountAsync(StepInput input, StepResult? result) =>
        RemoveAsync(input, (Kinds.ServiceAccount, input.Names.ServiceAccount));

    [Activity(ActivityNames.CreateSecretProvider)]
    public Task<StepResult> CreateSecretProviderAsync(StepInput input) =>
        ApplyAsync(input, Kinds.SecretProviderClass, NamespaceObjects.SecretProvider(input));

    [Activity(ActivityNames.DeleteSecretProvider)]
    public Task<UndoResult> DeleteSecretProviderAsync(StepInput input, StepResult? result) =>
        RemoveAsync(input, (Kinds.SecretProviderClass, input.Names.ServiceAccount));

    /// <summary>A cluster without the monitoring operator gets a warning: the service runs without it.</summary>
    [Activity(ActivityNames.CreateServiceMonitor)]
    public async Task<StepResult> CreateServiceMonitorAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var made = await cluster.TryApplyAsync(Kinds.ServiceMonitor, NamespaceObjects.ServiceMonitor(input), cancellationToken);
        return made is null
            ? Done([]) with { Warning = "the cluster has no ServiceMonitor kind; metrics are not scraped" }
            : Done(Resource(Kinds.ServiceMonitor, made));
    }

    [Activity(ActivityNames.DeleteServiceMonitor)]
    public Task<UndoResult> DeleteServiceMonitorAsync(StepInput input, StepResult? result) =>
        RemoveAsync(input, (Kinds.ServiceMonitor, input.Request.Name));

    private async Task<StepResult> ApplyAsync<T>(StepInput input, AppliedKind<T> kind, params T[] objects)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var resources = new List<StepResource>();
        foreach (var body in objects)
            resources.Add(Resource(kind, await cluster.ApplyAsync(kind, body, cancellationToken)));
        return Done(resources);
    }

    private async Task<UndoResult> RemoveAsync(StepInput input, params (IObjectKind Kind, string Name)[] objects)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        foreach (var (kind, name) in objects)
        {
            if (!await cluster.DeleteMarkedAsync(kind, new ObjectRef(input.Names.Namespace, name), input.Key.Mark, cancellationToken))
                return Removing($"{kind.Name} {name}");
        }
        return Undone;
    }

    private static StepResource Resource(IObjectKind kind, IKubernetesObject<V1ObjectMeta> made) => new(kind.Name, made.Name(), made.Uid(), Created: true);
}
