using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Azure;

/// <summary>Role assignments, with the principals that the directory has replicated so far.</summary>
internal sealed class RoleAssignments(SandboxContext context)
{
    private const string Path = "/{**scope}/providers/Microsoft.Authorization/roleAssignments";

    private static readonly Dictionary<string, string> s_roles = new(StringComparer.OrdinalIgnoreCase)
    {
        ["8e3af657-a8ff-443c-a75c-2fe8c4bcb635"] = "Owner",
        ["b24988ac-6180-42a0-ab88-20f7382dd24c"] = "Contributor",
        ["acdd72a7-3385-48ef-bd42-f606fba81ae7"] = "Reader",
        ["18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"] = "User Access Administrator",
        ["f58310d9-a9f6-439a-9e8d-f62e7b41a168"] = "Role Based Access Control Administrator",
        ["7f951dda-4ed3-4680-a7ca-43fe172d538d"] = "AcrPull",
        ["8311e382-0749-4cb8-b61a-304f252e45ec"] = "AcrPush",
        ["c2f4ef07-c644-48eb-af81-4b1b4947fb11"] = "AcrDelete",
        ["b93aa761-3e63-49ed-ac28-beffa264f7ac"] = "Container Registry Repository Reader",
        ["2a1e307c-b015-4ebd-883e-5b7698a07328"] = "Container Registry Repository Writer",
        ["2efddaa5-3f1f-4df3-97df-af3f13818f4c"] = "Container Registry Repository Contributor",
        [KeyVaultAdministrator] = "Key Vault Administrator",
        [KeyVaultSecretsOfficer] = "Key Vault Secrets Officer",
        [KeyVaultSecretsUser] = "Key Vault Secrets User",
        ["21090545-7ca7-4776-b22c-e363652d74d2"] = "Key Vault Reader",
        ["f25e0fa2-a7c8-4377-a976-54943a77a395"] = "Key Vault Contributor",
        ["f1a07417-d97a-45cb-824c-7a7467783830"] = "Managed Identity Operator",
        ["e40ec5ca-96e0-45a2-b4ff-59039f2c2b59"] = "Managed Identity Contributor",
        ["4abbcc35-e782-43d8-92c5-2d3f1bd2253f"] = "Azure Kubernetes Service Cluster User Role",
        ["7f6c6a51-bcf8-42ba-9220-52d62157d7db"] = "Azure Kubernetes Service RBAC Reader",
        ["a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb"] = "Azure Kubernetes Service RBAC Writer",
        ["43d0d8ad-25c7-4714-9337-8ba259a9fe05"] = "Monitoring Reader",
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
        ["2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"] = "Storage Blob Data Reader",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
    };

