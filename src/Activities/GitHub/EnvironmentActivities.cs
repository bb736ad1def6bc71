using Octokit;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using Temporalio.Exceptions;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.GitHub;

/// <summary>The deployment environment and its variables. Login is by OIDC, so none of them is a secret.</summary>
public sealed class EnvironmentActivities
{
    private readonly IGitHubClient github;

    internal EnvironmentActivities(IGitHubClient github) => this.github = github;

    [Activity(ActivityNames.CreateEnvironment)]
    public async Task<StepResult> CreateAsync(StepInput input)
    {
        GitHubStep.Begin(input);
        var environment = input.Names.EnvironmentShort;
        var left = input.Had(AdoptedThings.Environment);
        var warnings = new List<string>();
        if (!left)
        {
            var reviewers = input.Request.Environment == Vocabulary.Production
                ? (await github.FindTeamAsync(input.Names.RepositoryOwner, input.Request.Team))?.Id
                : null;
            await PutAsync(input, new EnvironmentRules(reviewers, ProtectedBranches: true), warnings);
        }
        return Done(
            new StepResource("environment", environment, "", Created: !left),
            $"{input.Fact(StepFacts.RepositoryUrl)}/deployments/{environment}") with { Warning = warnings.Count == 0 ? null : string.Join("; ", warnings) };
    }

    /// <summary>Every rule of an environment can be one that the plan lacks: then the environment comes without it, and that is told.</summary>
    private async Task PutAsync(StepInput input, EnvironmentRules rules, List<string> warnings)
    {
        while (true)
        {
            try
            {
                await github.PutEnvironmentAsync(input.Repository(), input.Names.EnvironmentShort, rules);
                return;
            }
            catch (ApplicationFailureException e) when (e.IsPlanLimit() && !rules.AreNone)
            {
                var (left, missing) = rules.Without(e.Message);
                warnings.Add($"GitHub's plan has no {missing}; environment {input.Names.EnvironmentShort} has none");
                rules = left;
            }
        }
    }

    [Activity(ActivityNames.DeleteEnvironment)]
    public async Task<UndoResult> DeleteAsync(StepInput input, StepResult? result)
    {
        GitHubStep.Begin(input);
        if (!input.Had(AdoptedThings.Environment))
            await github.DeleteEnvironmentAsync(input.Repository(), input.Names.EnvironmentShort);
        return Undone;
    }

    [Activity(ActivityNames.SetVariables)]
    public async Task<StepResult> SetVariablesAsync(StepInput input)
    {
        GitHubStep.Begin(input);
        var resources = new List<StepResource>();
        foreach (var (name, value) in Variables(input))
        {
            var left = input.Had(AdoptedThings.Variable(name));
            if (!left)
                await github.SetVariableAsync(input.Repository(), input.Names.EnvironmentShort, name, value);
            resources.Add(new StepResource("variable", name, "", Created: !left));
        }
        return Done(resources);
    }

    [Activity(ActivityNames.UnsetVariables)]
    public async Task<UndoResult> UnsetVariablesAsync(StepInput input, StepResult? result)
    {
        GitHubStep.Begin(input);
        foreach (var (name, _) in Variables(input).Where(v => !input.Had(AdoptedThings.Variable(v.Name))))
            await github.DeleteVariableAsync(input.Repository(), input.Names.EnvironmentShort, name);
        return Undone;
    }

    private static IEnumerable<(string Name, string Value)> Variables(StepInput input) =>
    [
        ("AZURE_CLIENT_ID", input.Fact(input.Names.PipelineIdentity.Length > 0 ? StepFacts.PipelineClientId : StepFacts.IdentityClientId)),
        ("AZURE_TENANT_ID", input.Platform.Azure.TenantId),
        ("AZURE_SUBSCRIPTION_ID", input.Platform.Azure.SubscriptionId),
        ("ACR_LOGIN_SERVER", input.Platform.Azure.RegistryLoginServer),
        ("IMAGE_REPOSITORY", input.Names.ImageRepository),
        ("AKS_CLUSTER", input.Platform.Kubernetes.ClusterName),
        ("NAMESPACE", input.Names.Namespace),
        ("KEY_VAULT_NAME", input.Fact(StepFacts.VaultName)),
    ];
}
