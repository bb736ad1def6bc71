using System.Text.Json.Nodes;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>One served kind: where it is found and what it is called.</summary>
internal sealed record ResourceType(string Group, string Version, string Plural, string Kind, bool Namespaced, params string[] ShortNames)
{
    private static readonly ResourceType[] s_builtIn =
    [
        new("", "v1", "namespaces", "Namespace", false, "ns"),
        new("", "v1", "resourcequotas", "ResourceQuota", true, "quota"),
        new("", "v1", "limitranges", "LimitRange", true, "limits"),
        new("", "v1", "serviceaccounts", "ServiceAccount", true, "sa"),
        new("", "v1", "secrets", "Secret", true),
        new("", "v1", "configmaps", "ConfigMap", true, "cm"),
        new("", "v1", "events", "Event", true, "ev"),
        new("", "v1", "pods", "Pod", true, "po"),
        new("", "v1", "services", "Service", true, "svc"),
        new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true, "pvc"),
        new("apps", "v1", "deployments", "Deployment", true, "deploy") { HasGeneration = true },
        new("batch", "v1", "jobs", "Job", true),
        new("batch", "v1", "cronjobs", "CronJob", true, "cj"),
        new("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true, "netpol") { HasGeneration = true },
        new("networking.k8s.io", "v1", "ingresses", "Ingress", true, "ing") { HasGeneration = true },
        new("rbac.authorization.k8s.io", "v1", "roles", "Role", true),
        new("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true),
        new("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false),
        new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", false),
        new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false, "crd", "crds"),
    ];

    /// <summary>Custom resources whose definitions a sandbox starts with.</summary>
    public static IReadOnlyList<ResourceType> SeededCustom { get; } =
    [
        new("source.toolkit.fluxcd.io", "v1", "gitrepositories", "GitRepository", true, "gitrepo"),
        new("kustomize.toolkit.fluxcd.io", "v1", "kustomizations", "Kustomization", true, "ks"),
        new("helm.toolkit.fluxcd.io", "v2", "helmreleases", "HelmRelease", true, "hr"),
        new("argoproj.io", "v1alpha1", "applications", "Application", true, "app", "apps"),
        new("argoproj.io", "v1alpha1", "appprojects", "AppProject", true, "appproj"),
        new("monitoring.coreos.com", "v1", "servicemonitors", "ServiceMonitor", true, "smon"),
        new("monitoring.coreos.com", "v1", "prometheusrules", "PrometheusRule", true, "promrule"),
        new("secrets-store.csi.x-k8s.io", "v1", "secretproviderclasses", "SecretProviderClass", true),
        new("external-secrets.io", "v1", "externalsecrets", "ExternalSecret", true, "es"),
        new("external-secrets.io", "v1", "secretstores", "SecretStore", true, "ss"),
        new("capsule.clastix.io", "v1beta2", "tenants", "Tenant", false, "tnt"),
        new("velero.io", "v1", "schedules", "Schedule", true),
    ];

    /// <summary>Whether <c>metadata.generation</c> is kept.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Whether a definition brought it.</summary>
    public bool Custom { get; init; }

    public string GroupVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public string Singular => Kind.ToLowerInvariant();

    /// <summary>The kind of its documents: <c>quotas</c> or <c>roles.rbac.authorization.k8s.io</c>, as messages name it.</summary>
    public string Qualified => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>Everything that the cluster serves now.</summary>
    public static IEnumerable<ResourceType> Served(Documents documents) => s_builtIn.Concat(Defined(documents));

    public static ResourceType? Find(Documents documents, string group, string version, string plural) =>
        Served(documents).FirstOrDefault(t => t.Group == group && t.Version == version && t.Plural == plural);

    public static ResourceType? OfKind(Documents documents, string apiVersion, string kind) =>
        Served(documents).FirstOrDefault(t => t.GroupVersion == apiVersion && t.Kind == kind);

    /// <summary>The object that defines this kind.</summary>
    public JsonObject Definition() => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = Qualified },
        ["spec"] = new JsonObject
        {
            ["group"] = Group,
            ["scope"] = Namespaced ? "Namespaced" : "Cluster",
            ["names"] = new JsonObject { ["kind"] = Kind, ["plural"] = Plural, ["singular"] = Singular, ["shortNames"] = Json.TextArray(ShortNames) },
            ["versions"] = new JsonArray(new JsonObject { ["name"] = Version, ["served"] = true, ["storage"] = true }),
        },
    };

    private static IEnumerable<ResourceType> Defined(Documents documents) =>
        from definition in documents.List("customresourcedefinitions.apiextensions.k8s.io")
        let spec = definition.Body.Object("spec")
        from version in spec.Array("versions") ?? []
        where version.Flag("served")
        select new ResourceType(
            spec.Text("group")!,
            version.Text("name")!,
            spec.Text("names", "plural")!,
            spec.Text("names", "kind")!,
            spec.Text("scope") == "Namespaced",
            [.. spec.Texts("names", "shortNames")]) { HasGeneration = true, Custom = true };
}
