namespace Onramp.Activities.Kubernetes;

/// <summary>The kinds of objects that onboarding makes.</summary>
internal static class Kinds
{
    public static readonly KubernetesKind Namespace = new("v1", "Namespace", "namespaces");
    public static readonly KubernetesKind ResourceQuota = new("v1", "ResourceQuota", "resourcequotas");
    public static readonly KubernetesKind LimitRange = new("v1", "LimitRange", "limitranges");
    public static readonly KubernetesKind ServiceAccount = new("v1", "ServiceAccount", "serviceaccounts");
    public static readonly KubernetesKind NetworkPolicy = new("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies");
    public static readonly KubernetesKind RoleBinding = new("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings");
    public static readonly KubernetesKind SecretProviderClass = new("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", "secretproviderclasses");
    public static readonly KubernetesKind GitRepository = new("source.toolkit.fluxcd.io/v1", "GitRepository", "gitrepositories");
    public static readonly KubernetesKind Kustomization = new("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "kustomizations");
    public static readonly KubernetesKind Application = new("argoproj.io/v1alpha1", "Application", "applications");
    public static readonly KubernetesKind ServiceMonitor = new("monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors");
}
