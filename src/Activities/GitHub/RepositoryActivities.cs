using System.Globalization;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
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

    private readonly GitHubClient github;

    internal RepositoryActivities(GitHubClient github) => this.github = github;

    [Activity(ActivityNames.CreateRepository)]
    public async Task<StepResult> CreateAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var adopt = input.Request.Repository.Mode == Vocabulary.RepositoryAdopt;
        var repository = adopt
            ? await AdoptAsync(input, cancellationToken)
            : await FindOwnAsync(input, cancellationToken) ?? await GenerateAsync(input, cancellationToken);
        var resource = new StepResource("repository", repository.FullName, repository.Id.ToString(CultureInfo.InvariantCulture), Created: !adopt);
        var reference = ReferenceTo(repository);
        if (!await IsPopulatedAsync(reference, repository.DefaultBranch, cancellationToken))
            return NotReady($"the contents of {repository.FullName}", [resource]);
        if (!adopt)
            await SettleAsync(input, reference, repository, cancellationToken);
        return Done(
            resource,
            repository.HtmlUrl,
            (StepFacts.RepositoryCreated, adopt ? "false" : "true"),
            (StepFacts.RepositoryCreatedAt, repository.CreatedAt.ToString("O", CultureInfo.InvariantCulture)),
            (StepFacts.RepositoryHad, adopt ? await TakeStockAsync(input, reference, repository.DefaultBranch, cancellationToken) : ""),
            (StepFacts.RepositoryId, repository.Id.ToString(CultureInfo.InvariantCulture)),
            (StepFacts.RepositoryUrl, repository.HtmlUrl),
            (StepFacts.RepositoryCloneUrl, repository.CloneUrl),
            (StepFacts.DefaultBranch, repository.DefaultBranch),
            (StepFacts.OidcSubjectPrefix, await github.GetOidcSubjectPrefixAsync(reference, cancellationToken)));
    }

    /// <summary>Deletes what this run created; a repository that people have committed to since is archived instead.</summary>
    [Activity(ActivityNames.DeleteRepository)]
    public async Task<UndoResult> DeleteAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var repository = await github.FindRepositoryAsync(input.Names.RepositoryOwner, input.Names.RepositoryName, cancellationToken);
        if (repository is null || repository.Archived || !IsOwn(repository, input.Key))
            return Undone;
        var reference = ReferenceTo(repository);
        var commits = await github.ListCommitMessagesAsync(reference, cancellationToken);
        if (commits.All(c => OwnCommits.Any(own => c.StartsWith(own, StringComparison.Ordinal))))
            await github.DeleteRepositoryAsync(reference, cancellationToken);
        else
            await github.ArchiveRepositoryAsync(reference, cancellationToken);
        return Undone;
    }

    private static string Marker(StepKey key) => $"[onramp:{key.ShortMark}]";

    private static bool IsOwn(Repository repository, StepKey key) => repository.Description.EndsWith(Marker(key), StringComparison.Ordinal);

    /// <summary>By the name that it has now: somebody may have renamed it since.</summary>
    private static RepositoryRef ReferenceTo(Repository repository)
    {
        var parts = repository.FullName.Split('/', 2);
        return new RepositoryRef(parts[0], parts[1], repository.CreatedAt);
    }

    private async Task<Repository?> FindOwnAsync(StepInput input, CancellationToken cancellationToken)
    {
        var names = input.Names;
        var found = await github.FindRepositoryAsync(names.RepositoryOwner, names.RepositoryName, cancellationToken);
        if (found is null || IsOwn(found, input.Key))
            return found;
        // A repository that was renamed away still answers under its old name; the name itself is free.
        return string.Equals(found.FullName, $"{names.RepositoryOwner}/{names.RepositoryName}", StringComparison.OrdinalIgnoreCase)
            ? throw Taken(names)
            : null;
    }

    private async Task<Repository> GenerateAsync(StepInput input, CancellationToken cancellationToken)
    {
        var names = input.Names;
        var template = input.Platform.GitHub.TemplateRepository
            .Replace("{template}", input.Request.Template, StringComparison.Ordinal)
            .Replace("{language}", input.Request.Language, StringComparison.Ordinal);
        var description = $"{input.Request.Description} {Marker(input.Key)}".TrimStart();
        return await github.GenerateAsync(template, names.RepositoryOwner, names.RepositoryName, description, cancellationToken)
            ?? await FindOwnAsync(input, cancellationToken)
            ?? throw Taken(names);
    }

    private async Task<Repository> AdoptAsync(StepInput input, CancellationToken cancellationToken)
    {
        var names = input.Names;
        var found = await github.FindRepositoryAsync(names.RepositoryOwner, names.RepositoryName, cancellationToken)
            ?? throw Failures.Of(ErrorTypes.NotFound, "GitHub", $"there is no repository {names.RepositoryOwner}/{names.RepositoryName} to adopt");
        return found.Archived ? throw Failures.Of(ErrorTypes.PolicyDenied, "GitHub", $"{found.FullName} is archived", "Unarchive it first.") : found;
    }

    private async Task<bool> IsPopulatedAsync(RepositoryRef repository, string branch, CancellationToken cancellationToken) =>
        await github.HasBranchAsync(repository, branch, cancellationToken)
        && (await github.FindFileAsync(repository, SentinelFile, branch, cancellationToken) is not null
            || await github.FindFileAsync(repository, OtherSentinelFile, branch, cancellationToken) is not null);

    private async Task SettleAsync(StepInput input, RepositoryRef reference, Repository repository, CancellationToken cancellationToken)
    {
        if (repository.Visibility != input.Request.Repository.Visibility)
            await github.SetVisibilityAsync(reference, input.Request.Repository.Visibility, cancellationToken);
        await github.SetTopicsAsync(reference, ["golden-path", input.Request.Team, input.Request.Language], cancellationToken);
    }

    /// <summary>What an adopted repository has of the things that later steps would make; those are then left alone.</summary>
    private async Task<string> TakeStockAsync(StepInput input, RepositoryRef repository, string branch, CancellationToken cancellationToken)
    {
        var had = new List<string>();
        if (await github.HasTeamAsync(input.Names.RepositoryOwner, input.Request.Team, repository, cancellationToken))
            had.Add(AdoptedThings.Team);
        if (await github.IsProtectedAsync(repository, branch, cancellationToken))
            had.Add(AdoptedThings.Protection);
        if (await github.HasEnvironmentAsync(repository, input.Names.EnvironmentShort, cancellationToken))
            had.Add(AdoptedThings.Environment);
        foreach (var variable in await github.ListVariablesAsync(repository, input.Names.EnvironmentShort, cancellationToken))
            had.Add(AdoptedThings.Variable(variable));
        foreach (var path in GoldenPathFiles.Paths)
        {
            if (await github.FindFileAsync(repository, path, branch, cancellationToken) is not null)
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
