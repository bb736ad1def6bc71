using System.Globalization;
using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>What stands between a valid new object and the cluster: its namespace, and the namespace's quota.</summary>
internal static class Admission
{
    /// <summary>Quota names of the kinds that are counted, besides <c>count/…</c>.</summary>
    private static readonly Dictionary<string, string> s_counted = new(StringComparer.Ordinal)
    {
        ["Pod"] = "pods",
        ["Service"] = "services",
        ["ConfigMap"] = "configmaps",
        ["Secret"] = "secrets",
        ["PersistentVolumeClaim"] = "persistentvolumeclaims",
        ["ResourceQuota"] = "resourcequotas",
    };

    private static readonly string[] s_compute = ["requests.cpu", "limits.cpu", "requests.memory", "limits.memory"];

    public static void Admit(Cluster cluster, ResourceType type, JsonObject item)
    {
        if (!type.Namespaced)
        {
            return;
        }

        var (space, name) = (item.Text("metadata", "namespace")!, item.Text("metadata", "name")!);
        if (!cluster.Documents.Has("namespaces", space))
        {
            throw KubernetesErrors.NotFound(new ResourceType("", "v1", "namespaces", "Namespace", false), space);
        }

        if (cluster.IsTerminating(space))
        {
            throw KubernetesErrors.Forbidden(
                type,
                name,
                $"unable to create new content in namespace {space} because it is being terminated",
                new Cause("NamespaceTerminating", $"namespace {space} is being terminated", "metadata.namespace"));
        }

        if (type.Kind == "Pod")
        {
            AdmitPod(cluster, type, item, space, name);
        }

        foreach (var quota in cluster.Documents.List("resourcequotas", space + "/").Select(q => q.Body))
        {
            Count(cluster, type, quota, space, name);
        }
    }

    /// <summary>How many objects of a counted resource the namespace has; null when it isn't one that is counted.</summary>
    public static int? Used(Cluster cluster, string space, string resource)
    {
        if (resource.StartsWith("count/", StringComparison.Ordinal))
        {
            return cluster.Documents.List(resource["count/".Length..], space + "/").Count;
        }

        return s_counted.ContainsValue(resource) ? cluster.Documents.List(resource, space + "/").Count
            : resource.StartsWith("services.", StringComparison.Ordinal) ? cluster.Documents.List("services", space + "/").Count(s => IsOfType(s.Body, resource))
            : null;
    }

    private static bool IsOfType(JsonObject service, string resource) => service.Text("spec", "type") switch
    {
        "LoadBalancer" => resource == "services.loadbalancers",
        "NodePort" => resource == "services.nodeports",
        _ => false,
    };

    private static void AdmitPod(Cluster cluster, ResourceType type, JsonObject pod, string space, string name)
    {
        var account = pod.Text("spec", "serviceAccountName") ?? "default";
        if (!cluster.Documents.Has("serviceaccounts", $"{space}/{account}"))
        {
            throw KubernetesErrors.Forbidden(type, name, $"error looking up service account {space}/{account}: serviceaccount \"{account}\" not found");
        }

        var defaults = cluster.Documents.List("limitranges", space + "/").Count > 0;
        foreach (var (key, quota) in cluster.Documents.List("resourcequotas", space + "/"))
        {
            var missing = s_compute.Where(r => quota.At("spec", "hard", r) is not null && !defaults
                && (pod.Array("spec", "containers") ?? []).Any(c => c.At(["resources", .. r.Split('.')]) is null)).ToList();
            if (missing.Count > 0)
            {
                throw KubernetesErrors.Forbidden(type, name, $"failed quota: {key[(space.Length + 1)..]}: must specify {string.Join("; ", missing)}");
            }
        }
    }

    private static void Count(Cluster cluster, ResourceType type, JsonObject quota, string space, string name)
    {
        foreach (var resource in (string[])[s_counted.GetValueOrDefault(type.Kind, ""), $"count/{type.Qualified}"])
        {
            if (ObjectRules.Quantity(quota.Text("spec", "hard", resource)) is { } hard && Used(cluster, space, resource) is { } used && used + 1 > hard)
            {
                throw KubernetesErrors.Forbidden(
                    type,
                    name,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"exceeded quota: {quota.Text("metadata", "name")}, requested: {resource}=1, used: {resource}={used}, limited: {resource}={hard}"));
            }
        }
    }
}
