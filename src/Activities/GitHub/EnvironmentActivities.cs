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
    /// <summary>How long the access of a team, which was granted by the step before, may not be seen.</summary>
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(5);

    private readonly IGitHubClient github;
    private readonly TimeProvider time;

    internal EnvironmentActivities(IGitHubClient github, TimeProvider time) => (this.github, this.time) = (github, time);

    [Activity(ActivityNames.CreateEnvironment)]
    public async Task<StepResult> CreateAsync(StepInput input)
    {
        GitHubStep.Begin(input);
        var environment = input.Names.EnvironmentShort;
        var repository = await github.RequireRepositoryAsync(input);
        var left = input.Had(AdoptedThings.Environment);
        var warnings = new List<string>();
        if (!left)
        {
            var reviewers = input.Request.Environment == Vocabulary.Production
                ? (await github.FindTeamAsync(input.Names.RepositoryOwner, input.Request.Team))?.Id
                : null;
            await PutAsync(repository, environment, new EnvironmentRules(reviewers, ProtectedBranches: true), warnings);
        }
        return Done(
            new StepResource("environment", environment, "", Created: !left),
            $"{input.Fact(StepFacts.RepositoryUrl)}/deployments/{environment}") with { Warning = warnings.Count == 0 ? null : string.Join("; ", warnings) };
    }

    /// <summary>Every rule of an environment can be one that the plan, or an older server, lacks: then the environment comes without it, and that is told.</summary>
    private async Task PutAsync(RepositoryRef repository, string environment, EnvironmentRules rules, List<string> warnings)
    {
        while (true)
        {
            try
            {
                await github.PutEnvironmentAsync(repository, environment, rules);
                return;
            }
            catch (ApplicationFailureException e) when (e.IsPlanLimit() && !rules.AreNone)
            {
                var (left, missing) = rules.Without(e.Message);
                warnings.Add($"GitHub's plan has no {missing}; environment {environment} has none");
                rules = left;
            }
            catch (ApplicationFailureException e) when (e.IsRefusal(422, "prevent_self_review") && rules.PreventSelfReview)
            {
                warnings.Add($"this GitHub server can't keep people from approving their own deployments to {environment}");
                rules = rules with { PreventSelfReview = false };
            }
            catch (ApplicationFailureException e) when (e.IsRefusal(422, "reviewer") && !e.IsPlanLimit() && rules.ReviewerTeamId is not null && StepActivity.Age(time) < Lag)
            {
                throw Failures.Transient("GitHub", $"the team's access isn't seen yet: {e.Message}", 422);
            }
        }
    }

    [Activity(ActivityNames.DeleteEnvironment)]
    public async Task<UndoResult> DeleteAsync(StepInput input, StepResult? result)
    {
        GitHubStep.Begin(input);
        var environment = input.Names.EnvironmentShort;
        return input.Had(AdoptedThings.Environment)
            ? Undone
            : await github.UndoInsideAsync(input, $"environment {environment}", repository => github.DeleteEnvironmentAsync(repository, environment));
    }

    [Activity(ActivityNames.SetVariables)]
    public async Task<StepResult> SetVariablesAsync(StepInput input)
    {
        GitHubStep.Begin(input);
        var repository = await github.RequireRepositoryAsync(input);
        var resources = new List<StepResource>();
        // What an earlier attempt wrote isn't written again: GitHub counts writes.
        var there = (await github.ListVariablesAsync(repository, input.Names.EnvironmentShort)).ToDictionary(v => v.Name, v => v.Value, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in Variables(input))
        {
            var left = input.Had(AdoptedThings.Variable(name));
            if (!left && there.GetValueOrDefault(name) != value)
                await github.SetVariableAsync(repository, input.Names.EnvironmentShort, name, value);
            resources.Add(new StepResource("variable", name, "", Created: !left));
        }
        return Done(resources);
    }

    [Activity(ActivityNames.UnsetVariables)]
    public async Task<UndoResult> UnsetVariablesAsync(StepInput input, StepResult? result)
    {
        GitHubStep.Begin(input);
        return await github.UndoInsideAsync(input, $"variables of environment {input.Names.EnvironmentShort}", async repository =>
        {
            foreach (var (name, _) in Variables(input).Where(v => !input.Had(AdoptedThings.Variable(v.Name))))
                await github.DeleteVariableAsync(repository, input.Names.EnvironmentShort, name);
        });
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
