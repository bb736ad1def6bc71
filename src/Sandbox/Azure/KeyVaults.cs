using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Azure;

/// <summary>Key vaults: names that all the world shares, deletion that can be undone, protection that can't.</summary>
internal sealed partial class KeyVaults(SandboxContext context, Operations operations)
{
    public const string Type = "Microsoft.KeyVault/vaults";
    private const int DefaultRetentionDays = 90;
    private const string Deleted = "/subscriptions/{sub}/providers/Microsoft.KeyVault/locations/{location}/deletedVaults/{vault}";

    public IReadOnlyList<ResourceKind> Kinds =>
        [new(Type, AzureOperationStyle.ProvisioningState, Prepare, SoftDelete) { Creating = "RegisteringDns" }];

    public IReadOnlyList<Route> Routes =>
    [
        new("POST", "/subscriptions/{sub}/providers/Microsoft.KeyVault/checkNameAvailability", CheckName),
        new("GET", "/subscriptions/{sub}/providers/Microsoft.KeyVault/deletedVaults", call => Reply.Json(200, new JsonObject
        {
            ["value"] = Json.ToArray(call.Documents.List("deleted-vault").Select(v => (JsonNode)Shown(v.Body))),
        })),
        new("GET", Deleted, call => Reply.Json(200, Shown(FindDeleted(call)))),
        new("POST", Deleted + "/purge", Purge),
    ];

    /// <summary>Moves a vault to where it can be recovered from until its retention is over.</summary>
    public void SoftDelete(Documents documents, JsonObject vault)
    {
        var days = vault.Number("properties", "softDeleteRetentionInDays") ?? DefaultRetentionDays;
        var key = vault.Text("name")!.ToLowerInvariant();
        documents.Put("deleted-vault", key, new JsonObject
        {
            ["vault"] = vault.Copy(), ["deletionDate"] = documents.Now.Fractions(), ["scheduledPurgeDate"] = documents.Now.AddDays(days).Fractions(),
        });
        documents.Schedule("purge-vault", key, TimeSpan.FromDays(days));
    }

    /// <summary>A deleted vault is gone for good, by request or because its time is over.</summary>
    public static void OnPurge(Documents documents, string key)
    {
        if (documents.Get("deleted-vault", key) is { } deleted
            && (deleted.Flag("purging") || Json.ToTime(deleted.Text("scheduledPurgeDate")) <= documents.Now))
        {
            documents.Delete("deleted-vault", key);
            KeyVaultSecrets.DeleteAll(documents.As(KeyVaultSystem.SystemName), key);
        }
    }

    [GeneratedRegex("^[A-Za-z](?!.*--)[A-Za-z0-9-]{1,22}[A-Za-z0-9]$")]
    private static partial Regex VaultName();

    private static JsonObject FindDeleted(Call call)
    {
        AzureProviders.CheckRegistered(call.Documents, "Microsoft.KeyVault");
        var deleted = call.Documents.Get("deleted-vault", call["vault"].ToLowerInvariant());
        return deleted is null || deleted.Text("vault", "location") != ResourceGroups.Plain(call["location"])
            ? throw AzureErrors.Refuse(404, "DeletedVaultNotFound", $"The specified deleted vault '{call["vault"]}' does not exist.")
            : deleted;
    }

    private JsonObject Shown(JsonObject deleted)
    {
        var vault = deleted.Object("vault")!;
        return new JsonObject
        {
            ["id"] = $"/subscriptions/{context.Seed.SubscriptionId}/providers/Microsoft.KeyVault/locations/{vault.Text("location")}/deletedVaults/{vault.Text("name")}",
            ["name"] = vault.Text("name"),
            ["type"] = "Microsoft.KeyVault/deletedVaults",
            ["properties"] = new JsonObject
            {
                ["vaultId"] = vault.Text("id"),
                ["location"] = vault.Text("location"),
                ["tags"] = vault["tags"].Copy(),
                ["deletionDate"] = deleted.Text("deletionDate"),
                ["scheduledPurgeDate"] = deleted.Text("scheduledPurgeDate"),
                ["purgeProtectionEnabled"] = vault.Flag("properties", "enablePurgeProtection"),
            },
        };
    }

    private bool TakenElsewhere(string name) => context.Seed.VaultNamesTakenElsewhere.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool TakenHere(Call call, string name, string? exceptKey) => call.Documents.List("resource").Exists(r =>
        r.Body.Text("type") == Type && r.Key != exceptKey && r.Body.Text("name")!.Equals(name, StringComparison.OrdinalIgnoreCase));

    private Reply CheckName(Call call)
    {
        AzureProviders.CheckVersion(call, "Microsoft.KeyVault", "checkNameAvailability");
        var name = call.Object().Text("name") ?? "";
        var reason = !VaultName().IsMatch(name) ? "AccountNameInvalid"
            : TakenElsewhere(name) || TakenHere(call, name, null) || call.Documents.Has("deleted-vault", name.ToLowerInvariant()) ? "AlreadyExists"
            : null;
        return Reply.Json(200, reason is null
            ? new JsonObject { ["nameAvailable"] = true }
            : new JsonObject { ["nameAvailable"] = false, ["reason"] = reason, ["message"] = $"The vault name '{name}' is {(reason == "AlreadyExists" ? "already in use" : "invalid")}." });
    }

