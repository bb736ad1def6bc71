using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Azure;

/// <summary>Key Vault's data plane: one host for each vault, a challenge first, and rights that take a while to arrive.</summary>
internal sealed class KeyVaultSystem(SandboxContext context, EntraTokens tokens) : SandboxSystem
{
    public const string SystemName = "keyvault";

    public override string Name => SystemName;

    public override bool Tls => true;

    public override IReadOnlyList<Route> Routes { get; } = new KeyVaultSecrets().Routes;

    public static string Vault(string host) => host.Split('.', 2)[0].ToLowerInvariant();

    public override bool IsSoftDeleted(string kind) => kind == "deleted-secret";

    public override Reply? Authenticate(Call call)
    {
        var arm = call.Documents.As("azure");
        var vault = arm.List("resource").Select(r => r.Body).FirstOrDefault(r =>
            r.Text("type") == KeyVaults.Type && r.Text("name")!.Equals(Vault(call.Host), StringComparison.OrdinalIgnoreCase));
        if (vault.Text("properties", "provisioningState") != "Succeeded")
        {
            // In reality the name doesn't resolve: the client sees no answer at all.
            return new Reply { Status = 503, Abort = true };
        }

        if (call.Credential("Bearer") is not { } token)
        {
            return Challenge(call, "AKV10000: Request is missing a Bearer or PoP token.");
        }

        if (tokens.Read(token, call.Now) is not { } claims || claims.Audience.TrimEnd('/') is not ("https://vault.azure.net" or "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"))
        {
            return Challenge(call, "AKV10022: Invalid audience or token.");
        }

        call.Caller = claims.ObjectId;
        if (call.Parameter("api-version") is null)
        {
            return AzureErrors.Reply(400, "BadParameter", "The parameter 'api-version' is required.");
        }

        if (!VaultFirewall.Admits(vault.Object("properties")!, call.Header(VaultFirewall.Header) ?? VaultFirewall.Anywhere))
        {
            return VaultFirewall.Refusal(call, Vault(call.Host));
        }

        var writes = call.Method != "GET";
        var allowed = RoleAssignments.Holds(
            arm,
            claims.ObjectId,
            vault.Text("id")!.ToLowerInvariant(),
            context.Options.RoleAssignmentPropagationDelay,
            writes ? [RoleAssignments.KeyVaultAdministrator, RoleAssignments.KeyVaultSecretsOfficer]
                : [RoleAssignments.KeyVaultAdministrator, RoleAssignments.KeyVaultSecretsOfficer, RoleAssignments.KeyVaultSecretsUser]);
        return allowed ? null : Forbidden(call);
    }

    public override Reply Error(Call call, int status) => status switch
    {
        401 => Challenge(call, "AKV10000: Request is missing a Bearer or PoP token."),
        403 => Forbidden(call),
        404 => AzureErrors.Reply(404, "SecretNotFound", "A secret with (name/id) was not found in this key vault."),
        429 => AzureErrors.Reply(429, "Throttled", "Request was not processed because too many requests were received.").With("Retry-After", "1"),
        _ => AzureErrors.Reply(status, status >= 500 ? "InternalError" : "BadParameter", "The request could not be processed."),
    };

    private Reply Challenge(Call call, string message)
    {
        var colon = call.Host.LastIndexOf(':');
        var login = $"https://localhost{(colon < 0 ? "" : call.Host[colon..])}/{context.Seed.TenantId}";
        return AzureErrors.Reply(401, "Unauthorized", message)
            .With("WWW-Authenticate", $"Bearer authorization=\"{login}\", resource=\"https://vault.azure.net\"");
    }

    private static Reply Forbidden(Call call) => Reply.Json(403, new JsonObject
    {
        ["error"] = new JsonObject
        {
            ["code"] = "Forbidden",
            ["message"] = $"Caller is not authorized to perform action on resource.\r\nCaller: oid={call.Caller}\r\nVault: {Vault(call.Host)}",
            ["innererror"] = new JsonObject { ["code"] = "ForbiddenByRbac" },
        },
    });
}

