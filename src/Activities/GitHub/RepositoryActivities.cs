using System.Globalization;
using Octokit;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using Temporalio.Exceptions;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.GitHub;

/// <summary>
/// The repository itself. Its description ends in the run's mark, which is set in the same call that creates it: whether a
/// repository is ours can be told even when the answer to that call was lost.
/// </summary>
public sealed class RepositoryActivities
{
    private const string SentinelFile = "catalog-info.yaml";
    private const string OtherSentinelFile = "README.md";

    /// <summary>Beginnings of commit messages that a run itself causes.</summary>
    private static readonly string[] OwnCommits = ["Initial commit", FileActivities.CommitPrefix];

    private readonly IGitHubClient github;

    internal RepositoryActivities(IGitHubClient github) => this.github = github;

    [Activity(ActivityNames.CreateRepository)]
    public async Task<StepResult> CreateAsync(StepInput input)
    {
        GitHubStep.Begin(input);
        var adopt = input.Request.Repository.Mode == Vocabulary.RepositoryAdopt;
        var repository = adopt
            ? await AdoptAsync(input)
            : await FindOwnAsync(input) ?? await GenerateAsync(input);
        var resource = new StepResource("repository", repository.FullName, repository.Id.ToString(CultureInfo.InvariantCulture), Created: !adopt);
        var reference = RepositoryRef.To(repository);
        RepositoryAtWork.Begin(reference);
        if (!await IsPopulatedAsync(reference, repository.DefaultBranch))
            return NotReady($"the contents of {repository.FullName}", [resource]);
        if (!adopt)
            await SettleAsync(input, reference, repository);
        return Done(
            resource,
            repository.HtmlUrl,
            (StepFacts.RepositoryCreated, adopt ? "false" : "true"),
            (StepFacts.RepositoryCreatedAt, repository.CreatedAt.ToString("O", CultureInfo.InvariantCulture)),
            (StepFacts.RepositoryHad, adopt ? await TakeStockAsync(input, reference, repository.DefaultBranch) : ""),
            (StepFacts.RepositoryId, repository.Id.ToString(CultureInfo.InvariantCulture)),
            (StepFacts.RepositoryUrl, repository.HtmlUrl),
            (StepFacts.RepositoryCloneUrl, repository.CloneUrl),
            (StepFacts.DefaultBranch, repository.DefaultBranch),
            (StepFacts.OidcSubjectPrefix, await OidcSubject.GetPrefixAsync(github, reference)));
    }

    /// <summary>Deletes what this run created; a repository that people have committed to since is archived instead.</summary>
    [Activity(ActivityNames.DeleteRepository)]
    public async Task<UndoResult> DeleteAsync(StepInput input, StepResult? result)
    {
        GitHubStep.Begin(input);
        var repository = await FindAsync(input.Names);
        if (repository is null || repository.Archived || !IsOwn(repository, input.Key))
            return Undone;
        var reference = RepositoryRef.To(repository);
        var commits = await ListCommitsAsync(reference);
        if (commits.All(c => OwnCommits.Any(own => c.Commit.Message.StartsWith(own, StringComparison.Ordinal))))
            await github.Repository.Delete(reference.Owner, reference.Name).OrGoneAsync();
        else
            await github.Repository.Edit(reference.Owner, reference.Name, new RepositoryUpdate { Archived = true });
        return Undone;
    }

    private static string Marker(StepKey key) => $"[onramp:{key.ShortMark}]";

    private static bool IsOwn(Repository repository, StepKey key) => repository.Description?.EndsWith(Marker(key), StringComparison.Ordinal) == true;

    private Task<Repository?> FindAsync(ServiceNames names) =>
        github.Repository.Get(names.RepositoryOwner, names.RepositoryName).OrNullAsync();

    private async Task<Repository?> FindOwnAsync(StepInput input)
    {
        var names = input.Names;
        var found = await FindAsync(names);
        if (found is null || IsOwn(found, input.Key))
            return found;
        // A repository that was renamed away still answers under its old name; the name itself is free.
        return string.Equals(found.FullName, $"{names.RepositoryOwner}/{names.RepositoryName}", StringComparison.OrdinalIgnoreCase)
            ? throw Taken(names)
            : null;
    }