    private Reply Purge(Call call)
    {
        var deleted = FindDeleted(call);
        if (deleted.Flag("vault", "properties", "enablePurgeProtection"))
        {
            return AzureErrors.Reply(405, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.");
        }

        var key = call["vault"].ToLowerInvariant();
        deleted["purging"] = true;
        call.Documents.Put("deleted-vault", key, deleted);
        call.Documents.Schedule("purge-vault", key, context.Options.AzureOperationDuration);
        var style = operations.Style(AzureOperationStyle.Location);
        return operations.Follow(
            call, Reply.Empty(202), style is AzureOperationStyle.ProvisioningState ? AzureOperationStyle.Location : style, call["sub"], call.RawPath);
    }

    private void Prepare(Call call, AzureId id, JsonObject? before, JsonObject resource)
    {
        if (!VaultName().IsMatch(id.Name))
        {
            throw AzureErrors.Refuse(
                400,
                "VaultNameNotValid",
                $"The vault name '{id.Name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens.");
        }

        var properties = resource.Object("properties")!;
        var recover = properties.Text("createMode") == "recover";
        properties.Remove("createMode");
        if (before is null)
        {
            if (TakenElsewhere(id.Name) || TakenHere(call, id.Name, id.Key))
            {
                throw AzureErrors.Refuse(
                    409, "VaultAlreadyExists", $"The vault name '{id.Name}' is already in use. Vault names are globally unique so it is possible that the name is already taken.");
            }

            before = Revive(call, id, resource, recover);
            properties = resource.Object("properties")!;
        }

        if (string.IsNullOrEmpty(properties.Text("tenantId")) || properties.Text("sku", "name") is not ("standard" or "premium"))
        {
            throw AzureErrors.Refuse(400, "BadRequest", "properties.tenantId and properties.sku are required.");
        }

        CheckProtection(before, properties);
        properties["enableSoftDelete"] = true;
        properties["softDeleteRetentionInDays"] ??= before?["properties"]?["softDeleteRetentionInDays"].Copy() ?? DefaultRetentionDays;
        var newDefault = string.CompareOrdinal(call.Parameter("api-version"), "2026-02-01") >= 0;
        properties["enableRbacAuthorization"] ??= before?["properties"]?["enableRbacAuthorization"].Copy() ?? newDefault;
        properties["publicNetworkAccess"] ??= "Enabled";
        properties["accessPolicies"] ??= new JsonArray();
        var colon = call.Host.LastIndexOf(':');
        properties["vaultUri"] = $"https://{id.Name.ToLowerInvariant()}.localhost{(colon < 0 ? "" : call.Host[colon..])}/";
    }

    /// <summary>What a soft-deleted vault of the same name means for a new one.</summary>
    private static JsonObject? Revive(Call call, AzureId id, JsonObject resource, bool recover)
    {
        var key = id.Name.ToLowerInvariant();
        if (call.Documents.Get("deleted-vault", key) is not { } deleted)
        {
            return recover
                ? throw AzureErrors.Refuse(404, "DeletedVaultNotFound", $"The specified deleted vault '{id.Name}' does not exist.")
                : null;
        }

        if (!recover || deleted.Flag("purging"))
        {
            throw AzureErrors.Refuse(
                409,
                "ConflictError",
                $"A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete. Vault name: {id.Name}");
        }

        call.Documents.Delete("deleted-vault", key);
        var vault = deleted.Object("vault")!;
        resource["properties"] = vault["properties"].Copy();
        resource["properties"]!.AsObject().Remove("provisioningState");
        return vault;
    }

    private static void CheckProtection(JsonObject? before, JsonObject properties)
    {
        static Refusal Bad(string message) => AzureErrors.Refuse(400, "BadRequest", message);

        if (properties["enablePurgeProtection"] is JsonValue purge && purge.TryGetValue<bool>(out var on) && !on)
        {
            throw Bad("The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.");
        }

        if (properties["enableSoftDelete"] is JsonValue soft && soft.TryGetValue<bool>(out var kept) && !kept)
        {
            throw Bad("The property \"enableSoftDelete\" can be set to false only for creating new vault with legacy API versions.");
        }

        if (properties.Number("softDeleteRetentionInDays") is { } days)
        {
            if (days is < 7 or > 90)
            {
                throw Bad(string.Create(CultureInfo.InvariantCulture, $"softDeleteRetentionInDays must be between 7 and 90, not {days}."));
            }

            if (before.Number("properties", "softDeleteRetentionInDays") is { } fixedDays && fixedDays != days)
            {
                throw Bad("The property \"softDeleteRetentionInDays\" has been set already and it can't be modified.");
            }
        }

        if (before.Flag("properties", "enablePurgeProtection"))
        {
            properties["enablePurgeProtection"] = true;
        }
    }
}
