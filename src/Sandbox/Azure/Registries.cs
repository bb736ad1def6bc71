using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Azure;

/// <summary>Container registries, their scope maps and tokens.</summary>
internal sealed partial class Registries
{
    private const string Registry = "Microsoft.ContainerRegistry/registries";

    public IReadOnlyList<ResourceKind> Kinds =>
    [
        new(Registry, AzureOperationStyle.AsyncOperation, PrepareRegistry),
        new(Registry + "/scopeMaps", AzureOperationStyle.AsyncOperation, PrepareScopeMap) { Located = false },
        new(Registry + "/tokens", AzureOperationStyle.AsyncOperation, PrepareToken) { Located = false },
    ];

    public IReadOnlyList<Route> Routes =>
    [
        new("POST", "/subscriptions/{sub}/providers/Microsoft.ContainerRegistry/checkNameAvailability", CheckName),
        new("POST", "/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.ContainerRegistry/registries/{registry}/generateCredentials", Generate),
    ];

    [GeneratedRegex("^[A-Za-z0-9]{5,50}$")]
    private static partial Regex RegistryName();

    [GeneratedRegex("^[A-Za-z0-9-]{5,50}$")]
    private static partial Regex ScopeName();

    private static bool Taken(Call call, string name, string? exceptKey) => call.Documents.List("resource").Exists(r =>
        r.Body.Text("type") == Registry && r.Key != exceptKey && r.Body.Text("name")!.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static Reply CheckName(Call call)
    {
        var name = call.Object().Text("name") ?? "";
        var (available, reason) = !RegistryName().IsMatch(name) ? (false, "Invalid") : Taken(call, name, null) ? (false, "AlreadyExists") : (true, null);
        return Reply.Json(200, new JsonObject { ["nameAvailable"] = available, ["reason"] = reason, ["message"] = available ? null : $"The registry {name} is not available." });
    }

    private static void PrepareRegistry(Call call, AzureId id, JsonObject? before, JsonObject resource)
    {
        if (!RegistryName().IsMatch(id.Name))
        {
            throw AzureErrors.Refuse(400, "InvalidParameter", "Registry names may contain alpha numeric characters only and must be between 5 and 50 characters.");
        }

        if (Taken(call, id.Name, id.Key))
        {
            throw AzureErrors.Refuse(409, "AlreadyInUse", $"The registry DNS name {id.Name.ToLowerInvariant()}.azurecr.io is already in use.");
        }

        if (resource.Text("sku", "name") is not ("Basic" or "Standard" or "Premium"))
        {
            throw AzureErrors.Refuse(400, "InvalidParameter", "sku.name must be Basic, Standard or Premium.");
        }

        resource["properties"]!["loginServer"] = $"{id.Name.ToLowerInvariant()}.azurecr.io";
    }

    private static void PrepareScopeMap(Call call, AzureId id, JsonObject? before, JsonObject resource)
    {
        var actions = resource.Texts("properties", "actions").ToList();
        if (!ScopeName().IsMatch(id.Name) || actions.Count == 0 || actions.Exists(a => !a.StartsWith("repositories/", StringComparison.Ordinal) && !a.StartsWith("gateway/", StringComparison.Ordinal)))
        {
            throw AzureErrors.Refuse(400, "InvalidParameter", "A scope map needs a name of 5 to 50 letters, digits or '-' and actions on repositories.");
        }
    }

    private static void PrepareToken(Call call, AzureId id, JsonObject? before, JsonObject resource)
    {
        if (!ScopeName().IsMatch(id.Name) || !call.Documents.Has("resource", (resource.Text("properties", "scopeMapId") ?? "").ToLowerInvariant()))
        {
            throw AzureErrors.Refuse(400, "InvalidParameter", "A token needs a name of 5 to 50 letters, digits or '-' and the id of a scope map that exists.");
        }
    }

    /// <summary>Each call makes a new password; the one before no longer works. Only the count is kept.</summary>
    private static Reply Generate(Call call)
    {
        var body = call.Object();
        var key = (body.Text("tokenId") ?? "").ToLowerInvariant();
        if (call.Documents.Get("resource", key) is not { } token)
        {
            return AzureErrors.Reply(404, "ResourceNotFound", $"The token '{body.Text("tokenId")}' was not found.");
        }

        token["properties"]!["credentialGeneration"] = (token.Number("properties", "credentialGeneration") ?? 0) + 1;
        call.Documents.Put("resource", key, token);
        var password = Convert.ToBase64String(call.Documents.NextBytes());
        return Reply.Json(200, new JsonObject
        {
            ["username"] = token.Text("name"),
            ["passwords"] = new JsonArray(new JsonObject { ["name"] = body.Text("name") ?? "password1", ["value"] = password, ["creationTime"] = call.Now.Fractions() }),
        });
    }
}
