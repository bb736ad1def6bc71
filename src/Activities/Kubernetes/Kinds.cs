using k8s;
using k8s.Models;

namespace Onramp.Activities.Kubernetes;

/// <summary>Where an object is; without a namespace for kinds that belong to the cluster.</summary>
internal readonly record struct ObjectRef(string? Namespace, string Name);

/// <summary>A kind of object as far as looking and removing go.</summary>
internal interface IObjectKind
{
    string Name { get; }

    Task<IKubernetesObject<V1ObjectMeta>> LookAsync(IKubernetes client, ObjectRef at, CancellationToken cancellationToken);

    Task DeleteAsync(IKubernetes client, ObjectRef at, V1DeleteOptions options, CancellationToken cancellationToken);
}

/// <summary>A kind with the official client's own calls for it.</summary>
internal record ObjectKind<T>(
    string Name,
    Func<IKubernetes, ObjectRef, CancellationToken, Task<T>> ReadAsync,
    Func<IKubernetes, ObjectRef, V1DeleteOptions, CancellationToken, Task> RemoveAsync) : IObjectKind
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    public async Task<IKubernetesObject<V1ObjectMeta>> LookAsync(IKubernetes client, ObjectRef at, CancellationToken cancellationToken) =>
        await ReadAsync(client, at, cancellationToken);

    public Task DeleteAsync(IKubernetes client, ObjectRef at, V1DeleteOptions options, CancellationToken cancellationToken) =>
        RemoveAsync(client, at, options, cancellationToken);
}

/// <summary>A kind that is made by server-side apply. A namespace is not: applying would quietly take over somebody else's.</summary>
internal sealed record AppliedKind<T>(
    string Name,
    Func<IKubernetes, ObjectRef, CancellationToken, Task<T>> ReadAsync,
    Func<IKubernetes, ObjectRef, V1Patch, CancellationToken, Task<T>> PatchAsync,
    Func<IKubernetes, ObjectRef, V1DeleteOptions, CancellationToken, Task> RemoveAsync,
    bool Confidential = false) : ObjectKind<T>(Name, ReadAsync, RemoveAsync)
    where T : class, IKubernetesObject<V1ObjectMeta>;

/// <summary>The kinds of objects that onboarding makes, a row each.</summary>
internal static class Kinds
{
    public const string FieldManager = "onboarding-orchestrator";

    public static readonly ObjectKind<V1Namespace> Namespace = new(
        V1Namespace.KubeKind,
        (k, at, c) => k.CoreV1.ReadNamespaceAsync(at.Name, cancellationToken: c),
        (k, at, o, c) => k.CoreV1.DeleteNamespaceAsync(at.Name, o, cancellationToken: c));

    public static readonly ObjectKind<V1ClusterRole> ClusterRole = new(
        V1ClusterRole.KubeKind,
        (k, at, c) => k.RbacAuthorizationV1.ReadClusterRoleAsync(at.Name, cancellationToken: c),
        (k, at, o, c) => k.RbacAuthorizationV1.DeleteClusterRoleAsync(at.Name, o, cancellationToken: c));

    public static readonly AppliedKind<V1ResourceQuota> ResourceQuota = new(
        V1ResourceQuota.KubeKind,
        (k, at, c) => k.CoreV1.ReadNamespacedResourceQuotaAsync(at.Name, at.Namespace, cancellationToken: c),
        (k, at, p, c) => k.CoreV1.PatchNamespacedResourceQuotaAsync(p, at.Name, at.Namespace, fieldManager: FieldManager, force: true, cancellationToken: c),
        (k, at, o, c) => k.CoreV1.DeleteNamespacedResourceQuotaAsync(at.Name, at.Namespace, o, cancellationToken: c));

    public static readonly AppliedKind<V1LimitRange> LimitRange = new(
        V1LimitRange.KubeKind,
        (k, at, c) => k.CoreV1.ReadNamespacedLimitRangeAsync(at.Name, at.Namespace, cancellationToken: c),
        (k, at, p, c) => k.CoreV1.PatchNamespacedLimitRangeAsync(p, at.Name, at.Namespace, fieldManager: FieldManager, force: true, cancellationToken: c),
        (k, at, o, c) => k.CoreV1.DeleteNamespacedLimitRangeAsync(at.Name, at.Namespace, o, cancellationToken: c));

