using Octokit;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using Temporalio.Exceptions;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.GitHub;

/// <summary>Who may do what in the repository: the team's permission, and the branch's protection.</summary>
public sealed class RepositoryAccessActivities
{
    private readonly IGitHubClient github;

    internal RepositoryAccessActivities(IGitHubClient github) => this.github = github;

    [Activity(ActivityNames.GrantTeam)]
    public async Task<StepResult> GrantTeamAsync(StepInput input)
    {
        GitHubStep.Begin(input);
        var repository = await github.RequireRepositoryAsync(input);
        var left = input.Had(AdoptedThings.Team);
        if (!left)
        {
            var organization = input.Names.RepositoryOwner;
            _ = await github.FindTeamAsync(organization, input.Request.Team)
                ?? throw Failures.NotThere("GitHub", $"there is no team {input.Request.Team} in {organization}", "Create the team first.");
            await github.GrantTeamAsync(organization, input.Request.Team, repository, input.Platform.GitHub.TeamPermission);
        }
        return Done(new StepResource("team permission", input.Request.Team, input.Platform.GitHub.TeamPermission, Created: !left));
    }

    [Activity(ActivityNames.RevokeTeam)]
    public async Task<UndoResult> RevokeTeamAsync(StepInput input, StepResult? result)
    {
        GitHubStep.Begin(input);
        return input.Had(AdoptedThings.Team)
            ? Undone
            : await github.UndoInsideAsync(
                input, $"team {input.Request.Team}", repository => github.RevokeTeamAsync(input.Names.RepositoryOwner, input.Request.Team, repository));
    }

    /// <summary>Protects the branch. An organization whose plan has no protection gets a warning, not a failed run.</summary>
    [Activity(ActivityNames.ProtectBranch)]
    public async Task<StepResult> ProtectAsync(StepInput input)
    {
        GitHubStep.Begin(input);
        var repository = await github.RequireRepositoryAsync(input);
        var branch = input.Fact(StepFacts.DefaultBranch);
        var left = input.Had(AdoptedThings.Protection);
        var profile = input.Platform.GitHub;
        try
        {
            if (!left)
                await github.ProtectAsync(repository, branch, profile.RequiredChecks, profile.BypassApps);
        }
        catch (ApplicationFailureException e) when (e.IsPlanLimit())
        {
            return Done([]) with { Warning = $"GitHub's plan of {input.Names.RepositoryOwner} has no branch protection for this repository" };
        }
        return Done(new StepResource("branch protection", branch, "", Created: !left), $"{input.Fact(StepFacts.RepositoryUrl)}/settings/branches");
    }

    [Activity(ActivityNames.UnprotectBranch)]
    public async Task<UndoResult> UnprotectAsync(StepInput input, StepResult? result)
    {
        GitHubStep.Begin(input);
        var branch = input.Fact(StepFacts.DefaultBranch);
        return input.Had(AdoptedThings.Protection)
            ? Undone
            : await github.UndoInsideAsync(input, $"the protection of {branch}", repository => github.UnprotectAsync(repository, branch));
    }
}
