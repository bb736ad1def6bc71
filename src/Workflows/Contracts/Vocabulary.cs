namespace Onramp.Workflows.Contracts;

/// <summary>The words a request may use. Order is the order shown to people.</summary>
public static class Vocabulary
{
    public const string DefaultLanguage = "python";
    public const string DefaultTemplate = "microservice";
    public const string DefaultPlan = "small";
    public const string DefaultNetworkPolicy = NetworkIsolated;
    public const string DefaultTier = "standard";
    public const string DefaultVisibility = "private";

    public const string Development = "development";
    public const string Staging = "staging";
    public const string Production = "production";

    public const string PlanMicro = "micro";
    public const string PlanSmall = "small";
    public const string PlanMedium = "medium";
    public const string PlanLarge = "large";

    public const string NetworkIsolated = "isolated";
    public const string NetworkTeamShared = "team-shared";
    public const string NetworkOpen = "open";

    public const string GitOpsFlux = "flux";
    public const string GitOpsArgoCd = "argocd";
    public const string GitOpsNone = "none";

    public const string RepositoryCreate = "create";
    public const string RepositoryAdopt = "adopt";

    public static readonly IReadOnlyList<string> Languages = ["nodejs", "python", "java", "go"];
    public static readonly IReadOnlyList<string> Templates = ["microservice", "frontend", "api-gateway", "batch-job", "ml-pipeline"];
    public static readonly IReadOnlyList<string> Environments = [Development, Staging, Production];
    public static readonly IReadOnlyList<string> Plans = [PlanMicro, PlanSmall, PlanMedium, PlanLarge];
    public static readonly IReadOnlyList<string> NetworkPolicies = [NetworkIsolated, NetworkTeamShared, NetworkOpen];
    public static readonly IReadOnlyList<string> GitOpsKinds = [GitOpsFlux, GitOpsArgoCd, GitOpsNone];
    public static readonly IReadOnlyList<string> Tiers = ["critical", "important", "standard"];
    public static readonly IReadOnlyList<string> Visibilities = ["private", "internal"];
    public static readonly IReadOnlyList<string> RepositoryModes = [RepositoryCreate, RepositoryAdopt];

    /// <summary>Other spellings of an environment and what they mean.</summary>
    public static readonly IReadOnlyDictionary<string, string> EnvironmentAliases = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["dev"] = Development,
        ["stage"] = Staging,
        ["prod"] = Production,
    };

    /// <summary>The short form used inside names of things: <c>dev</c>, <c>staging</c>, <c>prod</c>.</summary>
    public static string ShortEnvironment(string environment) => environment switch
    {
        Development => "dev",
        Production => "prod",
        _ => environment,
    };
}
