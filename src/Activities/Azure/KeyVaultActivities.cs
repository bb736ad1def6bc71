using System.Text.Json.Nodes;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using Temporalio.Exceptions;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Azure;

/// <summary>
/// The service's vault. Names of vaults are global and stay taken after deletion, so the names derived for the run are tried in
/// order: ours if we made it, brought back if an earlier run of this service had deleted it, else the next one.
/// </summary>
public sealed class KeyVaultActivities
{
    private const int PurgeNotAllowed = 405;

    private sealed record OwnVault(AzureResource Vault, bool IsDeleted, bool IsProtected = false);

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
        if (await ExistingAsync(input, cancellationToken) is { } known)
            return known;
        try
        {
            foreach (var name in input.Names.KeyVaults)
            {
                if (await TryCreateAsync(input, name, cancellationToken) is { } made)
                    return Result(input, made);
            }
        }
        catch (ApplicationFailureException e) when (e.ErrorType == ErrorTypes.Validation)
        {
            // Reads lag behind writes: what an earlier attempt made may not have been seen, and be refused for what can't be changed any more.
            if (await azure.FindLongAsync(() => ExistingAsync(input, cancellationToken), cancellationToken) is { } seen)
                return seen;
            throw;
        }
        throw Failures.Of(ErrorTypes.NameTaken, "Azure", $"every vault name is taken: {string.Join(", ", input.Names.KeyVaults)}",
            "Choose another service name.");
    }

    /// <summary>Deletes the vault softly, and purges it where the platform allows that, so that its name is free again.</summary>
    [Activity(ActivityNames.DeleteKeyVault)]
    public async Task<UndoResult> DeleteAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        // Which it was, if it is known; else all that it can have been.
        var known = input.Names.KeyVaults.Where(n => result?.Resources.Any(r => r.Id.EndsWith($"/{n}", StringComparison.OrdinalIgnoreCase)) == true).ToList();
        var names = known.Count > 0 ? known : input.Names.KeyVaults;
        if (await azure.FindLongAsync(() => FindOwnAsync(input, names, cancellationToken), cancellationToken) is not { } own)
            return Undone;
        if (!own.IsDeleted)
            await azure.DeleteAsync(own.Vault.Id, cancellationToken);
        else if (options.VaultPurgeProtection || own.IsProtected || !await PurgeAsync(own.Vault.Id, cancellationToken))
            return Kept(own.Vault);
        return Removing($"vault {own.Vault.Name}");
    }

    /// <summary>The run's own vault, made as it has to be; null when none is seen.</summary>
    private async Task<StepResult?> ExistingAsync(StepInput input, CancellationToken cancellationToken)
    {
        foreach (var name in input.Names.KeyVaults)
        {
            if (await azure.FindAsync(AzureNames.Vault(input, name), cancellationToken) is not { } existing || !AzureNames.IsOwn(existing, input))
                continue;
            if (existing.HasFailed)
                return await azure.AgainAsync(input, $"vault {name}", existing, Resource(existing), () => PutAsync(input, name, recover: false, existing, cancellationToken));
            return Result(input, existing.IsReady && !HasNetwork(existing, input) ? await PutAsync(input, name, recover: false, existing, cancellationToken) : existing);
        }
        return null;
    }

    /// <summary>A deleted vault that may not be purged; it is brought back when the same service is asked for again, so it is in nobody's way.</summary>
    private static UndoResult Kept(AzureResource deleted) => new(
        Left: $"key vault {deleted.Name}, deleted, whose name stays taken until {deleted.Properties.Text("scheduledPurgeDate") ?? "its retention is over"}: it is protected from purging");

    /// <summary>The first thing of this run that is still to go: its vault, or that vault deleted.</summary>
    private async Task<OwnVault?> FindOwnAsync(StepInput input, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        foreach (var name in names)
        {
            if (await azure.FindAsync(AzureNames.Vault(input, name), cancellationToken) is { } vault && AzureNames.IsOwn(vault, input))
                return new OwnVault(vault, IsDeleted: false);
            if (await azure.FindAsync(AzureNames.DeletedVault(input, name), cancellationToken) is { } deleted && AzureNames.IsOwn(DeletedTags(deleted), input))
            {
                return new OwnVault(
                    deleted with { Id = AzureNames.DeletedVault(input, name) }, IsDeleted: true, deleted.Properties.Flag("purgeProtectionEnabled"));
            }
        }
        return null;
    }

    private async Task<AzureResource?> TryCreateAsync(StepInput input, string name, CancellationToken cancellationToken)
    {
        var deleted = await azure.FindAsync(AzureNames.DeletedVault(input, name), cancellationToken);
        var recover = deleted is not null && AzureNames.IsSameService(DeletedTags(deleted), input) && IsSameId(deleted, input, name);
        if (deleted is not null && !recover)
            return null;
        try
        {
            return await PutAsync(input, name, recover, null, cancellationToken);
        }
        catch (AzureRefusal)
        {
            return null;
        }
    }

    private Task<AzureResource> PutAsync(StepInput input, string name, bool recover, AzureResource? existing, CancellationToken cancellationToken) => azure.PutAsync(
        AzureNames.Vault(input, name),
        AzureNames.Region(input),
        Properties(input, recover, existing),
        AzureNames.Tags(input),
        cancellationToken,
        "VaultAlreadyExists", "ConflictError");

    private JsonObject Properties(StepInput input, bool recover, AzureResource? existing)
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
        // Fixed when a vault is made: one that came back from an earlier life keeps its own.
        properties["softDeleteRetentionInDays"] = existing?.Properties.At("softDeleteRetentionInDays")?.DeepClone() ?? options.VaultRetentionDays;
        // Once true it can't be false again, and false itself is refused: it is sent or left out.
        if (options.VaultPurgeProtection)
            properties["enablePurgeProtection"] = true;
        var network = Network(input);
        properties["publicNetworkAccess"] = network.PrivateEndpoints ? "Disabled" : "Enabled";
        properties["networkAcls"] = new JsonObject
        {
            ["defaultAction"] = DefaultAction(network),
            ["bypass"] = "AzureServices",
            ["ipRules"] = new JsonArray([.. network.Addresses.Select(a => (JsonNode)new JsonObject { ["value"] = a })]),
            ["virtualNetworkRules"] = new JsonArray([.. network.SubnetIds.Select(s => (JsonNode)new JsonObject { ["id"] = s })]),
        };
        return properties;
    }

    private static VaultNetworkProfile Network(StepInput input) => input.Platform.Azure.VaultNetwork ?? new VaultNetworkProfile();

    private static string DefaultAction(VaultNetworkProfile network) =>
        network.PrivateEndpoints || network.SubnetIds.Count + network.Addresses.Count > 0 ? "Deny" : "Allow";

    /// <summary>A vault that was brought back has the rules of its earlier life.</summary>
    private static bool HasNetwork(AzureResource vault, StepInput input)
    {
        var (network, rules) = (Network(input), vault.Properties.At("networkAcls"));
        return (vault.Properties.Text("publicNetworkAccess") == "Disabled") == network.PrivateEndpoints
            && (rules.Text("defaultAction") ?? "Allow") == DefaultAction(network)
            && rules.Items("ipRules").Count == network.Addresses.Count
            && rules.Items("virtualNetworkRules").Count == network.SubnetIds.Count;
    }

    /// <summary>Asks for a deleted vault to go for good; false when it may not: it was made with protection, and goes when its time is over.</summary>
    private async Task<bool> PurgeAsync(string id, CancellationToken cancellationToken) =>
        await azure.PostAsync($"{id}/purge", AzureVersions.KeyVault, cancellationToken, PurgeNotAllowed, 404, 409) != PurgeNotAllowed;

    private static Dictionary<string, string> DeletedTags(AzureResource deleted) =>
        (deleted.Properties.At("tags") as JsonObject)?.ToDictionary(t => t.Key, t => t.Value?.ToString() ?? "", StringComparer.OrdinalIgnoreCase) ?? [];

    private static bool IsSameId(AzureResource deleted, StepInput input, string name) =>
        string.Equals(deleted.Properties.Text("vaultId"), AzureNames.Vault(input, name), StringComparison.OrdinalIgnoreCase);

    private static StepResource Resource(AzureResource vault) => new("key vault", vault.Id, "", Created: true);

    private static StepResult Result(StepInput input, AzureResource vault)
    {
        var resource = Resource(vault);
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
