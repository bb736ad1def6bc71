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
    /// <summary>How long a repository that was made, or whose name is taken, may not be seen.</summary>
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(5);

    private readonly IGitHubClient github;
    private readonly RepositoryHistory history;
    private readonly TimeProvider time;

    internal RepositoryActivities(IGitHubClient github, RepositoryHistory history, TimeProvider time) =>
        (this.github, this.history, this.time) = (github, history, time);

    [Activity(ActivityNames.CreateRepository)]
    public async Task<StepResult> CreateAsync(StepInput input)
    {
        GitHubStep.Begin(input);
        var adopt = input.Request.Repository.Mode == Vocabulary.RepositoryAdopt;
        var repository = adopt ? await AdoptAsync(input) : await FindOwnAsync(input) ?? await GenerateAsync(input);
        if (repository is null)
            return NotReady($"an answer about {input.Names.RepositoryName}", null, (StepFacts.RepositoryAskedAt, time.GetUtcNow().ToString("O")));
        var resource = new StepResource("repository", repository.FullName, repository.Id.ToString(CultureInfo.InvariantCulture), Created: !adopt);
        var reference = RepositoryRef.To(repository);
        RepositoryAtWork.Begin(reference);
        if (!await IsPopulatedAsync(reference, repository.DefaultBranch))
        {
            // A new one may be one that a template is still being copied into.
            return adopt && time.GetUtcNow() - repository.CreatedAt > Lag
                ? throw Failures.Of(ErrorTypes.PolicyDenied, "GitHub", $"{repository.FullName} is empty: it has no {repository.DefaultBranch}",
                    "Push a first commit, or delete it and let it be created.")
                : NotReady($"the contents of {repository.FullName}", [resource]);
        }
        if (!adopt)
            await SettleAsync(input, reference, repository);
        var subject = await OidcSubject.ReadAsync(github, reference);
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
            (StepFacts.OidcSubjectPrefix, subject.Prefix(reference)),
            (StepFacts.OidcSubject, subject.For(repository, input.Names.EnvironmentShort)));
    }

    /// <summary>Deletes what this run created; a repository in which people have done anything since is archived instead.</summary>
    [Activity(ActivityNames.DeleteRepository)]
    public async Task<UndoResult> DeleteAsync(StepInput input, StepResult? result)
    {
        GitHubStep.Begin(input);
        var repository = await FindByIdAsync(input) ?? await FindAsync(input.Names);
        if (repository is null)
            return MayAppear(input) ? Removing($"{input.Names.RepositoryName}, which was asked for without an answer") : Undone;
        if (!IsOwn(repository, input.Key))
            return Undone;
        var reference = RepositoryRef.To(repository);
        var own = await history.IsOnlyOfAsync(reference, repository.DefaultBranch, GoldenPathFiles.For(input));
        if (repository.Archived)
            return Kept(repository, own ? "somebody has archived it, or GitHub doesn't let it be deleted" : "people have worked in it");
        if (own && await github.TryDeleteRepositoryAsync(reference))
            return Undone;
        await github.Repository.Edit(reference.Owner, reference.Name, new RepositoryUpdate { Archived = true });
        return Kept(repository, own ? "GitHub doesn't let it be deleted" : "people have worked in it");
    }

    private static UndoResult Kept(Repository repository, string reason) =>
        new(Left: $"repository {repository.FullName}, archived, since {reason}", IsInTheWay: true);

    /// <summary>Whether a repository that is not seen may have been made by a call that got no answer.</summary>
    private bool MayAppear(StepInput input) =>
        !input.Facts.ContainsKey(StepFacts.RepositoryCreated)
        && input.Facts.TryGetValue(StepFacts.RepositoryAskedAt, out var at)
        && time.GetUtcNow() - DateTimeOffset.Parse(at, CultureInfo.InvariantCulture) < Lag;

    private static string Marker(StepKey key) => $"[onramp:{key.ShortMark}]";

    internal static bool IsOwn(Repository repository, StepKey key) => repository.Description?.EndsWith(Marker(key), StringComparison.Ordinal) == true;

    /// <summary>By number, which outlives renames, and is nobody else's when the name is used again.</summary>
    private async Task<Repository?> FindByIdAsync(StepInput input) =>
        input.Facts.TryGetValue(StepFacts.RepositoryId, out var id)
            ? await github.Repository.Get(long.Parse(id, CultureInfo.InvariantCulture)).OrNullAsync()
            : null;

    private Task<Repository?> FindAsync(ServiceNames names) =>
        github.Repository.Get(names.RepositoryOwner, names.RepositoryName).OrNullAsync();

    private async Task<Repository?> FindOwnAsync(StepInput input)
    {
        var names = input.Names;
        var found = await FindAsync(names);
        if (found is null || IsOwn(found, input.Key))
            return found;
        // A repository that was renamed away still answers under its old name; the name itself is free.
        return IsNamed(found, names) ? throw Taken(names) : null;
    }

    /// <summary>Whether it still has the name that it was found by; GitHub finds it by former ones, too.</summary>
    internal static bool IsNamed(Repository found, ServiceNames names) =>
        string.Equals(found.FullName, $"{names.RepositoryOwner}/{names.RepositoryName}", StringComparison.OrdinalIgnoreCase);

    internal static (string Owner, string Name) Template(StepInput input)
    {
        var parts = input.Platform.GitHub.TemplateRepository
            .Replace("{template}", input.Request.Template, StringComparison.Ordinal)
            .Replace("{language}", input.Request.Language, StringComparison.Ordinal)
            .Split('/', 2);
        return (parts[0], parts[1]);
    }

    /// <summary>
    /// Asks for the repository. Null when no answer came for the first time: that goes into the history, so that an undo knows that there may be
    /// something to look for.
    /// </summary>
    private async Task<Repository?> GenerateAsync(StepInput input)
    {
        var names = input.Names;
        var template = Template(input);
        var description = $"{input.Request.Description} {Marker(input.Key)}".TrimStart();
        var wanted = new NewRepositoryFromTemplate(names.RepositoryName) { Owner = names.RepositoryOwner, Description = description, Private = true };
        try
        {
            return await github.Repository.Generate(template.Owner, template.Name, wanted);
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(422, "already exists"))
        {
            return await FindOwnAsync(input) ?? throw NotSeen(names);
        }
        catch (ApplicationFailureException e) when (e.ErrorType == ErrorTypes.Transient && !input.Facts.ContainsKey(StepFacts.RepositoryAskedAt))
        {
            return null;
        }
    }

    private async Task<Repository> AdoptAsync(StepInput input)
    {
        var names = input.Names;
        var found = await FindAsync(names)
            ?? throw Failures.NotThere("GitHub", $"there is no repository {names.RepositoryOwner}/{names.RepositoryName} to adopt");
        if (!IsNamed(found, names))
        {
            throw Failures.Of(ErrorTypes.PolicyDenied, "GitHub", $"{names.RepositoryOwner}/{names.RepositoryName} is {found.FullName} by now",
                "Ask under the name that it has now.");
        }
        return found.Archived ? throw Failures.Of(ErrorTypes.PolicyDenied, "GitHub", $"{found.FullName} is archived", "Unarchive it first.") : found;
    }

    private async Task<bool> IsPopulatedAsync(RepositoryRef repository, string branch) =>
        await github.HasBranchAsync(repository, branch) && await github.HasFilesAsync(repository, branch);

    private async Task SettleAsync(StepInput input, RepositoryRef reference, Repository repository)
    {
        var visibility = Enum.Parse<RepositoryVisibility>(input.Request.Repository.Visibility, ignoreCase: true);
        if (repository.Visibility != visibility)
            await github.Repository.Edit(reference.Owner, reference.Name, new RepositoryUpdate { Visibility = visibility });
        await github.Repository.ReplaceAllTopics(
            reference.Owner, reference.Name, new RepositoryTopics(["golden-path", input.Request.Team, input.Request.Language]));
    }

    /// <summary>
    /// What an adopted repository has of the things that later steps would make; those are then left alone. What isn't seen is looked for twice: it
    /// would be changed, and removed when all is undone.
    /// </summary>
    private async Task<string> TakeStockAsync(StepInput input, RepositoryRef repository, string branch)
    {
        var had = new List<string>();
        var environment = input.Names.EnvironmentShort;
        if (await TwiceAsync(() => github.HasTeamAsync(input.Names.RepositoryOwner, input.Request.Team, repository)))
            had.Add(AdoptedThings.Team);
        if (await TwiceAsync(() => github.IsProtectedAsync(repository, branch)))
            had.Add(AdoptedThings.Protection);
        if (await TwiceAsync(() => github.HasEnvironmentAsync(repository, environment)))
        {
            had.Add(AdoptedThings.Environment);
            var variables = await github.ListVariablesAsync(repository, environment) is { Count: > 0 } seen ? seen : await github.ListVariablesAsync(repository, environment);
            had.AddRange(variables.Select(v => AdoptedThings.Variable(v.Name)));
        }
        // One by one: GitHub lists no more than a thousand files of a folder.
        foreach (var place in GoldenPathFiles.AllPlaces)
        {
            if (await TwiceAsync(async () => await github.FindFileAsync(repository, place, branch) is not null))
                had.Add(AdoptedThings.File(place));
        }
        return string.Join(',', had);
    }

    private static async Task<bool> TwiceAsync(Func<Task<bool>> look) => await look() || await look();

    private static Exception Taken(ServiceNames names) => Failures.Of(
        ErrorTypes.NameTaken,
        "GitHub",
        $"the repository name {names.RepositoryOwner}/{names.RepositoryName} is taken",
        "Choose another service name, or ask with repository.mode 'adopt' if the repository is yours.");

    /// <summary>
    /// The name is taken, and nothing is seen under it: a moment after it was taken that says nothing about whose it is, perhaps this run's own.
    /// </summary>
    private Exception NotSeen(ServiceNames names) => StepActivity.Age(time) < Lag
        ? Failures.Transient("GitHub", $"{names.RepositoryOwner}/{names.RepositoryName} exists and can't be seen yet", 422)
        : Taken(names);
}
