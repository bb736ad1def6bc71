using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Azure;

/// <summary>What is particular about one resource type.</summary>
/// <param name="Type">Provider and type, with parent types.</param>
/// <param name="Style">How its long-running operations are followed; null: it is done when it answers.</param>
/// <param name="Prepare">Checks the wanted resource against the one before and completes it, or refuses.</param>
/// <param name="Deleted">Does what else its deletion means.</param>
internal sealed record ResourceKind(
    string Type,
    AzureOperationStyle? Style,
    Action<Call, AzureId, JsonObject?, JsonObject> Prepare,
    Action<Documents, JsonObject>? Deleted = null)
{
    /// <summary>Whether it lives in a region of its own.</summary>
    public bool Located { get; init; } = true;

    /// <summary>State that it shows while it is being made.</summary>
    public string Creating { get; init; } = "Creating";
}

/// <summary>Resources of every type in resource groups: one way to create, read, change and delete, and a table of the differences.</summary>
internal sealed class Resources(SandboxContext context, Operations operations, Locks locks, IReadOnlyList<ResourceKind> kinds)
{
    private const string InGroup = "/subscriptions/{sub}/resourceGroups/{group}/providers/{provider}/{**rest}";

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", InGroup, Show),
        new("PUT", InGroup, Put),
        new("PATCH", InGroup, Patch),
        new("DELETE", InGroup, Delete),
    ];

    public static void OnCreated(Documents documents, string key, IDictionary<string, int> failures)
    {
        if (documents.Get("resource", key) is { } resource)
        {
            var type = resource.Text("type")!;
            var fails = failures.TryGetValue(type, out var times) && documents.Next($"provisioned/{type}") <= times;
            resource["properties"]!["provisioningState"] = fails ? "Failed" : "Succeeded";
            documents.Put("resource", key, resource);
        }
    }

    private ResourceKind Kind(Call call, AzureId id)
    {
        AzureProviders.CheckVersion(call, id.Provider!, string.Join('/', id.Parts.Select(p => p.Type)));
        return kinds.FirstOrDefault(k => k.Type.Equals(id.Type, StringComparison.OrdinalIgnoreCase))
            ?? throw AzureErrors.Refuse(405, "MethodNotAllowed", $"The sandbox keeps '{id.Type}' as it was seeded.");
    }

    private Reply Show(Call call)
    {
        if (AzureId.Parse(call.RawPath) is not { } id)
        {
            return ListOf(call);
        }

        AzureProviders.CheckVersion(call, id.Provider!, string.Join('/', id.Parts.Select(p => p.Type)));
        if (!call.Documents.Has("resource-group", id.GroupKey))
        {
            throw AzureErrors.GroupNotFound(id.Group!);
        }

        return call.Documents.Get("resource", id.Key) is { } resource ? Reply.Json(200, resource) : throw AzureErrors.ResourceNotFound(id.Type, id.Name, id.Group!);
    }

    private static Reply ListOf(Call call)
    {
        var prefix = "/" + string.Join('/', Route.Segments(call.RawPath)).ToLowerInvariant() + "/";
        var depth = prefix.Count(c => c == '/');
        var items = call.Documents.List("resource", prefix).Where(r => r.Key.Count(c => c == '/') == depth);
        return Reply.Json(200, new JsonObject { ["value"] = Json.ToArray(items.Select(i => (JsonNode)i.Body)) });
    }

    private Reply Put(Call call)
    {
        var id = AzureId.Parse(call.RawPath) ?? throw AzureErrors.Refuse(400, "InvalidResourceName", "The resource id is not complete.");
        var kind = Kind(call, id);
        var group = ResourceGroups.FindFor(call.Documents, id);
        AzureProviders.CheckRegistered(call.Documents, id.Provider!);
        if (id.ParentKey is { } parent && !call.Documents.Has("resource", parent))
        {
            throw AzureErrors.Refuse(404, "ParentResourceNotFound", $"Can not perform requested operation on nested resource. Parent resource '{id.Parts[^2].Name}' not found.");
        }

        var body = call.Object();
        var before = call.Documents.Get("resource", id.Key);
        var resource = New(call, kind, id, group, before, body);
        Identities.CheckSerial(call, id, kind);
        kind.Prepare(call, id, before, resource);
        return Identities.Serial(call, id, kind, Save(call, kind, id, before, resource, before is null ? 201 : 200));
    }

    private static JsonObject New(Call call, ResourceKind kind, AzureId id, JsonObject group, JsonObject? before, JsonObject body)
    {
        if (kind.Located)
        {
            ResourceGroups.CheckLocation(body.Text("location"));
            ResourceGroups.CheckTags(body.Object("tags"));
            if (before is not null && before.Text("location") != ResourceGroups.Plain(body.Text("location")!))
            {
                throw AzureErrors.Refuse(
                    409,
                    "InvalidResourceLocation",
                    $"The resource '{id.Name}' already exists in location '{before.Text("location")}' in resource group '{id.Group}'. A resource with the same name cannot be created in location '{body.Text("location")}'. Please select a new resource name.");
            }
        }

        var resource = new JsonObject { ["id"] = before.Text("id") ?? $"{group.Text("id")}/providers/{id.Provider}/{string.Join('/', id.Parts.Select(p => $"{p.Type}/{p.Name}"))}" };
        resource["name"] = before.Text("name") ?? id.Name;
        resource["type"] = kind.Type;
        if (kind.Located)
        {
            resource["location"] = ResourceGroups.Plain(body.Text("location")!);
            resource["tags"] = body["tags"].Copy() ?? new JsonObject();
        }

        foreach (var part in (string[])["sku", "identity"])
        {
            if (body[part] is not null)
            {
                resource[part] = body[part].Copy();
            }
        }

        resource["properties"] = body["properties"].Copy() ?? new JsonObject();
        resource["systemData"] = before?["systemData"].Copy() ?? new JsonObject
        {
            ["createdBy"] = call.Caller, ["createdByType"] = "Application", ["createdAt"] = call.Now.Fractions(),
        };
        return resource;
    }

    private Reply Save(Call call, ResourceKind kind, AzureId id, JsonObject? before, JsonObject resource, int status)
    {
        if (kind.Style is not { } native)
        {
            call.Documents.Put("resource", id.Key, resource);
            return Reply.Json(status, resource);
        }

        var style = operations.Style(native);
        // What is being made goes on being made, whatever is written meanwhile; what failed is begun anew.
        var state = before.Text("properties", "provisioningState");
        var created = before is null || state == "Failed";
        resource["properties"]!["provisioningState"] = created || state == kind.Creating ? kind.Creating : "Succeeded";
        call.Documents.Put("resource", id.Key, resource);
        if (!created)
        {
            return Reply.Json(status, resource);
        }

        call.Documents.Schedule("created", id.Key, context.Options.AzureOperationDuration);
        var accepted = style is AzureOperationStyle.Location ? Reply.Empty(202) : Reply.Json(status, resource);
        return operations.Follow(call, accepted, style, id.Subscription, id.Key);
    }

    private Reply Patch(Call call)
    {
        var id = AzureId.Parse(call.RawPath) ?? throw AzureErrors.Refuse(400, "InvalidResourceName", "The resource id is not complete.");
        var kind = Kind(call, id);
        ResourceGroups.FindFor(call.Documents, id);
        var before = call.Documents.Get("resource", id.Key) ?? throw AzureErrors.ResourceNotFound(id.Type, id.Name, id.Group!);
        var resource = before.Copy();
        var body = call.Object();
        if (body["tags"] is not null)
        {
            ResourceGroups.CheckTags(body.Object("tags"));
            resource["tags"] = body["tags"].Copy();
        }

        foreach (var (name, value) in body.Object("properties") ?? [])
        {
            resource["properties"]![name] = value.Copy();
        }

        kind.Prepare(call, id, before, resource);
        return Save(call, kind, id, before, resource, 200);
    }

    private Reply Delete(Call call)
    {
        var id = AzureId.Parse(call.RawPath) ?? throw AzureErrors.Refuse(400, "InvalidResourceName", "The resource id is not complete.");
        var kind = Kind(call, id);
        if (call.Documents.Get("resource", id.Key) is not { } resource)
        {
            return Reply.Empty(204);
        }

        locks.Check(call.Documents, id.Key);
        Identities.CheckSerial(call, id, kind);
        kind.Deleted?.Invoke(call.Documents, resource);
        call.Documents.DeleteAll("resource", id.Key + "/");
        foreach (var extension in (string[])["role-assignment", "lock"])
        {
            call.Documents.DeleteAll(extension, id.Key + "/providers/");
        }

        call.Documents.Delete("resource", id.Key);
        return Identities.Serial(call, id, kind, Reply.Empty(200));
    }
}
