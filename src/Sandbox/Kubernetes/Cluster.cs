using System.Globalization;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>
/// The objects of the cluster. Every write draws the next resource version and leaves a trace for watches; controllers hear of
/// it through the schedule.
/// </summary>
internal sealed class Cluster(Documents documents, SandboxOptions options)
{
    private const int WatchHistory = 2000;
    private const string Terminating = "Terminating";

    public Documents Documents { get; } = documents;

    public string ResourceVersion => Documents.Current("resource-version").ToString(CultureInfo.InvariantCulture);

    public static string Key(string? space, string name) => space is null ? name : $"{space}/{name}";

    public JsonObject? Get(ResourceType type, string? space, string name) => Documents.Get(type.Qualified, Key(space, name));

    public IEnumerable<JsonObject> List(ResourceType type, string? space) =>
        Documents.List(type.Qualified, space is null || !type.Namespaced ? "" : space + "/").Select(o => o.Body);

    public bool IsTerminating(string space) => Documents.Get("namespaces", space).Text("status", "phase") == Terminating;

    /// <summary>Writes an object that its caller has made complete; an object whose last finalizer is gone ceases to exist.</summary>
    /// <returns>False when nothing was changed.</returns>
    public bool Save(ResourceType type, JsonObject? before, JsonObject after)
    {
        var metadata = after.Ensure("metadata");
        if (before is not null)
        {
            if (type.HasGeneration && !SameSpec(before, after))
            {
                metadata["generation"] = (before.Number("metadata", "generation") ?? 1) + 1;
            }

            if (Same(before, after))
            {
                after["metadata"] = before["metadata"].Copy();
                return false;
            }
        }

        var (space, name) = (metadata.Text("namespace"), metadata.Text("name")!);
        metadata["resourceVersion"] = NextVersion();
        if (metadata.Text("deletionTimestamp") is not null && IsFree(after))
        {
            Documents.Delete(type.Qualified, Key(space, name));
            Trace("DELETED", type, after);
        }
        else
        {
            Documents.Put(type.Qualified, Key(space, name), after);
            Trace(before is null ? "ADDED" : "MODIFIED", type, after);
        }

        Notify(type, space, name);
        return true;
    }

    /// <summary>Puts what every new object has: identity, version, time of creation.</summary>
    public void Complete(ResourceType type, JsonObject item)
    {
        var metadata = item.Ensure("metadata");
        metadata["uid"] = Documents.NextGuid().ToString();
        metadata["creationTimestamp"] = Documents.Now.Seconds();
        if (type.HasGeneration)
        {
            metadata["generation"] = 1;
        }

        if (type.Kind == "Namespace")
        {
            metadata.Ensure("labels")["kubernetes.io/metadata.name"] = metadata.Text("name");
            item.Ensure("spec")["finalizers"] = Json.TextArray("kubernetes");
            item["status"] = new JsonObject { ["phase"] = "Active" };
        }
    }

    /// <summary>Deletes at once, or marks as being deleted when finalizers hold it.</summary>
    public JsonObject Delete(ResourceType type, JsonObject item)
    {
        var (space, name) = (item.Text("metadata", "namespace"), item.Text("metadata", "name")!);
        var marked = item.Copy();
        if (type.Kind == "Namespace" || !IsFree(item))
        {
            if (item.Text("metadata", "deletionTimestamp") is null)
            {
                marked["metadata"]!["deletionTimestamp"] = Documents.Now.Seconds();
                if (type.Kind == "Namespace")
                {
                    marked.Ensure("status")["phase"] = Terminating;
                    Documents.Schedule("finalize-namespace", name, options.NamespaceTerminationDelay);
                }

                Save(type, item, marked);
            }

            return marked;
        }

        marked["metadata"]!["resourceVersion"] = NextVersion();
        Documents.Delete(type.Qualified, Key(space, name));
        Trace("DELETED", type, marked);
        Notify(type, space, name);
        return marked;
    }

    private static bool IsFree(JsonObject item) =>
        (item.Array("metadata", "finalizers")?.Count ?? 0) == 0 && (item.Text("kind") != "Namespace" || (item.Array("spec", "finalizers")?.Count ?? 0) == 0);

    private static bool Same(JsonObject before, JsonObject after) => JsonNode.DeepEquals(Bare(before), Bare(after));

    private static JsonObject Bare(JsonObject item)
    {
        var copy = item.Copy();
        copy.Object("metadata")?.Remove("resourceVersion");
        return copy;
    }

    private static bool SameSpec(JsonObject before, JsonObject after)
    {
        static JsonObject Spec(JsonObject item)
        {
            var copy = item.Copy();
            copy.Remove("metadata");
            copy.Remove("status");
            return copy;
        }

        return JsonNode.DeepEquals(Spec(before), Spec(after));
    }

    private string NextVersion() => Documents.Next("resource-version").ToString(CultureInfo.InvariantCulture);

    private void Trace(string change, ResourceType type, JsonObject item)
    {
        var own = Documents.As(DocumentStore.Own);
        var version = Documents.Current("resource-version");
        own.Put("watch", $"{version:D12}", new JsonObject { ["type"] = change, ["kind"] = type.Qualified, ["object"] = item.Copy() });
        own.Delete("watch", $"{version - WatchHistory:D12}");
    }

    private void Notify(ResourceType type, string? space, string name)
    {
        if (type.Kind == "Namespace" && !IsTerminating(name) && Documents.Has("namespaces", name))
        {
            Documents.Schedule("namespace-defaults", name, options.ControllerDelay);
        }

        if (space is not null)
        {
            if (Documents.List("resourcequotas", space + "/").Count > 0)
            {
                Documents.Schedule("sync-quota", space, options.ControllerDelay);
            }

            if (DeliveryControllers.Kinds.Contains(type.Kind, StringComparer.Ordinal))
            {
                Documents.Schedule("reconcile", $"{type.Kind}/{space}/{name}", options.ControllerDelay);
            }
        }
    }
}
