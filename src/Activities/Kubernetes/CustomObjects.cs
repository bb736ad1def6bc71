using System.Reflection;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Onramp.Activities.Kubernetes;

/// <summary>An object of a kind that some operator brings. Only the fields that onboarding writes or reads are here.</summary>
internal abstract class CustomObject<TSpec> : IKubernetesObject<V1ObjectMeta>, ISpec<TSpec>
{
    public string? ApiVersion { get; set; }
    public string? Kind { get; set; }
    public V1ObjectMeta Metadata { get; set; } = new();
    public TSpec Spec { get; set; } = default!;
}

internal static class CustomObject
{
    public static (string Group, string Version, string Plural, string Kind) Describe<T>()
    {
        var entity = typeof(T).GetCustomAttribute<KubernetesEntityAttribute>()!;
        return (entity.Group, entity.ApiVersion, entity.PluralName, entity.Kind);
    }
}

/// <summary>What a controller says about an object.</summary>
internal sealed record StatusCondition(string Type, string? Status = null, string? Reason = null, string? Message = null);

[KubernetesEntity(Group = "secrets-store.csi.x-k8s.io", ApiVersion = "v1", Kind = "SecretProviderClass", PluralName = "secretproviderclasses")]
internal sealed class SecretProviderClass : CustomObject<SecretProviderClassSpec>;

internal sealed record SecretProviderClassSpec(string Provider, IReadOnlyDictionary<string, string> Parameters);

[KubernetesEntity(Group = "source.toolkit.fluxcd.io", ApiVersion = "v1", Kind = "GitRepository", PluralName = "gitrepositories")]
internal sealed class GitRepository : CustomObject<GitRepositorySpec>, IFluxObject
{
    public FluxStatus? Status { get; set; }

    bool IFluxObject.IsSuspended => Spec?.Suspend == true;
}

internal sealed record GitRepositorySpec(string Url, GitReference Ref, string Interval, string Provider, LocalName? SecretRef = null, bool? Suspend = null);

internal sealed record GitReference(string Branch);

internal sealed record LocalName(string Name);

[KubernetesEntity(Group = "kustomize.toolkit.fluxcd.io", ApiVersion = "v1", Kind = "Kustomization", PluralName = "kustomizations")]
internal sealed class Kustomization : CustomObject<KustomizationSpec>, IFluxObject
{
    public FluxStatus? Status { get; set; }

    bool IFluxObject.IsSuspended => Spec?.Suspend == true;
}

internal sealed record KustomizationSpec(
    KindAndName SourceRef,
    string Path,
    string Interval,
    string RetryInterval,
    string Timeout,
    bool Prune,
    bool Wait,
    string TargetNamespace,
    string ServiceAccountName,
    bool? Suspend = null);

internal sealed record KindAndName(string Kind, string Name);

internal interface IFluxObject : IKubernetesObject<V1ObjectMeta>
{
    FluxStatus? Status { get; }

    /// <summary>Somebody has told Flux to leave it alone. We never do.</summary>
    bool IsSuspended { get; }
}

internal sealed record FluxStatus(long? ObservedGeneration = null, IReadOnlyList<StatusCondition>? Conditions = null);

[KubernetesEntity(Group = "argoproj.io", ApiVersion = "v1alpha1", Kind = "AppProject", PluralName = "appprojects")]
internal sealed class AppProject : CustomObject<AppProjectSpec>;

internal sealed record AppProjectSpec(
    string Description,
    IReadOnlyList<string> SourceRepos,
    IReadOnlyList<ApplicationDestination> Destinations,
    IReadOnlyList<GroupAndKind> ClusterResourceWhitelist,
    IReadOnlyList<GroupAndKind> NamespaceResourceBlacklist);

internal sealed record GroupAndKind(string Group, string Kind);

[KubernetesEntity(Group = "argoproj.io", ApiVersion = "v1alpha1", Kind = "Application", PluralName = "applications")]
internal sealed class Application : CustomObject<ApplicationSpec>
{
    public ApplicationStatus? Status { get; set; }
}

internal sealed record ApplicationSpec(string Project, ApplicationSource Source, ApplicationDestination Destination, SyncPolicy SyncPolicy);

internal sealed record ApplicationSource([property: JsonPropertyName("repoURL")] string RepoUrl, string TargetRevision, string Path);

internal sealed record ApplicationDestination(string Server, string Namespace);

internal sealed record SyncPolicy(AutomatedSync Automated, IReadOnlyList<string> SyncOptions);

internal sealed record AutomatedSync(bool Prune, bool SelfHeal);

internal sealed record ApplicationStatus(
    SyncState? Sync = null, HealthState? Health = null, IReadOnlyList<StatusCondition>? Conditions = null);

internal sealed record SyncState(string? Status);

internal sealed record HealthState(string? Status, string? Message = null);

[KubernetesEntity(Group = "monitoring.coreos.com", ApiVersion = "v1", Kind = "ServiceMonitor", PluralName = "servicemonitors")]
internal sealed class ServiceMonitor : CustomObject<ServiceMonitorSpec>;

internal sealed record ServiceMonitorSpec(V1LabelSelector Selector, NamespaceNames NamespaceSelector, IReadOnlyList<MonitorEndpoint> Endpoints);

internal sealed record NamespaceNames(IReadOnlyList<string> MatchNames);

internal sealed record MonitorEndpoint(string Port, string Path, string Interval);
