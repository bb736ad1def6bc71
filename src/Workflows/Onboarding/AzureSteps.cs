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
            Plans = Plan(StepIds.Identity, Systems.Azure, c => ("managed identity", c.Names.Identity, "user assigned")),
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
                    .. Planner.TeamWritesSecrets(c.Request, c.Platform)
                        ? new Func<PlanContext, (string, string, string)>[]
                            { _ => ("role assignment", "Key Vault Secrets Officer", $"group {c.Platform.Azure.GroupOf(c.Request)} on the vault") }
                        : [],
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
            Plans = Plan(StepIds.RegistryAccess, Systems.Azure, c => (
                "role assignment",
                "registry push and pull",
                c.Platform.Azure.VaultNetwork is null
                    ? $"{c.Names.Identity} for {c.Names.ImageRepository}"
                    : $"{c.Names.Identity} on the whole registry (AcrPush), or on {c.Names.ImageRepository} only where the registry is in ABAC mode")),
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
                c => ("federated credential", "github", $"environment {c.Names.EnvironmentShort} of the repository"),
                c => ("federated credential", "kubernetes", $"{c.Names.Namespace}/{c.Names.ServiceAccount} on {c.Platform.Kubernetes.ClusterName}")),
        },
    ];

    /// <summary>Where the resources of this request live.</summary>
    public static string Region(PlanContext c) => c.Request.Region.Length > 0 ? c.Request.Region : c.Platform.Azure.DefaultRegion;
}
