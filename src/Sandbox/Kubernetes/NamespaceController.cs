using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>Fills new namespaces, empties those that are being deleted, and keeps quotas' status.</summary>
internal sealed class NamespaceController(Cluster cluster, SandboxOptions options)
{
    private static readonly ResourceType s_namespace = new("", "v1", "namespaces", "Namespace", false);

    public void AddDefaults(string name)
    {
        if (!cluster.Documents.Has("namespaces", name) || cluster.IsTerminating(name))
        {
            return;
        }

        Add("serviceaccounts", "ServiceAccount", name, "default", item => item["secrets"] = null);
        Add("configmaps", "ConfigMap", name, "kube-root-ca.crt", item => item["data"] = new JsonObject { ["ca.crt"] = "sandbox" });
    }

    /// <summary>Deletes what is inside; the namespace goes when nothing is left, and else says what holds it.</summary>
    public void Finalize(string name)
    {
        if (cluster.Documents.Get("namespaces", name) is not { } space || !cluster.IsTerminating(name))
        {
            return;
        }

        var remaining = new List<(ResourceType Type, JsonObject Item)>();
        foreach (var type in ResourceType.Served(cluster.Documents).Where(t => t.Namespaced).ToList())
        {
            foreach (var item in cluster.List(type, name).ToList())
            {
                if (cluster.Delete(type, item).Text("metadata", "deletionTimestamp") is not null)
                {
                    remaining.Add((type, item));
                }
            }
        }

        var after = space.Copy();
        if (remaining.Count == 0)
        {
            after.Ensure("spec")["finalizers"] = new JsonArray();
            cluster.Save(s_namespace, space, after);
            return;
        }

        var finalizers = remaining.SelectMany(r => r.Item.Texts("metadata", "finalizers")).CountBy(f => f).Select(f => $"{f.Key} in {f.Value} resource instances");
        var kinds = remaining.CountBy(r => r.Type.Qualified).Select(k => $"{k.Key} has {k.Value} resource instances");
        after.Ensure("status")["conditions"] = new JsonArray(
            Condition("NamespaceContentRemaining", "SomeResourcesRemain", $"Some resources are remaining: {string.Join(", ", kinds)}"),
            Condition("NamespaceFinalizersRemaining", "SomeFinalizersRemain", $"Some content in the namespace has finalizers remaining: {string.Join(", ", finalizers)}"));
        cluster.Save(s_namespace, space, after);
        cluster.Documents.Schedule("finalize-namespace", name, options.NamespaceTerminationDelay);
    }

    public void SyncQuotas(string name)
    {
        var type = new ResourceType("", "v1", "resourcequotas", "ResourceQuota", true);
        foreach (var quota in cluster.List(type, name).ToList())
        {
            var used = new JsonObject();
            foreach (var (resource, _) in quota.Object("spec", "hard") ?? [])
            {
                used[resource] = (Admission.Used(cluster, name, resource) ?? 0).ToString(System.Globalization.CultureInfo.InvariantCulture);
            }

            var after = quota.Copy();
            after["status"] = new JsonObject { ["hard"] = quota.At("spec", "hard").Copy(), ["used"] = used };
            if (!JsonNode.DeepEquals(after["status"], quota["status"]))
            {
                cluster.Save(type, quota, after);
            }
        }
    }

    private static JsonNode Condition(string type, string reason, string message) =>
        new JsonObject { ["type"] = type, ["status"] = "True", ["reason"] = reason, ["message"] = message };

    private void Add(string plural, string kind, string space, string name, Action<JsonObject> fill)
    {
        var type = new ResourceType("", "v1", plural, kind, true);
        if (cluster.Get(type, space, name) is not null)
        {
            return;
        }

        var item = new JsonObject { ["apiVersion"] = "v1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = space } };
        fill(item);
        if (item["secrets"] is null)
        {
            item.Remove("secrets");
        }

        FieldManagement.Update(cluster.Documents.Now, null, item, "kube-controller-manager");
        cluster.Complete(type, item);
        cluster.Save(type, null, item);
    }
}