/// <summary>Secrets: every write a version of its own, deletion that can be undone. Values are kept only as long as they must be given out.</summary>
internal sealed partial class KeyVaultSecrets
{
    private const int RecoverableDays = 90;

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/secrets", call => Listed(call, call.Documents.List("secret", Prefix(call)).Select(s => Latest(call, s.Body)))),
        new("PUT", "/secrets/{name}", Put),
        new("GET", "/secrets/{name}", call => Reply.Json(200, Shown(call, Find(call), null, withValue: true))),
        new("GET", "/secrets/{name}/versions", call => Listed(call, (Find(call).Array("versions") ?? []).Select(v => (JsonNode)Shown(call, Find(call), v.Text("version"), false)))),
        new("GET", "/secrets/{name}/{version}", call => Reply.Json(200, Shown(call, Find(call), call["version"], withValue: true))),
        new("DELETE", "/secrets/{name}", Delete),
        new("GET", "/deletedsecrets/{name}", call => Reply.Json(200, ShownDeleted(call, FindDeleted(call)))),
        new("DELETE", "/deletedsecrets/{name}", Purge),
        new("POST", "/deletedsecrets/{name}/recover", Recover),
    ];

    public static void DeleteAll(Documents documents, string vault)
    {
        documents.DeleteAll("secret", vault + "/");
        documents.DeleteAll("deleted-secret", vault + "/");
    }

    [GeneratedRegex("^[0-9a-zA-Z-]{1,127}$")]
    private static partial Regex SecretName();

    private static string Prefix(Call call) => KeyVaultSystem.Vault(call.Host) + "/";

    private static string Key(Call call) => Prefix(call) + call["name"].ToLowerInvariant();

    private static JsonObject Find(Call call) => call.Documents.Get("secret", Key(call)) ?? throw NotFound(call);

    private static JsonObject FindDeleted(Call call) => call.Documents.Get("deleted-secret", Key(call)) ?? throw NotFound(call);

    private static Refusal NotFound(Call call) =>
        AzureErrors.Refuse(404, "SecretNotFound", $"A secret with (name/id) {call["name"]} was not found in this key vault.");

    private static Reply Listed(Call call, IEnumerable<JsonNode> items) => Reply.Json(200, new JsonObject { ["value"] = Json.ToArray(items), ["nextLink"] = null });

    private static JsonNode Latest(Call call, JsonObject secret) => Shown(call, secret, null, withValue: false, idWithVersion: false);

    private static JsonObject Shown(Call call, JsonObject secret, string? version, bool withValue, bool idWithVersion = true)
    {
        var versions = secret.Array("versions")!;
        var chosen = version is null ? versions[^1] : versions.FirstOrDefault(v => v.Text("version") == version) ?? throw NotFound(call);
        var shown = new JsonObject();
        if (withValue)
        {
            shown["value"] = chosen.Text("value");
        }

        shown["id"] = $"{call.BaseUrl}/secrets/{secret.Text("name")}{(idWithVersion ? "/" + chosen.Text("version") : "")}";
        shown["contentType"] = chosen.Text("contentType");
        shown["attributes"] = chosen!["attributes"].Copy();
        shown["tags"] = chosen["tags"].Copy() ?? new JsonObject();
        return shown;
    }

    private static Reply Put(Call call)
    {
        if (!SecretName().IsMatch(call["name"]))
        {
            return AzureErrors.Reply(400, "BadParameter", $"The request URI contains an invalid name: {call["name"]}");
        }

        if (call.Documents.Has("deleted-secret", Key(call)))
        {
            return Reply.Json(409, new JsonObject
            {
                ["error"] = new JsonObject
                {
                    ["code"] = "Conflict",
                    ["message"] = $"Secret {call["name"]} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.",
                    ["innererror"] = new JsonObject { ["code"] = "ObjectIsDeletedButRecoverable" },
                },
            });
        }

        var body = call.Object();
        if (body.Text("value") is null)
        {
            return AzureErrors.Reply(400, "BadParameter", "The request body must be specified.");
        }

        var secret = call.Documents.Get("secret", Key(call)) ?? new JsonObject { ["name"] = call["name"], ["versions"] = new JsonArray() };
        var attributes = body.Object("attributes")?.Copy() ?? new JsonObject { ["enabled"] = true };
        attributes["created"] = call.Now.ToUnixTimeSeconds();
        attributes["updated"] = call.Now.ToUnixTimeSeconds();
        attributes["recoveryLevel"] = "Recoverable";
        attributes["recoverableDays"] = RecoverableDays;
        secret.Array("versions")!.Add((JsonNode)new JsonObject
        {
            ["version"] = Convert.ToHexStringLower(call.Documents.NextBytes())[..32],
            ["value"] = body.Text("value"),
            ["contentType"] = body.Text("contentType"),
            ["tags"] = body["tags"].Copy(),
            ["attributes"] = attributes,
        });
        call.Documents.Put("secret", Key(call), secret);
        return Reply.Json(200, Shown(call, secret, null, withValue: true));
    }

    private static JsonObject ShownDeleted(Call call, JsonObject deleted)
    {
        var shown = Shown(call, deleted, null, withValue: false);
        shown["recoveryId"] = $"{call.BaseUrl}/deletedsecrets/{deleted.Text("name")}";
        shown["deletedDate"] = deleted.Number("deletedDate");
        shown["scheduledPurgeDate"] = deleted.Number("deletedDate") + (RecoverableDays * 86400L);
        return shown;
    }

    private static Reply Delete(Call call)
    {
        var secret = Find(call);
        secret["deletedDate"] = call.Now.ToUnixTimeSeconds();
        call.Documents.Delete("secret", Key(call));
        call.Documents.Put("deleted-secret", Key(call), secret);
        return Reply.Json(200, ShownDeleted(call, secret));
    }

    private static Reply Purge(Call call)
    {
        FindDeleted(call);
        call.Documents.Delete("deleted-secret", Key(call));
        return Reply.Empty(204);
    }

    private static Reply Recover(Call call)
    {
        var secret = FindDeleted(call);
        secret.Remove("deletedDate");
        call.Documents.Delete("deleted-secret", Key(call));
        call.Documents.Put("secret", Key(call), secret);
        return Reply.Json(200, Shown(call, secret, null, withValue: false));
    }
}
