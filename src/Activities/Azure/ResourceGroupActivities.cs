using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Azure;

/// <summary>The service's resource group.</summary>
public sealed class ResourceGroupActivities
{
    private readonly AzureClient azure;

    internal ResourceGroupActivities(AzureClient azure) => this.azure = azure;

    [Activity(ActivityNames.CreateResourceGroup)]
    public async Task<StepResult> CreateAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var id = AzureNames.Group(input);
        var found = await azure.FindAsync(id, cancellationToken);
        if (found is not null && string.Equals(found.ProvisioningState, "Deleting", StringComparison.OrdinalIgnoreCase))
            return NotReady($"an earlier resource group {input.Names.ResourceGroup} to go");
        if (found is not null && !AzureNames.IsOwn(found, input))
        {
            throw Failures.Of(ErrorTypes.OwnedByOther, "Azure", $"resource group {input.Names.ResourceGroup} belongs to another owner",
                "Choose another service name, or have its owner remove the group.");
        }
        found ??= await azure.PutAsync(id, AzureNames.Region(input), null, AzureNames.Tags(input), cancellationToken);
        var resource = new StepResource("resource group", id, "", Created: true);
        if (found.HasFailed)
        {
            return await azure.AgainAsync(
                input, $"resource group {input.Names.ResourceGroup}", found, resource,
                () => azure.PutAsync(id, AzureNames.Region(input), null, AzureNames.Tags(input), cancellationToken));
        }
        return found.IsReady
            ? Done(resource, AzureNames.Link(input, id), (StepFacts.ResourceGroupId, id))
            : NotReady($"resource group {input.Names.ResourceGroup}", [resource]);
    }

    /// <summary>Deletes the group only when nothing is left in it: deletion takes everything along, whoever made it.</summary>
    [Activity(ActivityNames.DeleteResourceGroup)]
    public async Task<UndoResult> DeleteAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var id = AzureNames.Group(input);
        var found = await azure.FindLongAsync(id, cancellationToken);
        if (found is null || !AzureNames.IsOwn(found, input))
            return Undone;
        if (!string.Equals(found.ProvisioningState, "Deleting", StringComparison.OrdinalIgnoreCase))
        {
            var left = await azure.FindLongAsync(() => LeftAsync(id, cancellationToken), cancellationToken) ?? [];
            if (left.Where(r => !AzureNames.IsOwn(r, input)).ToList() is { Count: > 0 } others)
            {
                throw Failures.Of(ErrorTypes.Conflict, "Azure",
                    $"resource group {input.Names.ResourceGroup} still holds what this run did not make: {string.Join(", ", others.Select(r => r.Id))}",
                    "Move or delete those resources; the removal is tried again by itself.");
            }
            // Undone already, and not yet seen to be gone.
            if (left.Count > 0)
                return Removing(string.Join(", ", left.Select(r => r.Name)));
            await azure.DeleteAsync(id, cancellationToken);
        }
        return Removing($"resource group {input.Names.ResourceGroup}");
    }

    /// <summary>What is in a group; null when nothing is.</summary>
    private async Task<IReadOnlyList<AzureResource>?> LeftAsync(string id, CancellationToken cancellationToken) =>
        await azure.ListResourcesAsync(id, cancellationToken) is { Count: > 0 } left ? left : null;
}