    private async Task<Repository> GenerateAsync(StepInput input)
    {
        var names = input.Names;
        var template = input.Platform.GitHub.TemplateRepository
            .Replace("{template}", input.Request.Template, StringComparison.Ordinal)
            .Replace("{language}", input.Request.Language, StringComparison.Ordinal);
        var description = $"{input.Request.Description} {Marker(input.Key)}".TrimStart();
        var parts = template.Split('/', 2);
        var wanted = new NewRepositoryFromTemplate(names.RepositoryName) { Owner = names.RepositoryOwner, Description = description, Private = true };
        try
        {
            return await github.Repository.Generate(parts[0], parts[1], wanted);
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(422, "already exists"))
        {
            return await FindOwnAsync(input) ?? throw Taken(names);
        }
    }

    private async Task<Repository> AdoptAsync(StepInput input)
    {
        var names = input.Names;
        var found = await FindAsync(names)
            ?? throw Failures.Of(ErrorTypes.NotFound, "GitHub", $"there is no repository {names.RepositoryOwner}/{names.RepositoryName} to adopt");
        return found.Archived ? throw Failures.Of(ErrorTypes.PolicyDenied, "GitHub", $"{found.FullName} is archived", "Unarchive it first.") : found;
    }

    private async Task<bool> IsPopulatedAsync(RepositoryRef repository, string branch) =>
        await HasBranchAsync(repository, branch)
        && (await github.FindFileAsync(repository, SentinelFile, branch) is not null
            || await github.FindFileAsync(repository, OtherSentinelFile, branch) is not null);

    /// <summary>Whether the branch is there; a repository just generated has none.</summary>
    private async Task<bool> HasBranchAsync(RepositoryRef repository, string branch)
    {
        try
        {
            return await github.Repository.Branch.Get(repository.Owner, repository.Name, Uri.EscapeDataString(branch)).IsThereAsync();
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(409, "empty"))
        {
            return false;
        }
    }

    /// <summary>Every commit of the default branch; none while the repository is empty.</summary>
    private async Task<IReadOnlyList<GitHubCommit>> ListCommitsAsync(RepositoryRef repository)
    {
        try
        {
            return await github.Repository.Commit.GetAll(repository.Owner, repository.Name, new ApiOptions { PageSize = 100 }).OrNullAsync() ?? [];
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(409, "empty"))
        {
            return [];
        }
    }

    private async Task SettleAsync(StepInput input, RepositoryRef reference, Repository repository)
    {
        var visibility = Enum.Parse<RepositoryVisibility>(input.Request.Repository.Visibility, ignoreCase: true);
        if (repository.Visibility != visibility)
            await github.Repository.Edit(reference.Owner, reference.Name, new RepositoryUpdate { Visibility = visibility });
        await github.Repository.ReplaceAllTopics(
            reference.Owner, reference.Name, new RepositoryTopics(["golden-path", input.Request.Team, input.Request.Language]));
    }

    /// <summary>What an adopted repository has of the things that later steps would make; those are then left alone.</summary>
    private async Task<string> TakeStockAsync(StepInput input, RepositoryRef repository, string branch)
    {
        var had = new List<string>();
        if (await github.HasTeamAsync(input.Names.RepositoryOwner, input.Request.Team, repository))
            had.Add(AdoptedThings.Team);
        if (await github.IsProtectedAsync(repository, branch))
            had.Add(AdoptedThings.Protection);
        if (await github.HasEnvironmentAsync(repository, input.Names.EnvironmentShort))
            had.Add(AdoptedThings.Environment);
        foreach (var variable in await github.ListVariablesAsync(repository, input.Names.EnvironmentShort))
            had.Add(AdoptedThings.Variable(variable.Name));
        foreach (var path in GoldenPathFiles.Paths)
        {
            if (await github.FindFileAsync(repository, path, branch) is not null)
                had.Add(AdoptedThings.File(path));
        }
        return string.Join(',', had);
    }

    private static Exception Taken(ServiceNames names) => Failures.Of(
        ErrorTypes.NameTaken,
        "GitHub",
        $"the repository name {names.RepositoryOwner}/{names.RepositoryName} is taken",
        "Choose another service name, or ask with repository.mode 'adopt' if the repository is yours.");
}
