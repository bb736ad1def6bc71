using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.GitHub;

/// <summary>Who may do what in the repository: the team's permission, and the branch's protection.</summary>
public sealed class RepositoryAccessActivities
{
    private readonly GitHubClient github;

    internal RepositoryAccessActivities(GitHubClient github) => this.github = github;

    [Activity(ActivityNames.GrantTeam)]
    public async Task<StepResult> GrantTeamAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var left = input.Had(AdoptedThings.Team);
        if (!left)
        {
            var organization = input.Names.RepositoryOwner;
            _ = await github.FindTeamIdAsync(organization, input.Request.Team, cancellationToken)
                ?? throw Failures.Of(ErrorTypes.NotFound, "GitHub", $"there is no team {input.Request.Team} in {organization}", "Create the team first.");
            await github.GrantTeamAsync(
                organization, input.Request.Team, input.Repository(), input.Platform.GitHub.TeamPermission, cancellationToken);
        }
        return Done(new StepResource("team permission", input.Request.Team, input.Platform.GitHub.TeamPermission, Created: !left));
    }

    [Activity(ActivityNames.RevokeTeam)]
    public async Task<UndoResult> RevokeTeamAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        if (!input.Had(AdoptedThings.Team))
            await github.RevokeTeamAsync(input.Names.RepositoryOwner, input.Request.Team, input.Repository(), cancellationToken);
        return Undone;
    }

    /// <summary>Protects the branch. An organization whose plan has no protection gets a warning, not a failed run.</summary>
    [Activity(ActivityNames.ProtectBranch)]
    public async Task<StepResult> ProtectAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var branch = input.Fact(StepFacts.DefaultBranch);
        var left = input.Had(AdoptedThings.Protection);
        var profile = input.Platform.GitHub;
        var isProtected = left
            || await github.TryProtectAsync(input.Repository(), branch, profile.RequiredChecks, profile.BypassApps, cancellationToken);
        return isProtected
            ? Done(new StepResource("branch protection", branch, "", Created: !left), $"{input.Fact(StepFacts.RepositoryUrl)}/settings/branches")
            : Done([]) with { Warning = $"GitHub's plan of {input.Names.RepositoryOwner} has no branch protection for this repository" };
    }

    [Activity(ActivityNames.UnprotectBranch)]
    public async Task<UndoResult> UnprotectAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        if (!input.Had(AdoptedThings.Protection))
            await github.UnprotectAsync(input.Repository(), input.Fact(StepFacts.DefaultBranch), cancellationToken);
        return Undone;
    }
}
