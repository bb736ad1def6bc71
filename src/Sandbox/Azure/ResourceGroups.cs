using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Azure;

/// <summary>Resource groups; deleting one takes minutes in reality and everything inside with it.</summary>
internal sealed partial class ResourceGroups(SandboxContext context, Operations operations, Locks locks)
{
    private const int MaxTags = 50;
    private static readonly string[] s_locations = ["uksouth", "ukwest", "westeurope", "northeurope", "eastus", "eastus2", "westus2", "swedencentral", "germanywestcentral"];

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/subscriptions", call => Reply.Json(200, new JsonObject { ["value"] = new JsonArray(Subscription()), ["count"] = new JsonObject { ["value"] = 1 } })),
        new("GET", "/subscriptions/{sub}", _ => Reply.Json(200, Subscription())),
        new("GET", "/subscriptions/{sub}/resourceGroups", call => Listed(call, call.Documents.List("resource-group"))),
        new("GET", "/subscriptions/{sub}/resources", call => Listed(call, call.Documents.List("resource"))),
        new("GET", "/subscriptions/{sub}/resourceGroups/{group}/resources", call => Listed(call, call.Documents.List("resource", Find(call).Text("id")!.ToLowerInvariant() + "/"))),
        new("HEAD", "/subscriptions/{sub}/resourceGroups/{group}", call => Reply.Empty(call.Documents.Has("resource-group", Key(call)) ? 204 : 404)),
        new("GET", "/subscriptions/{sub}/resourceGroups/{group}", call => Reply.Json(200, Find(call))),
        new("PUT", "/subscriptions/{sub}/resourceGroups/{group}", Put),
        new("PATCH", "/subscriptions/{sub}/resourceGroups/{group}", Patch),
        new("DELETE", "/subscriptions/{sub}/resourceGroups/{group}", Delete),
        new("GET", "/{**scope}/providers/Microsoft.Resources/tags/default", ShowTags),
        new("PATCH", "/{**scope}/providers/Microsoft.Resources/tags/default", PatchTags),
        new("PUT", "/{**scope}/providers/Microsoft.Resources/tags/default", PatchTags),
    ];

    public void Seed(Documents documents)
    {
        var seed = context.Seed;
        var group = $"/subscriptions/{seed.SubscriptionId}/resourceGroups/{seed.SharedResourceGroup}";
        documents.Put("resource-group", group.ToLowerInvariant(), New(group, seed.SharedResourceGroup, seed.Location, null));
        Resource(seed.RegistryId, "Microsoft.ContainerRegistry/registries", seed.Registry, new JsonObject
        {
            ["loginServer"] = $"{seed.Registry}.azurecr.io",
            ["adminUserEnabled"] = false,
            ["roleAssignmentMode"] = seed.RegistryAbac ? "AbacRepositoryPermissions" : "LegacyRegistryPermissions",
            ["provisioningState"] = "Succeeded",
        }, new JsonObject { ["name"] = "Premium", ["tier"] = "Premium" });
        Resource($"{group}/providers/Microsoft.ContainerService/managedClusters/{seed.Cluster}", "Microsoft.ContainerService/managedClusters", seed.Cluster, new JsonObject
        {
            ["oidcIssuerProfile"] = new JsonObject { ["enabled"] = true, ["issuerURL"] = seed.ClusterOidcIssuer },
            ["provisioningState"] = "Succeeded",
        }, null);

        void Resource(string id, string type, string name, JsonObject properties, JsonObject? sku)
        {
            var resource = new JsonObject { ["id"] = id, ["name"] = name, ["type"] = type, ["location"] = seed.Location, ["tags"] = new JsonObject() };
            if (sku is not null)
            {
                resource["sku"] = sku;
            }

            resource["properties"] = properties;
            documents.Put("resource", id.ToLowerInvariant(), resource);
        }
    }

    /// <summary>The group that a resource is to live in; one that is being deleted takes nothing.</summary>
    public static JsonObject FindFor(Documents documents, AzureId id)
    {
        var group = documents.Get("resource-group", id.GroupKey) ?? throw AzureErrors.GroupNotFound(id.Group!);
        return group.Text("properties", "provisioningState") == "Deleting"
            ? throw AzureErrors.Refuse(
                409, "ResourceGroupBeingDeleted", $"The resource group '{id.Group}' is in deprovisioning state and cannot perform this operation.")
            : group;
    }

    public static void CheckLocation(string? location)
    {
        if (string.IsNullOrEmpty(location))
        {
            throw AzureErrors.Refuse(400, "LocationRequired", "The location property is required for this definition.");
        }

        if (!s_locations.Contains(Plain(location), StringComparer.Ordinal))
        {
            throw AzureErrors.Refuse(
                400,
                "LocationNotAvailableForResourceType",
                $"The provided location '{location}' is not available for resource type. List of available regions for the resource type is '{string.Join(',', s_locations)}'.");
        }
    }

    /// <summary><c>UK South</c> and <c>uksouth</c> are one place.</summary>
    public static string Plain(string location) => location.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();

    public static void CheckTags(JsonObject? tags)
    {
        if (tags?.Count > MaxTags || tags?.Any(t => t.Key.Length > 512 || t.Value?.ToString().Length > 256) == true)
        {
            throw AzureErrors.Refuse(400, "InvalidTagsCount", $"A resource can have at most {MaxTags} tags, names of 512 and values of 256 characters.");
        }
    }

    /// <summary>Everything inside goes, vaults into the deleted state, and then the group.</summary>
    public static void OnDeleted(Documents documents, string key, Action<Documents, JsonObject> deleteVault)
    {
        foreach (var (id, resource) in documents.List("resource", key + "/"))
        {
            if (resource.Text("type")!.Equals(KeyVaults.Type, StringComparison.OrdinalIgnoreCase))
            {
                deleteVault(documents, resource);
            }

            Identities.ForgetPrincipal(documents, resource);
            documents.Delete("resource", id);
        }

        foreach (var kind in (string[])["role-assignment", "lock", "diagnostic-setting"])
        {
            documents.DeleteAll(kind, key + "/");
        }

        documents.Delete("resource-group", key);
    }

    [GeneratedRegex(@"^[-\w\._\(\)]{1,90}$")]
    private static partial Regex GroupName();

    private static string Key(Call call) => $"/subscriptions/{call["sub"]}/resourcegroups/{call["group"]}".ToLowerInvariant();

    private static JsonObject Find(Call call) => call.Documents.Get("resource-group", Key(call)) ?? throw AzureErrors.GroupNotFound(call["group"]);

    /// <summary>One page, and the address of the next.</summary>
    private Reply Listed(Call call, List<(string Key, JsonObject Body)> items)
    {
        var size = context.Options.AzureMaxPageSize;
        var from = int.TryParse(call.Parameter("$skiptoken"), out var skipped) ? skipped : 0;
        var page = new JsonObject { ["value"] = Json.ToArray(items.Skip(from).Take(size).Select(i => (JsonNode)i.Body)) };
        if (from + size < items.Count)
        {
            page["nextLink"] = $"{call.BaseUrl}{call.RawPath}?api-version={call.Parameter("api-version")}&$skiptoken={from + size}";
        }

        return Reply.Json(200, page);
    }

    private JsonObject Subscription() => new()
    {
        ["id"] = $"/subscriptions/{context.Seed.SubscriptionId}",
        ["subscriptionId"] = context.Seed.SubscriptionId,
        ["displayName"] = "Sandbox",
        ["state"] = "Enabled",
        ["tenantId"] = context.Seed.TenantId,
        ["subscriptionPolicies"] = new JsonObject { ["locationPlacementId"] = "Public_2014-09-01", ["quotaId"] = "EnterpriseAgreement_2014-09-01", ["spendingLimit"] = "Off" },
    };

    private static JsonObject New(string id, string name, string location, JsonNode? tags) => new()
    {
        ["id"] = id,
        ["name"] = name,
        ["type"] = "Microsoft.Resources/resourceGroups",
        ["location"] = Plain(location),
        ["tags"] = tags.Copy() ?? new JsonObject(),
        ["properties"] = new JsonObject { ["provisioningState"] = "Succeeded" },
    };

    private static Reply Put(Call call)
    {
        AzureProviders.CheckVersion(call, "Microsoft.Resources", "resourceGroups");
        if (!GroupName().IsMatch(call["group"]) || call["group"].EndsWith('.'))
        {
            return AzureErrors.Reply(400, "InvalidResourceGroup", $"The provided resource group name '{call["group"]}' is not valid.");
        }

        var body = call.Object();
        CheckLocation(body.Text("location"));
        CheckTags(body.Object("tags"));
        var before = call.Documents.Get("resource-group", Key(call));
        if (before is not null)
        {
            FindFor(call.Documents, AzureId.Parse(call.RawPath)!);
            if (before.Text("location") != Plain(body.Text("location")!))
            {
                return AzureErrors.Reply(
                    409,
                    "InvalidResourceGroupLocation",
                    $"Invalid resource group location '{body.Text("location")}'. The Resource group already exists in location '{before.Text("location")}'.");
            }
        }

        var id = before.Text("id") ?? $"/subscriptions/{call["sub"]}/resourceGroups/{call["group"]}";
        var group = New(id, before.Text("name") ?? call["group"], body.Text("location")!, body["tags"]);
        call.Documents.Put("resource-group", Key(call), group);
        return Reply.Json(before is null ? 201 : 200, group);
    }

    private static Reply Patch(Call call)
    {
        var group = Find(call);
        var body = call.Object();
        CheckTags(body.Object("tags"));
        if (body["tags"] is not null)
        {
            group["tags"] = body["tags"].Copy();
            call.Documents.Put("resource-group", Key(call), group);
        }

        return Reply.Json(200, group);
    }

    private Reply Delete(Call call)
    {
        if (call.Documents.Get("resource-group", Key(call)) is not { } group)
        {
            throw AzureErrors.GroupNotFound(call["group"]);
        }

        locks.Check(call.Documents, Key(call));
        if (group.Text("properties", "provisioningState") != "Deleting")
        {
            group["properties"]!["provisioningState"] = "Deleting";
            call.Documents.Put("resource-group", Key(call), group);
            call.Documents.Schedule("delete-group", Key(call), context.Options.AzureOperationDuration);
        }

        var style = operations.Style(AzureOperationStyle.Location);
        return operations.Follow(
            call, Reply.Empty(202), style is AzureOperationStyle.ProvisioningState ? AzureOperationStyle.Location : style, call["sub"], Key(call));
    }

    private static (string Kind, string Key, JsonObject Body) Tagged(Call call)
    {
        var key = "/" + call["scope"].ToLowerInvariant();
        return call.Documents.Get("resource", key) is { } resource ? ("resource", key, resource)
            : call.Documents.Get("resource-group", key) is { } group ? ("resource-group", key, group)
            : throw AzureErrors.Refuse(404, "ResourceNotFound", $"The resource '/{call["scope"]}' was not found.");
    }

    private static Reply ShowTags(Call call) => TagsOf(call, Tagged(call).Body);

    private static Reply TagsOf(Call call, JsonObject body) => Reply.Json(200, new JsonObject
    {
        ["id"] = $"/{call["scope"]}/providers/Microsoft.Resources/tags/default",
        ["name"] = "default",
        ["type"] = "Microsoft.Resources/tags",
        ["properties"] = new JsonObject { ["tags"] = body["tags"].Copy() ?? new JsonObject() },
    });

    private static Reply PatchTags(Call call)
    {
        var (kind, key, target) = Tagged(call);
        var body = call.Object();
        var given = body.Object("properties", "tags") ?? [];
        var operation = call.Method == "PUT" ? "Replace" : body.Text("operation");
        var tags = operation == "Replace" ? [] : target.Object("tags")?.Copy() ?? [];
        foreach (var (name, value) in given)
        {
            if (operation == "Delete")
            {
                tags.Remove(name);
            }
            else
            {
                tags[name] = value.Copy();
            }
        }

        if (operation is not ("Replace" or "Merge" or "Delete"))
        {
            return AzureErrors.Reply(400, "InvalidRequestContent", "The operation must be Replace, Merge or Delete.");
        }

        CheckTags(tags);
        target["tags"] = tags;
        call.Documents.Put(kind, key, target);
        return TagsOf(call, target);
    }
}
