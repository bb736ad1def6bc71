using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>Create, read, replace, patch and delete of every kind alike.</summary>
internal sealed class ResourceRoutes(SandboxOptions options, WatchStream watch)
{
    private static readonly string[] s_serverFields = ["uid", "creationTimestamp", "deletionTimestamp", "generation", "managedFields", "selfLink"];

    public Reply Answer(Call call)
    {
        if (ResourceRequest.Parse(call.Documents, call.RawPath) is not { } request)
        {
            // A group that nothing serves is no path at all to the API server, which then doesn't answer as an API.
            return IsServed(call)
                ? KubernetesErrors.Status(404, "NotFound", "the server could not find the requested resource", new JsonObject())
                : Reply.Text(404, "404 page not found\n");
        }

        return (call.Method, request.Name, request.Subresource) switch
        {
            ("GET", null, null) => call.Asks("watch") ? watch.Start(call, request) : List(call, request),
            ("GET", _, null or "status") => Render(call, request.Type, Existing(call, request)),
            ("POST", null, null) => Create(call, request),
            ("POST", _, "token") when request.Type.Kind == "ServiceAccount" => Token(call, request),
            ("PUT", not null, null or "status") => Replace(call, request),
            ("PUT", not null, "finalize") => Replace(call, request),
            ("PATCH", not null, null or "status") => Patch(call, request),
            ("DELETE", not null, null) => Delete(call, request),
            ("DELETE", null, null) => DeleteCollection(call, request),
            (_, _, null) => KubernetesErrors.Status(405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
            _ => KubernetesErrors.Status(404, "NotFound", "the server could not find the requested resource", new JsonObject()),
        };
    }

    private static bool IsServed(Call call) => Route.Segments(call.RawPath) switch
    {
        ["apis", var group, var version, ..] => ResourceType.Served(call.Documents).Any(t => t.Group == group && t.Version == version),
        _ => true,
    };

    private Cluster Open(Call call) => new(call.Documents, options);

    private JsonObject Existing(Call call, ResourceRequest request) =>
        Open(call).Get(request.Type, request.Namespace, request.Name!) ?? throw KubernetesErrors.NotFound(request.Type, request.Name!);

    private static Reply Render(Call call, ResourceType type, JsonObject item, int status = 200) =>
        TableView.Wanted(call) ? TableView.Render(call, type, [item], item.Text("metadata", "resourceVersion") ?? "") : Reply.Json(status, item, "application/json");

    private Reply List(Call call, ResourceRequest request)
    {
        if (call.Asks("sendInitialEvents"))
        {
            return KubernetesErrors.Status(422, "Invalid", "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
        }

        var cluster = Open(call);
        var (labels, fields) = (Selectors.Labels(call.Parameter("labelSelector")), Selectors.Fields(call.Parameter("fieldSelector")));
        var items = cluster.List(request.Type, request.Namespace).Where(i => labels(i) && fields(i)).ToList();
        var metadata = new JsonObject { ["resourceVersion"] = cluster.ResourceVersion };
        if (int.TryParse(call.Parameter("limit"), CultureInfo.InvariantCulture, out var limit) && limit > 0)
        {
            limit = Math.Min(limit, options.KubernetesPageSize);
            var start = call.Parameter("continue") is { Length: > 0 } token ? Offset(token) : 0;
            if (start + limit < items.Count)
            {
                metadata["continue"] = Convert.ToBase64String(Encoding.ASCII.GetBytes((start + limit).ToString(CultureInfo.InvariantCulture)));
                metadata["remainingItemCount"] = items.Count - start - limit;
            }

            items = [.. items.Skip(start).Take(limit)];
        }

        return TableView.Wanted(call)
            ? TableView.Render(call, request.Type, items, cluster.ResourceVersion)
            : Reply.Json(
                200,
                new JsonObject { ["kind"] = request.Type.Kind + "List", ["apiVersion"] = request.Type.GroupVersion, ["metadata"] = metadata, ["items"] = Json.ToArray(items) },
                "application/json");
    }

    private static int Offset(string token)
    {
        var buffer = new byte[64];
        return Convert.TryFromBase64String(token, buffer, out var length) && int.TryParse(Encoding.ASCII.GetString(buffer, 0, length), CultureInfo.InvariantCulture, out var offset)
            ? offset
            : throw KubernetesErrors.Refuse(410, "Expired", "The provided continue parameter is too old to display a consistent list result.");
    }

    private Reply Create(Call call, ResourceRequest request)
    {
        var item = ResourceBodies.Read(call, request);
        var metadata = item.Ensure("metadata");
        if (metadata.Text("name") is null or "" && metadata.Text("generateName") is { Length: > 0 } prefix)
        {
            metadata["name"] = prefix + Convert.ToHexStringLower(call.Documents.NextBytes())[..5];
        }

        if (metadata.Text("resourceVersion") is { Length: > 0 })
        {
            throw KubernetesErrors.BadRequest("resourceVersion should not be set on objects to be created");
        }

        var cluster = Open(call);
        if (cluster.Get(request.Type, request.Namespace, metadata.Text("name") ?? "") is { } existing)
        {
            throw KubernetesErrors.AlreadyExists(request.Type, metadata.Text("name")!, existing.Text("metadata", "deletionTimestamp") is not null);
        }

        var warnings = FieldChecks.Run(call, request.Type, item);
        Insert(call, cluster, request.Type, item, null);
        return Warned(Render(call, request.Type, item, 201), warnings);
    }

    /// <summary>Admits, completes and writes a new object.</summary>
    private void Insert(Call call, Cluster cluster, ResourceType type, JsonObject item, Action<JsonObject>? manage)
    {
        foreach (var field in s_serverFields)
        {
            item.Ensure("metadata").Remove(field);
        }

        item.Remove("status");
        ObjectRules.Validate(type, null, item);
        Admission.Admit(cluster, type, item);
        (manage ?? (after => FieldManagement.Update(call.Now, null, after, FieldManagement.Manager(call))))(item);
        cluster.Complete(type, item);
        if (!IsDryRun(call))
        {
            cluster.Save(type, null, item);
        }
    }

    private Reply Replace(Call call, ResourceRequest request)
    {
        var live = Existing(call, request);
        var item = ResourceBodies.Read(call, request);
        CheckVersion(request.Type, live, item);
        var warnings = FieldChecks.Run(call, request.Type, item);
        return Warned(Change(call, request, live, item), warnings);
    }

    private Reply Patch(Call call, ResourceRequest request)
    {
        if (call.MediaType == Patches.ApplyType)
        {
            return Apply(call, request);
        }

        if (call.Parameter("force") is not null)
        {
            throw KubernetesErrors.Refuse(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch");
        }

        var live = Existing(call, request);
        var patched = Patches.Patch(call, request.Type, live);
        if (live.Text("metadata", "resourceVersion") != patched.Text("metadata", "resourceVersion"))
        {
            throw KubernetesErrors.Stale(request.Type, request.Name!);
        }

        var warnings = FieldChecks.Run(call, request.Type, patched);
        return Warned(Change(call, request, live, patched), warnings);
    }

    private Reply Apply(Call call, ResourceRequest request)
    {
        var item = ResourceBodies.Read(call, request);
        if (call.Parameter("fieldManager") is not { Length: > 0 })
        {
            throw KubernetesErrors.Refuse(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        }

        if (item.At("metadata", "managedFields") is not null)
        {
            throw KubernetesErrors.BadRequest("metadata.managedFields must be nil");
        }

        if (item.Text("metadata", "name") is { } name && name != request.Name)
        {
            throw KubernetesErrors.BadRequest($"the name of the object ({name}) does not match the name on the URL ({request.Name})");
        }

        item.Ensure("metadata")["name"] = request.Name;
        var warnings = FieldChecks.Run(call, request.Type, item);
        item.Remove("status");
        var (cluster, manager) = (Open(call), FieldManagement.Manager(call));
        var live = cluster.Get(request.Type, request.Namespace, request.Name!);
        if (live is null)
        {
            if (item.Text("metadata", "resourceVersion") is not null || item.Text("metadata", "uid") is not null)
            {
                throw KubernetesErrors.NotFound(request.Type, request.Name!);
            }

            Insert(call, cluster, request.Type, item, after =>
                after["metadata"]!["managedFields"] = FieldManagement.Apply(call, null, after, manager, force: false)["metadata"]!["managedFields"].Copy());
            return Warned(Render(call, request.Type, item, 201), warnings);
        }

        CheckVersion(request.Type, live, item, required: false);
        item["metadata"]!.AsObject().Remove("resourceVersion");
        item["metadata"]!.AsObject().Remove("uid");
        var merged = FieldManagement.Apply(call, live, item, manager, call.Asks("force"));
        return Warned(Change(call, request, live, merged, managed: true), warnings);
    }

    /// <summary>Writes a changed object: the server's fields stay, spec and status change only through their own doors.</summary>
    private Reply Change(Call call, ResourceRequest request, JsonObject live, JsonObject after, bool managed = false)
    {
        var metadata = after.Ensure("metadata");
        foreach (var field in s_serverFields.Where(f => f != "managedFields"))
        {
            metadata[field] = live["metadata"]![field].Copy();
            if (metadata[field] is null)
            {
                metadata.Remove(field);
            }
        }

        metadata["name"] = request.Name;
        metadata["resourceVersion"] = live.Text("metadata", "resourceVersion");
        if (!managed)
        {
            metadata["managedFields"] = live["metadata"]!["managedFields"].Copy();
        }

        if (request.Subresource == "status")
        {
            var status = after["status"].Copy();
            after = live.Copy();
            after["status"] = status;
        }
        else
        {
            after["status"] = live["status"].Copy();
            if (after["status"] is null)
            {
                after.Remove("status");
            }
        }

        if (request.Type.Kind == "Namespace" && request.Subresource != "finalize")
        {
            after["spec"] = live["spec"].Copy();
            after.Ensure("metadata").Ensure("labels")["kubernetes.io/metadata.name"] = request.Name;
        }

        ObjectRules.Validate(request.Type, live, after);
        if (!managed && request.Subresource is null)
        {
            FieldManagement.Update(call.Now, live, after, FieldManagement.Manager(call));
        }

        if (!IsDryRun(call))
        {
            Open(call).Save(request.Type, live, after);
        }

        return Render(call, request.Type, after);
    }

    private Reply Delete(Call call, ResourceRequest request)
    {
        var live = Existing(call, request);
        var body = call.Body.IsEmpty ? [] : call.TryReadObject() ?? [];
        CheckPrecondition(request, live, body, "uid", "UID");
        CheckPrecondition(request, live, body, "resourceVersion", "ResourceVersion");
        if (IsDryRun(call))
        {
            return Render(call, request.Type, live);
        }

        var deleted = Open(call).Delete(request.Type, live);
        if (deleted.Text("metadata", "deletionTimestamp") is not null)
        {
            return Reply.Json(200, deleted, "application/json");
        }

        var details = KubernetesErrors.Details(request.Type, request.Name!);
        details["uid"] = live.Text("metadata", "uid");
        return Reply.Json(
            200,
            new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["details"] = details },
            "application/json");
    }

    private static void CheckPrecondition(ResourceRequest request, JsonObject live, JsonObject body, string field, string title)
    {
        if (body.Text("preconditions", field) is { } wanted && live.Text("metadata", field) is { } actual && wanted != actual)
        {
            throw KubernetesErrors.Refuse(
                409,
                "Conflict",
                $"Operation cannot be fulfilled on {request.Type.Qualified} \"{request.Name}\": Precondition failed: {title} in precondition: {wanted}, {title} in object meta: {actual}",
                KubernetesErrors.Details(request.Type, request.Name!));
        }
    }

    private Reply DeleteCollection(Call call, ResourceRequest request)
    {
        if (request.Type.Namespaced && request.Namespace is null)
        {
            return KubernetesErrors.Status(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }

        var cluster = Open(call);
        var (labels, fields) = (Selectors.Labels(call.Parameter("labelSelector")), Selectors.Fields(call.Parameter("fieldSelector")));
        foreach (var item in cluster.List(request.Type, request.Namespace).Where(i => labels(i) && fields(i)).ToList())
        {
            cluster.Delete(request.Type, item);
        }

        return Reply.Json(200, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success" }, "application/json");
    }

    private Reply Token(Call call, ResourceRequest request)
    {
        Existing(call, request);
        var spec = ResourceBodies.ReadAny(call).Object("spec");
        var seconds = spec.Number("expirationSeconds") ?? 3600;
        return Reply.Json(
            201,
            new JsonObject
            {
                ["kind"] = "TokenRequest",
                ["apiVersion"] = "authentication.k8s.io/v1",
                ["metadata"] = new JsonObject { ["name"] = request.Name, ["namespace"] = request.Namespace },
                ["spec"] = spec?.DeepClone(),
                ["status"] = new JsonObject
                {
                    ["token"] = "sandbox." + Convert.ToHexStringLower(call.Documents.NextBytes()),
                    ["expirationTimestamp"] = call.Now.AddSeconds(seconds).Seconds(),
                },
            },
            "application/json");
    }

    private static bool IsDryRun(Call call) => call.Parameter("dryRun") switch
    {
        null or "" => false,
        "All" => true,
        var other => throw KubernetesErrors.Refuse(422, "Invalid", $"Options is invalid: dryRun: Unsupported value: \"{other}\": supported values: \"All\""),
    };

    private static void CheckVersion(ResourceType type, JsonObject live, JsonObject item, bool required = true)
    {
        var (name, given) = (live.Text("metadata", "name")!, item.Text("metadata", "resourceVersion"));
        if (required && string.IsNullOrEmpty(given) && type.Custom)
        {
            throw KubernetesErrors.Invalid(type, name, [new Cause("FieldValueInvalid", "Invalid value: 0x0: must be specified for an update", "metadata.resourceVersion")]);
        }

        if (!string.IsNullOrEmpty(given) && given != live.Text("metadata", "resourceVersion"))
        {
            throw KubernetesErrors.Stale(type, name);
        }

        if (item.Text("metadata", "uid") is { } uid && uid != live.Text("metadata", "uid"))
        {
            throw KubernetesErrors.Refuse(
                409,
                "Conflict",
                $"Operation cannot be fulfilled on {type.Qualified} \"{name}\": Precondition failed: UID in precondition: {uid}, UID in object meta: {live.Text("metadata", "uid")}",
                KubernetesErrors.Details(type, name));
        }
    }

    private static Reply Warned(Reply reply, IReadOnlyList<string> warnings) =>
        warnings.Count == 0 ? reply : reply.With("Warning", string.Join(", ", warnings.Select(w => $"299 - \"{w}\"")));
}
