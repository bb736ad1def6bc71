using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Azure;

/// <summary>Ids and tags of a run's resources.</summary>
internal static class AzureNames
{
    /// <summary>Tag with the mark of the run that made a resource.</summary>
    public const string RunTag = "onramp-run";

    private const string ServiceTag = "service";
    private const string EnvironmentTag = "environment";

    public static string Subscription(StepInput input) => $"/subscriptions/{input.Platform.Azure.SubscriptionId}";

    public static string Group(StepInput input) => $"{Subscription(input)}/resourceGroups/{input.Names.ResourceGroup}";

    public static string Identity(StepInput input) => Identity(input, input.Names.Identity);

    /// <summary>The identity that the pipeline deploys as; in older runs that is the service's.</summary>
    public static string PipelineIdentity(StepInput input) =>
        Identity(input, input.Names.PipelineIdentity.Length > 0 ? input.Names.PipelineIdentity : input.Names.Identity);

    private static string Identity(StepInput input, string name) => $"{Group(input)}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}";

    public static string Vault(StepInput input, string name) => $"{Group(input)}/providers/Microsoft.KeyVault/vaults/{name}";

    public static string DeletedVault(StepInput input, string name) =>
        $"{Subscription(input)}/providers/Microsoft.KeyVault/locations/{Region(input)}/deletedVaults/{name}";

    public static string RoleAssignment(string scope, Guid name) => $"{scope}/providers/Microsoft.Authorization/roleAssignments/{name:D}";

    public static string Region(StepInput input) =>
        input.Request.Region.Length > 0 ? input.Request.Region : input.Platform.Azure.DefaultRegion;

    public static Dictionary<string, string> Tags(StepInput input)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["team"] = input.Request.Team,
            [ServiceTag] = input.Request.Name,
            [EnvironmentTag] = input.Request.Environment,
            ["tier"] = input.Request.Tier,
            ["managed-by"] = "onramp",
            ["request-id"] = input.Request.RequestId,
            [RunTag] = input.Key.Mark,
        };
        if (input.Request.CostCenter.Length > 0)
            tags["cost-center"] = input.Request.CostCenter;
        return tags;
    }

    public static bool IsOwn(AzureResource resource, StepInput input) => IsOwn(resource.Tags, input);

    public static bool IsOwn(IReadOnlyDictionary<string, string> tags, StepInput input) =>
        tags.TryGetValue(RunTag, out var mark) && mark == input.Key.Mark;

    /// <summary>Whether something was made for this service and environment, by whichever run.</summary>
    public static bool IsSameService(IReadOnlyDictionary<string, string> tags, StepInput input) =>
        tags.TryGetValue(ServiceTag, out var service) && service == input.Request.Name
        && tags.TryGetValue(EnvironmentTag, out var environment) && environment == input.Request.Environment;

    public static string Link(StepInput input, string id) => $"{input.Platform.Azure.PortalUrl.TrimEnd('/')}/#@{input.Platform.Azure.TenantId}/resource{id}";
}
