using System.Text.Json.Nodes;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Azure;

/// <summary>
/// The service's vault. Names of vaults are global and stay taken after deletion, so the names derived for the run are tried in
/// order: ours if we made it, brought back if an earlier run of this service had deleted it, else the next one.
/// </summary>
public sealed class KeyVaultActivities
{
    private const int PurgeNotAllowed = 405;
    private const string Provider = "Microsoft.KeyVault";
    private static readonly TimeSpan RegistrationWait = TimeSpan.FromSeconds(10);

    private readonly AzureClient azure;
    private readonly AzureOptions options;

    internal KeyVaultActivities(AzureClient azure, AzureOptions options)
    {
        this.azure = azure;
        this.options = options;
    }

    [Activity(ActivityNames.CreateKeyVault)]
    public async Task<StepResult> CreateAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        foreach (var name in input.Names.KeyVaults)
        {
            if (await azure.FindAsync(AzureNames.Vault(input, name), cancellationToken) is { } existing && AzureNames.IsOwn(existing, input))
                return Result(input, existing);
        }
        foreach (var name in input.Names.KeyVaults)
        {
            if (await TryCreateAsync(input, name, cancellationToken) is { } made)
                return Result(input, made);
        }
        throw Failures.Of(ErrorTypes.NameTaken, "Azure", $"every vault name is taken: {string.Join(", ", input.Names.KeyVaults)}",
            "Choose another service name.");
    }

    /// <summary>Deletes the vault softly, and purges it where the platform allows that, so that its name is free again.</summary>
    [Activity(ActivityNames.DeleteKeyVault)]
    public async Task<UndoResult> DeleteAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        foreach (var name in input.Names.KeyVaults)
        {
            var id = AzureNames.Vault(input, name);
            var found = await azure.FindAsync(id, cancellationToken);
            if (found is not null && AzureNames.IsOwn(found, input))
            {
                await azure.DeleteAsync(id, cancellationToken);
                if (await azure.FindAsync(id, cancellationToken) is not null)
                    return Removing($"vault {name}");
            }
            if (!options.VaultPurgeProtection && !await PurgeAsync(input, name, cancellationToken))
                return Removing($"deleted vault {name}");
        }
        return Undone;
    }

    private async Task<AzureResource?> TryCreateAsync(StepInput input, string name, CancellationToken cancellationToken)
    {
        var deleted = await azure.FindAsync(AzureNames.DeletedVault(input, name), cancellationToken);
        var recover = deleted is not null && AzureNames.IsSameService(DeletedTags(deleted), input) && IsSameId(deleted, input, name);
        if (deleted is not null && !recover)
            return null;
        try
        {
            return await azure.PutAsync(
                AzureNames.Vault(input, name),
                AzureNames.Region(input),
                Properties(input, recover),
                AzureNames.Tags(input),
                cancellationToken,
                "VaultAlreadyExists", "ConflictError", "MissingSubscriptionRegistration");
        }
        catch (AzureRefusal refusal) when (refusal.Code != "MissingSubscriptionRegistration")
        {
            return null;
        }
        catch (AzureRefusal refusal)
        {
            await azure.RegisterProviderAsync(input.Platform.Azure.SubscriptionId, Provider, cancellationToken);
            throw Failures.Transient("Azure", $"{Provider} is being registered: {refusal.Message}", retryAfter: RegistrationWait);
        }
    }

    private JsonObject Properties(StepInput input, bool recover)
    {
        var properties = new JsonObject
        {
            ["tenantId"] = input.Platform.Azure.TenantId,
            ["sku"] = new JsonObject { ["family"] = "A", ["name"] = "standard" },
        };
        if (recover)
        {
            properties["createMode"] = "recover";
            return properties;
        }
        properties["enableRbacAuthorization"] = true;
        properties["enableSoftDelete"] = true;
        properties["softDeleteRetentionInDays"] = options.VaultRetentionDays;
        // Once true it can't be false again, and false itself is refused: it is sent or left out.
        if (options.VaultPurgeProtection)
            properties["enablePurgeProtection"] = true;
        properties["publicNetworkAccess"] = "Enabled";
        properties["networkAcls"] = new JsonObject
        {
            ["defaultAction"] = "Deny",
            ["bypass"] = "AzureServices",
            ["ipRules"] = new JsonArray(),
            ["virtualNetworkRules"] = new JsonArray(),
        };
        return properties;
    }

    /// <summary>True when there is no deleted vault of this run under the name, or it may not be purged.</summary>
    private async Task<bool> PurgeAsync(StepInput input, string name, CancellationToken cancellationToken)
    {
        var id = AzureNames.DeletedVault(input, name);
        if (await azure.FindAsync(id, cancellationToken) is not { } deleted || !AzureNames.IsOwn(DeletedTags(deleted), input))
            return true;
        var status = await azure.PostAsync($"{id}/purge", AzureVersions.KeyVault, cancellationToken, PurgeNotAllowed, 404, 409);
        return status == PurgeNotAllowed || await azure.FindAsync(id, cancellationToken) is null;
    }

    private static Dictionary<string, string> DeletedTags(AzureResource deleted) =>
        (deleted.Properties.At("tags") as JsonObject)?.ToDictionary(t => t.Key, t => t.Value?.ToString() ?? "", StringComparer.OrdinalIgnoreCase) ?? [];

    private static bool IsSameId(AzureResource deleted, StepInput input, string name) =>
        string.Equals(deleted.Properties.Text("vaultId"), AzureNames.Vault(input, name), StringComparison.OrdinalIgnoreCase);

    private static StepResult Result(StepInput input, AzureResource vault)
    {
        var resource = new StepResource("key vault", vault.Id, "", Created: true);
        return vault.IsReady
            ? Done(
                resource,
                AzureNames.Link(input, vault.Id),
                (StepFacts.VaultId, vault.Id),
                (StepFacts.VaultName, vault.Name),
                (StepFacts.VaultUri, vault.Properties.Text("vaultUri") ?? $"https://{vault.Name}.vault.azure.net/"))
            : NotReady($"vault {vault.Name}", [resource]);
    }
}