    public static readonly AppliedKind<V1ServiceAccount> ServiceAccount = new(
        V1ServiceAccount.KubeKind,
        (k, at, c) => k.CoreV1.ReadNamespacedServiceAccountAsync(at.Name, at.Namespace, cancellationToken: c),
        (k, at, p, c) => k.CoreV1.PatchNamespacedServiceAccountAsync(p, at.Name, at.Namespace, fieldManager: FieldManager, force: true, cancellationToken: c),
        (k, at, o, c) => k.CoreV1.DeleteNamespacedServiceAccountAsync(at.Name, at.Namespace, o, cancellationToken: c));

    /// <summary>Confidential: a refusal may quote what was sent.</summary>
    public static readonly AppliedKind<V1Secret> Secret = new(
        V1Secret.KubeKind,
        (k, at, c) => k.CoreV1.ReadNamespacedSecretAsync(at.Name, at.Namespace, cancellationToken: c),
        (k, at, p, c) => k.CoreV1.PatchNamespacedSecretAsync(p, at.Name, at.Namespace, fieldManager: FieldManager, force: true, cancellationToken: c),
        (k, at, o, c) => k.CoreV1.DeleteNamespacedSecretAsync(at.Name, at.Namespace, o, cancellationToken: c),
        Confidential: true);

    public static readonly AppliedKind<V1NetworkPolicy> NetworkPolicy = new(
        V1NetworkPolicy.KubeKind,
        (k, at, c) => k.NetworkingV1.ReadNamespacedNetworkPolicyAsync(at.Name, at.Namespace, cancellationToken: c),
        (k, at, p, c) => k.NetworkingV1.PatchNamespacedNetworkPolicyAsync(p, at.Name, at.Namespace, fieldManager: FieldManager, force: true, cancellationToken: c),
        (k, at, o, c) => k.NetworkingV1.DeleteNamespacedNetworkPolicyAsync(at.Name, at.Namespace, o, cancellationToken: c));

    public static readonly AppliedKind<V1RoleBinding> RoleBinding = new(
        V1RoleBinding.KubeKind,
        (k, at, c) => k.RbacAuthorizationV1.ReadNamespacedRoleBindingAsync(at.Name, at.Namespace, cancellationToken: c),
        (k, at, p, c) => k.RbacAuthorizationV1.PatchNamespacedRoleBindingAsync(p, at.Name, at.Namespace, fieldManager: FieldManager, force: true, cancellationToken: c),
        (k, at, o, c) => k.RbacAuthorizationV1.DeleteNamespacedRoleBindingAsync(at.Name, at.Namespace, o, cancellationToken: c));

    public static readonly AppliedKind<SecretProviderClass> SecretProviderClass = Custom<SecretProviderClass>();
    public static readonly AppliedKind<GitRepository> GitRepository = Custom<GitRepository>();
    public static readonly AppliedKind<Kustomization> Kustomization = Custom<Kustomization>();
    public static readonly AppliedKind<AppProject> AppProject = Custom<AppProject>();
    public static readonly AppliedKind<Application> Application = Custom<Application>();
    public static readonly AppliedKind<ServiceMonitor> ServiceMonitor = Custom<ServiceMonitor>();

    /// <summary>A kind that some operator brings: through the official client's calls for custom objects.</summary>
    private static AppliedKind<T> Custom<T>()
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var (group, version, plural, kind) = CustomObject.Describe<T>();
        return new AppliedKind<T>(
            kind,
            (k, at, c) => k.CustomObjects.GetNamespacedCustomObjectAsync<T>(group, version, at.Namespace, plural, at.Name, c),
            (k, at, p, c) => k.CustomObjects.PatchNamespacedCustomObjectAsync<T>(
                p, group, version, at.Namespace, plural, at.Name, fieldManager: FieldManager, force: true, cancellationToken: c),
            (k, at, o, c) => k.CustomObjects.DeleteNamespacedCustomObjectAsync(group, version, at.Namespace, plural, at.Name, o, cancellationToken: c));
    }
}
