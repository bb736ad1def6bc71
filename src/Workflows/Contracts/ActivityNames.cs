namespace Onramp.Workflows.Contracts;

/// <summary>Activity types, in pairs of do and undo. The workflow calls by these names; it knows no implementation.</summary>
public static class ActivityNames
{
    public const string DescribePlatform = "DescribePlatform";
    public const string LookAhead = "LookAhead";
    public const string Notify = "Notify";

    public const string CreateRepository = "CreateRepository";
    public const string DeleteRepository = "DeleteRepository";
    public const string GrantTeam = "GrantTeam";
    public const string RevokeTeam = "RevokeTeam";
    public const string CommitFiles = "CommitFiles";
    public const string RevertFiles = "RevertFiles";
    public const string CreateEnvironment = "CreateEnvironment";
    public const string DeleteEnvironment = "DeleteEnvironment";
    public const string SetVariables = "SetVariables";
    public const string UnsetVariables = "UnsetVariables";
    public const string StartPipeline = "StartPipeline";
    public const string ProtectBranch = "ProtectBranch";
    public const string UnprotectBranch = "UnprotectBranch";

    public const string CreateResourceGroup = "CreateResourceGroup";
    public const string DeleteResourceGroup = "DeleteResourceGroup";
    public const string CreateIdentity = "CreateIdentity";
    public const string DeleteIdentity = "DeleteIdentity";
    public const string CreateKeyVault = "CreateKeyVault";
    public const string DeleteKeyVault = "DeleteKeyVault";
    public const string GrantVaultAccess = "GrantVaultAccess";
    public const string RevokeVaultAccess = "RevokeVaultAccess";
    public const string GrantRegistryAccess = "GrantRegistryAccess";
    public const string RevokeRegistryAccess = "RevokeRegistryAccess";
    public const string FederateIdentity = "FederateIdentity";
    public const string UnfederateIdentity = "UnfederateIdentity";

    public const string CreateNamespace = "CreateNamespace";
    public const string DeleteNamespace = "DeleteNamespace";
    public const string ApplyLimits = "ApplyLimits";
    public const string RemoveLimits = "RemoveLimits";
    public const string ApplyNetworkPolicies = "ApplyNetworkPolicies";
    public const string RemoveNetworkPolicies = "RemoveNetworkPolicies";
    public const string GrantNamespaceAccess = "GrantNamespaceAccess";
    public const string RevokeNamespaceAccess = "RevokeNamespaceAccess";
    public const string CreateServiceAccount = "CreateServiceAccount";
    public const string DeleteServiceAccount = "DeleteServiceAccount";
    public const string CreateSecretProvider = "CreateSecretProvider";
    public const string DeleteSecretProvider = "DeleteSecretProvider";
    public const string CreateServiceMonitor = "CreateServiceMonitor";
    public const string DeleteServiceMonitor = "DeleteServiceMonitor";

    public const string RegisterFlux = "RegisterFlux";
    public const string UnregisterFlux = "UnregisterFlux";
    public const string RegisterArgoCd = "RegisterArgoCd";
    public const string UnregisterArgoCd = "UnregisterArgoCd";

    public const string CreateDashboardFolder = "CreateDashboardFolder";
    public const string DeleteDashboardFolder = "DeleteDashboardFolder";
    public const string CreateDashboard = "CreateDashboard";
    public const string DeleteDashboard = "DeleteDashboard";
    public const string CreateAlertRules = "CreateAlertRules";
    public const string DeleteAlertRules = "DeleteAlertRules";

    public const string RegisterCatalogEntity = "RegisterCatalogEntity";
    public const string UnregisterCatalogEntity = "UnregisterCatalogEntity";

    public const string VerifyService = "VerifyService";
}