    public const string KeyVaultAdministrator = "00482a5a-887f-4fb3-b363-3b7fe8e74483";
    public const string KeyVaultSecretsOfficer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
    public const string KeyVaultSecretsUser = "4633458b-17de-408a-b874-0445c86b69e6";

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", Path, List),
        new("GET", Path + "/{name}", call => call.Documents.Get("role-assignment", Key(call)) is { } found ? Reply.Json(200, found) : NotFound(call)),
        new("PUT", Path + "/{name}", Put),
        new("DELETE", Path + "/{name}", Delete),
        new("GET", "/{**scope}/providers/Microsoft.Authorization/roleDefinitions/{name}", ShowDefinition),
    ];

    public void Seed(Documents documents)
    {
        foreach (var group in context.Seed.EntraGroups)
        {
            AddPrincipal(documents, group, "Group", TimeSpan.Zero);
        }

        AddPrincipal(documents, OrchestratorObjectId, "ServicePrincipal", TimeSpan.Zero);
    }

    /// <summary>Object id of the orchestrator's own service principal.</summary>
    public static string OrchestratorObjectId => "55555555-5555-4555-8555-555555555555";

    public static void AddPrincipal(Documents documents, string id, string type, TimeSpan replication) =>
        documents.Put("principal", id.ToLowerInvariant(), new JsonObject { ["type"] = type, ["visibleAt"] = (documents.Now + replication).Fractions() });

    /// <summary>Whether a principal has had one of these roles at or above a scope for at least so long.</summary>
    public static bool Holds(Documents documents, string principal, string scopeKey, TimeSpan since, params ReadOnlySpan<string> roles)
    {
        foreach (var (_, assignment) in documents.List("role-assignment"))
        {
            var properties = assignment.Object("properties")!;
            var scope = properties.Text("scope")!.ToLowerInvariant();
            if (properties.Text("principalId")!.Equals(principal, StringComparison.OrdinalIgnoreCase)
                && (scopeKey == scope || scopeKey.StartsWith(scope + "/", StringComparison.Ordinal))
                && Json.ToTime(properties.Text("createdOn")) + since <= documents.Now
                && roles.Contains(RoleGuid(properties.Text("roleDefinitionId")!)))
            {
                return true;
            }
        }

        return false;
    }

    private static string RoleGuid(string definition) => definition[(definition.LastIndexOf('/') + 1)..].ToLowerInvariant();

    private static string Key(Call call) => $"/{call["scope"]}/providers/microsoft.authorization/roleassignments/{call["name"]}".ToLowerInvariant().Replace("//", "/", StringComparison.Ordinal);

    private static Reply NotFound(Call call) =>
        AzureErrors.Reply(404, "RoleAssignmentNotFound", $"The role assignment '{call["name"]}' is not found.");

    private Reply Put(Call call)
    {
        AzureProviders.CheckVersion(call, "Microsoft.Authorization", "roleAssignments");
        if (!Guid.TryParse(call["name"], out _))
        {
            return AzureErrors.Reply(
                400, "InvalidRoleAssignmentId", $"The role assignment ID '{call["name"]}' is not valid. The role assignment ID must be a GUID.");
        }

        CheckScope(call, "/" + call["scope"]);
        var wanted = call.Object().Object("properties") ?? [];
        if (wanted.Text("roleDefinitionId") is not { } definition || wanted.Text("principalId") is not { } principal)
        {
            return AzureErrors.Reply(400, "InvalidRequestContent", "roleDefinitionId and principalId are required.");
        }

        if (!s_roles.ContainsKey(RoleGuid(definition)))
        {
            return AzureErrors.Reply(400, "RoleDefinitionDoesNotExist", $"The specified role definition with ID '{RoleGuid(definition)}' does not exist.");
        }

        var scope = "/" + call["scope"];
        if (call.Documents.Get("role-assignment", Key(call)) is { } before)
        {
            return Repeat(call, before, wanted);
        }

        if (call.Documents.List("role-assignment").Find(a => IsSame(a.Body, scope, principal, definition)).Body is { } existing)
        {
            return AzureErrors.Reply(
                409,
                "RoleAssignmentExists",
                $"The role assignment already exists. The ID of the existing role assignment is {existing.Text("name")!.Replace("-", "", StringComparison.Ordinal)}.");
        }

        CheckPrincipal(call, principal, wanted.Text("principalType"));
        var properties = wanted.Copy();
        properties["principalType"] = wanted.Text("principalType") ?? call.Documents.Get("principal", principal.ToLowerInvariant()).Text("type");
        properties["scope"] = scope;
        properties["createdOn"] = call.Now.Fractions();
        properties["updatedOn"] = call.Now.Fractions();
        var assignment = new JsonObject
        {
            ["id"] = $"{scope}/providers/Microsoft.Authorization/roleAssignments/{call["name"]}",
            ["name"] = call["name"],
            ["type"] = "Microsoft.Authorization/roleAssignments",
            ["properties"] = properties,
        };
        call.Documents.Put("role-assignment", Key(call), assignment);
        return Reply.Json(201, assignment);
    }

    private static Reply Repeat(Call call, JsonObject before, JsonObject wanted)
    {
        if (!IsSame(before, before.Text("properties", "scope")!, wanted.Text("principalId")!, wanted.Text("roleDefinitionId")!))
        {
            return AzureErrors.Reply(
                400, "RoleAssignmentUpdateNotPermitted", "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.");
        }

        foreach (var field in (string[])["description", "condition", "conditionVersion"])
        {
            if (wanted.ContainsKey(field))
            {
                before["properties"]![field] = wanted[field].Copy();
            }
        }

        call.Documents.Put("role-assignment", Key(call), before);
        return Reply.Json(200, before);
    }

    private static bool IsSame(JsonObject assignment, string scope, string principal, string definition)
    {
        var properties = assignment.Object("properties")!;
        return properties.Text("scope")!.Equals(scope, StringComparison.OrdinalIgnoreCase)
            && properties.Text("principalId")!.Equals(principal, StringComparison.OrdinalIgnoreCase)
            && RoleGuid(properties.Text("roleDefinitionId")!) == RoleGuid(definition);
    }

    private static void CheckPrincipal(Call call, string id, string? type)
    {
        var principal = call.Documents.Get("principal", id.ToLowerInvariant());
        var replicated = Json.ToTime(principal.Text("visibleAt")) <= call.Now;
        if (principal is null || (!replicated && type is null))
        {
            throw AzureErrors.Refuse(
                400,
                "PrincipalNotFound",
                $"Principal {id.Replace("-", "", StringComparison.Ordinal)} does not exist in the directory. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.");
        }

        if (type is not null && principal.Text("type") != type)
        {
            throw AzureErrors.Refuse(
                400, "UnmatchedPrincipalType", $"The PrincipalId '{id}' has type '{principal.Text("type")}', which is different from specified PrincipalType '{type}'.");
        }
    }

    private static void CheckScope(Call call, string scope)
    {
        var key = scope.ToLowerInvariant();
        if (AzureId.Parse(scope) is { Group: not null } id && !call.Documents.Has("resource-group", id.GroupKey))
        {
            throw AzureErrors.GroupNotFound(id.Group);
        }

        if (AzureId.Parse(scope) is { Parts.Count: > 0 } resource && !call.Documents.Has("resource", key))
        {
            throw AzureErrors.ResourceNotFound(resource.Type, resource.Name, resource.Group!);
        }
    }

    private Reply Delete(Call call)
    {
        if (call.Documents.Get("role-assignment", Key(call)) is not { } assignment)
        {
            return Reply.Empty(204);
        }

        new Locks().Check(call.Documents, Key(call));
        call.Documents.Delete("role-assignment", Key(call));
        return Reply.Json(200, assignment);
    }

    private static Reply List(Call call)
    {
        var scope = "/" + call["scope"].ToLowerInvariant();
        var filter = call.Parameter("$filter") ?? "";
        var principal = filter.Contains("principalId eq '", StringComparison.OrdinalIgnoreCase) || filter.Contains("assignedTo('", StringComparison.OrdinalIgnoreCase)
            ? filter.Split('\'')[1]
            : null;
        var atScope = filter.Contains("atScope()", StringComparison.OrdinalIgnoreCase);
        var found = call.Documents.List("role-assignment").Select(a => a.Body).Where(a =>
        {
            var own = a.Text("properties", "scope")!.ToLowerInvariant();
            var above = scope == own || scope.StartsWith(own + "/", StringComparison.Ordinal);
            return (above || (!atScope && own.StartsWith(scope + "/", StringComparison.Ordinal)))
                && (principal is null || principal.Equals(a.Text("properties", "principalId"), StringComparison.OrdinalIgnoreCase));
        });
        return Reply.Json(200, new JsonObject { ["value"] = Json.ToArray(found.Select(a => (JsonNode)a)) });
    }

    private static Reply ShowDefinition(Call call) => s_roles.TryGetValue(call["name"], out var role)
        ? Reply.Json(200, new JsonObject
        {
            ["id"] = $"/{call["scope"]}/providers/Microsoft.Authorization/roleDefinitions/{call["name"]}",
            ["name"] = call["name"],
            ["type"] = "Microsoft.Authorization/roleDefinitions",
            ["properties"] = new JsonObject { ["roleName"] = role, ["type"] = "BuiltInRole" },
        })
        : AzureErrors.Reply(404, "RoleDefinitionDoesNotExist", $"The specified role definition with ID '{call["name"]}' does not exist.");
}
