using Onramp.Workflows.Contracts;
using static Onramp.Workflows.Onboarding.OnboardingStep;

namespace Onramp.Workflows.Onboarding;

/// <summary>
/// The repository. Order matters: the team before environments (reviewers need access), commits before protection (protection
/// would refuse them), protection last of all.
/// </summary>
internal static class GitHubSteps
{
    private const OnboardingPhase Phase = OnboardingPhase.CreatingRepository;

    public static readonly OnboardingStep[] Rows =
    [
        new()
        {
            Id = StepIds.Repository,
            Title = "Repository from the golden-path template",
            System = Systems.GitHub,
            Phase = Phase,
            Do = ActivityNames.CreateRepository,
            Undo = ActivityNames.DeleteRepository,
            WaitLimit = t => t.RepositoryPopulation,
            Plans = Plan(StepIds.Repository, Systems.GitHub, c => (
                "repository",
                $"{c.Names.RepositoryOwner}/{c.Names.RepositoryName}",
                c.Request.Repository.Mode == Vocabulary.RepositoryAdopt
                    ? "adopted as it is"
                    : $"{c.Request.Repository.Visibility}, from {Template(c)}")),
        },
        new()
        {
            Id = StepIds.Team,
            Title = "Team permission",
            System = Systems.GitHub,
            Phase = Phase,
            After = [StepIds.Repository],
            Do = ActivityNames.GrantTeam,
            Undo = ActivityNames.RevokeTeam,
            Plans = Plan(StepIds.Team, Systems.GitHub, c => ("team permission", c.Request.Team, c.Platform.GitHub.TeamPermission)),
        },
        new()
        {
            Id = StepIds.Files,
            Title = "Catalog file, code owners and service settings",
            System = Systems.GitHub,
            Phase = Phase,
            After = [StepIds.Team],
            Do = ActivityNames.CommitFiles,
            Undo = ActivityNames.RevertFiles,
            Plans = Plan(StepIds.Files, Systems.GitHub, c => ("files", "catalog-info.yaml, CODEOWNERS, service.yaml", $"on {c.Platform.GitHub.DefaultBranch}")),
        },
        new()
        {
            Id = StepIds.GitHubEnvironment,
            Title = "Deployment environment",
            System = Systems.GitHub,
            Phase = Phase,
            After = [StepIds.Team],
            Do = ActivityNames.CreateEnvironment,
            Undo = ActivityNames.DeleteEnvironment,
            Plans = Plan(StepIds.GitHubEnvironment, Systems.GitHub, c => ("environment", c.Names.EnvironmentShort, "protected branches only")),
        },
        new()
        {
            Id = StepIds.Variables,
            Title = "Variables for OIDC login",
            System = Systems.GitHub,
            Phase = OnboardingPhase.ConnectingIdentity,
            After = [StepIds.GitHubEnvironment, StepIds.Identity, StepIds.KeyVault],
            Do = ActivityNames.SetVariables,
            Undo = ActivityNames.UnsetVariables,
            Plans = Plan(StepIds.Variables, Systems.GitHub, c => ("variables", $"environment {c.Names.EnvironmentShort}", "identity, registry, cluster, namespace, vault; no secrets")),
        },
        new()
        {
            Id = StepIds.Pipeline,
            Title = "First run of the pipeline",
            System = Systems.GitHub,
            Phase = OnboardingPhase.ConnectingIdentity,
            After = [StepIds.Files, StepIds.Variables, StepIds.Federation, StepIds.RegistryAccess],
            // An adopted repository's pipeline is its team's to start.
            Applies = r => r.Repository.Mode == Vocabulary.RepositoryCreate,
            IsOffered = p => p.GitHub.PipelineWorkflow.Length > 0,
            Do = ActivityNames.StartPipeline,
            WaitLimit = t => t.RepositoryPopulation,
            WaitLimitIsWarning = true,
            Plans = Plan(StepIds.Pipeline, Systems.GitHub, c => ("workflow run", c.Platform.GitHub.PipelineWorkflow, "started once, when its variables are set")),
        },
        new()
        {
            Id = StepIds.Protection,
            Title = "Branch protection",
            System = Systems.GitHub,
            Phase = OnboardingPhase.RegisteringCatalog,
            After = [StepIds.Files, StepIds.Variables, StepIds.Catalog],
            Do = ActivityNames.ProtectBranch,
            Undo = ActivityNames.UnprotectBranch,
            Plans = Plan(StepIds.Protection, Systems.GitHub, c => (
                "branch protection",
                c.Platform.GitHub.DefaultBranch,
                $"one review by code owners, checks {string.Join(", ", c.Platform.GitHub.RequiredChecks)}")),
        },
    ];

    /// <summary>The template of this request as <c>owner/repo</c>.</summary>
    public static string Template(PlanContext c) => c.Platform.GitHub.TemplateRepository
        .Replace("{template}", c.Request.Template, StringComparison.Ordinal)
        .Replace("{language}", c.Request.Language, StringComparison.Ordinal);
}
