using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Azure;

/// <summary>
/// The service's identities: one that it runs as and one that its pipeline deploys as, so that neither may what only the other needs.
/// </summary>
public sealed class IdentityActivities
{
    private sealed record Wanted(string Name, string Id, string IdFact, string ClientIdFact, string PrincipalIdFact);

    private readonly AzureClient azure;

    internal IdentityActivities(AzureClient azure) => this.azure = azure;

    [Activity(ActivityNames.CreateIdentity)]
    public async Task<StepResult> CreateAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var (resources, facts) = (new List<StepResource>(), new List<(string, string)>());
        foreach (var wanted in All(input))
        {
            var found = await azure.FindAsync(wanted.Id, cancellationToken);
            if (found is not null && !AzureNames.IsOwn(found, input))
                throw Failures.Of(ErrorTypes.OwnedByOther, "Azure", $"identity {wanted.Name} belongs to another owner");
            found ??= await azure.PutAsync(wanted.Id, AzureNames.Region(input), null, AzureNames.Tags(input), cancellationToken);
            var (clientId, principalId) = (found.Properties.Text("clientId"), found.Properties.Text("principalId"));
            resources.Add(new StepResource("managed identity", wanted.Id, principalId ?? "", Created: true));
            if (clientId is null || principalId is null)
                return NotReady($"identity {wanted.Name}", resources);
            facts.AddRange([(wanted.IdFact, wanted.Id), (wanted.ClientIdFact, clientId), (wanted.PrincipalIdFact, principalId)]);
        }
        return Done(resources, AzureNames.Link(input, resources[0].Id), [.. facts.Where(f => f.Item1.Length > 0)]);
    }

    [Activity(ActivityNames.DeleteIdentity)]
    public async Task<UndoResult> DeleteAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        foreach (var wanted in All(input).Reverse())
        {
            if (await azure.FindLongAsync(wanted.Id, cancellationToken) is not { } found || !AzureNames.IsOwn(found, input))
                continue;
            await azure.DeleteAsync(wanted.Id, cancellationToken);
            return Removing($"identity {wanted.Name}");
        }
        return Undone;
    }

    private static IEnumerable<Wanted> All(StepInput input)
    {
        yield return new Wanted(
            input.Names.Identity, AzureNames.Identity(input), StepFacts.IdentityId, StepFacts.IdentityClientId, StepFacts.IdentityPrincipalId);
        if (input.Names.PipelineIdentity.Length > 0)
            yield return new Wanted(input.Names.PipelineIdentity, AzureNames.PipelineIdentity(input), "", StepFacts.PipelineClientId, StepFacts.PipelinePrincipalId);
    }
}
