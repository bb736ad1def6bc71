using System.Globalization;
using Octokit;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using Temporalio.Exceptions;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.GitHub;

/// <summary>
/// The pipeline's first run that can log in. The repository's own first push started it too early: its variables weren't set, nor was its
/// identity trusted. A start can't be taken back nor be told from another, so one without an answer is looked for before it is made again.
/// </summary>
public sealed class PipelineActivities
{
    private const string Trigger = "workflow_dispatch";
    private const string Asked = "asked ";
    private const string Started = "started";

    /// <summary>How long a start that got no answer may not be seen.</summary>
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(1);

    private readonly IGitHubClient github;
    private readonly TimeProvider time;

    internal PipelineActivities(IGitHubClient github, TimeProvider time) => (this.github, this.time) = (github, time);

    [Activity(ActivityNames.StartPipeline)]
    public async Task<StepResult> StartAsync(StepInput input)
    {
        GitHubStep.Begin(input);
        var (repository, workflow) = (await github.RequireRepositoryAsync(input), input.Platform.GitHub.PipelineWorkflow);
        if (await FindAsync(repository, workflow) is { } run)
            return Done(new StepResource("workflow run", run.Id.ToString(CultureInfo.InvariantCulture), "", Created: true), run.HtmlUrl);
        var before = input.Facts.GetValueOrDefault(StepFacts.PipelineStart, "");
        if (before == Started || IsAwaited(before))
            return NotReady($"the first run of {workflow}");
        // Of an attempt before this one nothing is known.
        if (before.Length == 0 && StepActivity.Attempt > 1)
            return Unknown(workflow);
        return await StartAsync(input, repository, workflow);
    }

    private async Task<StepResult> StartAsync(StepInput input, RepositoryRef repository, string workflow)
    {
        var branch = input.Fact(StepFacts.DefaultBranch);
        try
        {
            await github.Actions.Workflows.CreateDispatch(repository.Owner, repository.Name, workflow, new CreateWorkflowDispatch(branch));
            return NotReady($"the first run of {workflow}", null, (StepFacts.PipelineStart, Started));
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(404))
        {
            return await github.FindFileAsync(repository, $".github/workflows/{workflow}", branch) is null
                ? Done([]) with { Warning = $"the template has no workflow {workflow}; start the first deployment by hand" }
                : NotReady($"GitHub to read the workflow {workflow}");
        }
        // Actions that an organization or a repository doesn't have are no reason to undo anything.
        catch (ApplicationFailureException e) when (e.IsRefusal(422) || e.IsRefusal(403, "disabled"))
        {
            return Done([]) with { Warning = $"{workflow} can't be started: {e.Message}" };
        }
        catch (ApplicationFailureException e) when (e.ErrorType == ErrorTypes.Transient)
        {
            return Unknown(workflow);
        }
    }

    private async Task<WorkflowRun?> FindAsync(RepositoryRef repository, string workflow)
    {
        var found = await github.Actions.Workflows.Runs
            .ListByWorkflow(repository.Owner, repository.Name, workflow, new WorkflowRunsRequest { Event = Trigger }, new ApiOptions { PageSize = 1, PageCount = 1 })
            .OrNullAsync();
        return found?.WorkflowRuns.Count > 0 ? found.WorkflowRuns[0] : null;
    }

    private StepResult Unknown(string workflow) =>
        NotReady($"an answer about the start of {workflow}", null, (StepFacts.PipelineStart, Asked + time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)));

    private bool IsAwaited(string before) =>
        before.StartsWith(Asked, StringComparison.Ordinal)
        && time.GetUtcNow() - DateTimeOffset.Parse(before[Asked.Length..], CultureInfo.InvariantCulture) < Lag;
}
