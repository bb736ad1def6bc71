using Onramp.Workflows.Contracts;
using static Onramp.Workflows.Onboarding.OnboardingStep;

namespace Onramp.Workflows.Onboarding;

/// <summary>
/// Cloud resources. Role assignments stay behind when an identity goes, so they come after it here and are undone before it.
/// </summary>
internal static class AzureSteps
{
    private const OnboardingPhase Phase = OnboardingPhase.ProvisioningAzure;

    public static readonly OnboardingStep[] Rows =
    [
        new()
        {
            Id = StepIds.ResourceGroup,
            Title = "Resource group",
            System = Systems.Azure,
            Phase = Phase,
            Do = ActivityNames.CreateResourceGroup,
            Undo = ActivityNames.DeleteResourceGroup,
            Plans = Plan(StepIds.ResourceGroup, Systems.Azure, c => ("resource group", c.Names.ResourceGroup, Region(c))),
        },
        new()
        {
            Id = StepIds.Identity,
            Title = "Managed identity",
            System = Systems.Azure,
            Phase = Phase,
            After = [StepIds.ResourceGroup],
            Do = ActivityNames.CreateIdentity,
            Undo = ActivityNames.DeleteIdentity,
            Plans = c => Plan(
                StepIds.Identity,
                Systems.Azure,
                [
                    _ => ("managed identity", c.Names.Identity, c.Names.PipelineIdentity.Length == 0 ? "user assigned" : "user assigned; the service runs as it"),
                    .. If(c.Names.PipelineIdentity.Length > 0, _ => ("managed identity", c.Names.PipelineIdentity, "user assigned; the pipeline deploys as it")),
                ])(c),
        },
        new()
        {
            Id = StepIds.KeyVault,
            Title = "Key Vault",
            System = Systems.Azure,
            Phase = Phase,
            After = [StepIds.ResourceGroup],
            Do = ActivityNames.CreateKeyVault,
            Undo = ActivityNames.DeleteKeyVault,
            AttemptTimeout = TimeSpan.FromSeconds(120),
            Plans = Plan(StepIds.KeyVault, Systems.Azure, c => (
                "key vault",
                c.Names.KeyVaults[0],
                "RBAC, soft delete; next free name if taken" + (c.Platform.Azure.VaultNetwork is { } network ? $"; {network.Describe()}" : ""))),
        },
        new()
        {
            Id = StepIds.VaultAccess,
            Title = "Vault access of the service",
            System = Systems.Azure,
            Phase = Phase,
            After = [StepIds.Identity, StepIds.KeyVault],
            Do = ActivityNames.GrantVaultAccess,
            Undo = ActivityNames.RevokeVaultAccess,
            Plans = c => Plan(
                StepIds.VaultAccess,
                Systems.Azure,
                [
                    _ => ("role assignment", "Key Vault Secrets User", $"{c.Names.Identity} on the vault"),
                    .. If(
                        Planner.TeamWritesSecrets(c.Request, c.Platform),
                        _ => ("role assignment", "Key Vault Secrets Officer", $"group {c.Platform.Azure.GroupOf(c.Request)} on the vault")),
                ])(c),
        },
        new()
        {
            Id = StepIds.RegistryAccess,
            Title = "Registry access of the service",
            System = Systems.Azure,
            Phase = Phase,
            After = [StepIds.Identity],
            Do = ActivityNames.GrantRegistryAccess,
            Undo = ActivityNames.RevokeRegistryAccess,
            Plans = c => Plan(StepIds.RegistryAccess, Systems.Azure, c.Names.PipelineIdentity.Length == 0
                ? [OneIdentity]
                :
                [
                    _ => ("role assignment", RegistryRole(c, "AcrPush", "Writer"), $"{c.Names.PipelineIdentity} {RegistryScope(c)}"),
                    _ => ("role assignment", RegistryRole(c, "AcrPull", "Reader"), $"{c.Names.Identity} {RegistryScope(c)}"),
                ])(c),
        },
        new()
        {
            Id = StepIds.Federation,
            Title = "Federated credentials",
            System = Systems.Azure,
            Phase = OnboardingPhase.ConnectingIdentity,
            After = [StepIds.Identity, StepIds.Repository],
            Do = ActivityNames.FederateIdentity,
            Undo = ActivityNames.UnfederateIdentity,
            Plans = Plan(
                StepIds.Federation,
                Systems.Azure,
                c => ("federated credential", "github", $"environment {c.Names.EnvironmentShort} of the repository{As(c.Names.PipelineIdentity)}"),
                c => ("federated credential", "kubernetes", $"{c.Names.Namespace}/{c.Names.ServiceAccount} on {c.Platform.Kubernetes.ClusterName}{As(c.Names.PipelineIdentity.Length > 0 ? c.Names.Identity : "")}")),
        },
    ];

    private static IEnumerable<Func<PlanContext, (string Kind, string Name, string Detail)>> If(
        bool wanted, Func<PlanContext, (string Kind, string Name, string Detail)> line) => wanted ? [line] : [];

    private static string As(string identity) => identity.Length == 0 ? "" : $", as {identity}";

    /// <summary>The line of runs that began with one identity for service and pipeline.</summary>
    private static (string Kind, string Name, string Detail) OneIdentity(PlanContext c) => (
        "role assignment",
        "registry push and pull",
        c.Platform.Azure.VaultNetwork is null
            ? $"{c.Names.Identity} for {c.Names.ImageRepository}"
            : $"{c.Names.Identity} on the whole registry (AcrPush), or on {c.Names.ImageRepository} only where the registry is in ABAC mode");

    private static string RegistryRole(PlanContext c, string whole, string repository) => c.Ahead.RegistryByRepository switch
    {
        true => $"Container Registry Repository {repository}",
        false => whole,
        null => $"{whole} or Container Registry Repository {repository}",
    };

    private static string RegistryScope(PlanContext c)
    {
        var registry = c.Platform.Azure.RegistryId.Split('/')[^1];
        return c.Ahead.RegistryByRepository switch
        {
            true => $"for {c.Names.ImageRepository} of {registry} only",
            false => $"on the whole registry {registry}, which gives no roles by repository",
            null => $"on the whole registry {registry}, or for {c.Names.ImageRepository} only where the registry is in ABAC mode",
        };
    }

    /// <summary>Where the resources of this request live.</summary>
    public static string Region(PlanContext c) => c.Request.Region.Length > 0 ? c.Request.Region : c.Platform.Azure.DefaultRegion;
}
