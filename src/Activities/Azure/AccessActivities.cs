using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Azure;

/// <summary>
/// Role assignments of the service's identities. Their names are GUIDs made from scope, principal and role, with the principal and
/// not the identity's name, since an assignment of an identity made anew can't replace that of the old one.
/// </summary>
public sealed partial class AccessActivities
{
    private const string KeyVaultSecretsUser = "4633458b-17de-408a-b874-0445c86b69e6";
    private const string KeyVaultSecretsOfficer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
    private const string AcrPush = "8311e382-0749-4cb8-b61a-304f252e45ec";
    private const string AcrPull = "7f951dda-4ed3-4680-a7ca-43fe172d538d";
    private const string RegistryRepositoryWriter = "2a1e307c-b015-4ebd-883e-5b7698a07328";
    private const string RegistryRepositoryReader = "b93aa761-3e63-49ed-ac28-beffa264f7ac";
    private const string Exists = "RoleAssignmentExists";

    private static readonly Guid AssignmentNamespace = new("11fb06fb-712d-4ddd-98c7-e71bbd588830");

    private sealed record Principal(string Id, string Type);

    private readonly AzureClient azure;

    internal AccessActivities(AzureClient azure) => this.azure = azure;

    [Activity(ActivityNames.GrantVaultAccess)]
    public async Task<StepResult> GrantVaultAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var vault = input.Fact(StepFacts.VaultId);
        var granted = new List<StepResource> { await GrantAsync(input, vault, Service(input), KeyVaultSecretsUser, null, cancellationToken) };
        if (Planner.TeamWritesSecrets(input.Request, input.Platform))
            granted.Add(await GrantAsync(input, vault, Team(input), KeyVaultSecretsOfficer, null, cancellationToken));
        return Done(granted);
    }

    [Activity(ActivityNames.RevokeVaultAccess)]
    public async Task<UndoResult> RevokeVaultAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var vault = input.Fact(StepFacts.VaultId);
        if (Planner.TeamWritesSecrets(input.Request, input.Platform))
            await RevokeAsync(vault, Team(input).Id, [KeyVaultSecretsOfficer], cancellationToken);
        return await RevokeAsync(vault, Service(input).Id, [KeyVaultSecretsUser], cancellationToken);
    }

    /// <summary>
    /// The pipeline pushes, the service pulls. A registry in ABAC mode ignores the classic roles, so the mode decides which are given, and with
    /// what condition. What was approved for one repository isn't given for all of them.
    /// </summary>
    [Activity(ActivityNames.GrantRegistryAccess)]
    public async Task<StepResult> GrantRegistryAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var scope = input.Platform.Azure.RegistryId;
        var registry = await azure.FindAsync(scope, cancellationToken)
            ?? throw Failures.NotThere("Azure", $"there is no registry {scope}", "Check the registry in the platform's settings.");
        var byRepository = IsByRepository(registry);
        if (!byRepository && input.Facts.GetValueOrDefault(StepFacts.RegistryScope) == "repository")
            throw Failures.Of(ErrorTypes.PolicyDenied, "Azure", $"{scope} has left ABAC mode since the plan was made: roles would be on all of it",
                "Ask again, so that the plan says so, or put the registry back into ABAC mode.");
        var condition = byRepository ? Condition(input.Names.ImageRepository) : null;
        var granted = new List<StepResource>
        {
            await GrantAsync(input, scope, Pipeline(input), byRepository ? RegistryRepositoryWriter : AcrPush, condition, cancellationToken),
        };
        if (input.Names.PipelineIdentity.Length > 0)
            granted.Add(await GrantAsync(input, scope, Service(input), byRepository ? RegistryRepositoryReader : AcrPull, condition, cancellationToken));
        return Done(granted);
    }

    [Activity(ActivityNames.RevokeRegistryAccess)]
    public async Task<UndoResult> RevokeRegistryAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var scope = input.Platform.Azure.RegistryId;
        if (input.Names.PipelineIdentity.Length > 0)
            await RevokeAsync(scope, Service(input).Id, [AcrPull, RegistryRepositoryReader], cancellationToken);
        return await RevokeAsync(scope, Pipeline(input).Id, [AcrPush, RegistryRepositoryWriter], cancellationToken);
    }

    /// <summary>Whether a registry gives roles by repository.</summary>
    internal static bool IsByRepository(AzureResource registry) => registry.Properties.Text("roleAssignmentMode") == "AbacRepositoryPermissions";

    /// <summary>Name of the assignment of a role to a principal on a scope.</summary>
    internal static Guid AssignmentName(string scope, string principalId, string role) =>
        DeterministicGuid.Create(AssignmentNamespace, $"{scope.ToLowerInvariant()}|{principalId}|{role}");

    private static Principal Service(StepInput input) => new(input.Fact(StepFacts.IdentityPrincipalId), "ServicePrincipal");

    /// <summary>In older runs the service's identity is the pipeline's too.</summary>
    private static Principal Pipeline(StepInput input) =>
        input.Names.PipelineIdentity.Length > 0 ? new(input.Fact(StepFacts.PipelinePrincipalId), "ServicePrincipal") : Service(input);

    private static Principal Team(StepInput input) => new(input.Platform.Azure.GroupOf(input.Request), "Group");

    private async Task<StepResource> GrantAsync(
        StepInput input, string scope, Principal principal, string role, string? condition, CancellationToken cancellationToken)
    {
        var id = AzureNames.RoleAssignment(scope, AssignmentName(scope, principal.Id, role));
        var properties = new JsonObject
        {
            ["roleDefinitionId"] = $"{AzureNames.Subscription(input)}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            ["principalId"] = principal.Id,
            // Without it a principal that is not yet replicated everywhere is refused.
            ["principalType"] = principal.Type,
            ["description"] = $"onramp {input.Key.Mark}",
        };
        if (condition is not null)
        {
            properties["condition"] = condition;
            properties["conditionVersion"] = "2.0";
        }
        var created = true;
        try
        {
            await azure.PutAsync(id, null, properties, null, cancellationToken, Exists);
        }
        catch (AzureRefusal refusal)
        {
            // The same assignment exists under another name: somebody else made it, and keeps it, if it is still there.
            created = false;
            if (Named(refusal.Message) is { } named)
            {
                id = AzureNames.RoleAssignment(scope, named);
                if (await azure.FindAsync(id, cancellationToken) is null)
                    throw Failures.Of(ErrorTypes.Conflict, "Azure", $"role assignment {named} is in the way and can't be seen");
            }
        }
        return new StepResource("role assignment", id, principal.Id, created);
    }

    private async Task<UndoResult> RevokeAsync(string scope, string principal, string[] roles, CancellationToken cancellationToken)
    {
        foreach (var role in roles)
        {
            var id = AzureNames.RoleAssignment(scope, AssignmentName(scope, principal, role));
            await azure.DeleteAsync(id, cancellationToken);
        }
        return Undone;
    }

    /// <summary>The assignment that a refusal names; its id is written without hyphens there.</summary>
    private static Guid? Named(string message) => AssignmentId().Match(message) is { Success: true } match ? Guid.Parse(match.Value) : null;

    [GeneratedRegex("(?<![0-9a-fA-F])[0-9a-fA-F]{32}(?![0-9a-fA-F])|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex AssignmentId();

    private static string Condition(string repository)
    {
        const string actions = "Microsoft.ContainerRegistry/registries/repositories";
        var prefix = $"@Request[{actions}:name] StringStartsWithIgnoreCase '{repository}/' OR @Request[{actions}:name] StringEqualsIgnoreCase '{repository}'";
        return $"((!(ActionMatches{{'{actions}/content/write'}}) AND !(ActionMatches{{'{actions}/content/read'}})) OR ({prefix}))";
    }
}
