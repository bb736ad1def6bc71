using System.Globalization;
using Octokit;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.GitHub;

/// <summary>The repository that a run made or adopted, wherever it is by now.</summary>
internal static class RunRepository
{
    /// <summary>The run's repository, as the repository step left it.</summary>
    public static RepositoryRef Repository(this StepInput input) => new(
        input.Names.RepositoryOwner,
        input.Names.RepositoryName,
        input.Facts.TryGetValue(StepFacts.RepositoryCreatedAt, out var at)
            ? DateTimeOffset.Parse(at, CultureInfo.InvariantCulture)
            : input.Key.RunStartedAt,
        input.Facts.TryGetValue(StepFacts.RepositoryId, out var id) ? long.Parse(id, CultureInfo.InvariantCulture) : null);

    /// <summary>
    /// The run's repository under the name that it has now. It goes by number: somebody may have renamed it since, and somebody else's may have its
    /// name by now. Null when it is gone.
    /// </summary>
    public static async Task<RepositoryRef?> FindRepositoryAsync(this IGitHubClient github, StepInput input)
    {
        if (input.Repository() is not { Id: { } id } known)
            return input.Repository();
        if (await github.Repository.Get(id).OrNullAsync() is not { } found)
            return null;
        return RepositoryRef.To(found) with { CreatedAt = known.CreatedAt };
    }

    /// <summary>As <see cref="FindRepositoryAsync"/>, for steps that need it.</summary>
    public static async Task<RepositoryRef> RequireRepositoryAsync(this IGitHubClient github, StepInput input) =>
        input.Repository() is { Id: { } id } known
            ? RepositoryRef.To(await github.Repository.Get(id)) with { CreatedAt = known.CreatedAt }
            : input.Repository();

    /// <summary>
    /// Undoes something inside the repository. In one that somebody has archived nothing can be changed: what this run made there stays, which is
    /// told unless the repository itself is the run's.
    /// </summary>
    public static async Task<UndoResult> UndoInsideAsync(this IGitHubClient github, StepInput input, string what, Func<RepositoryRef, Task> undo)
    {
        if (await github.FindRepositoryAsync(input) is not { } repository)
            return new UndoResult();
        try
        {
            await undo(repository);
            return new UndoResult();
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(403, "was archived"))
        {
            return input.GoesWithRepository() ? new UndoResult() : new UndoResult(Left: $"{what} in {repository.Owner}/{repository.Name}, which somebody has archived");
        }
    }

    /// <summary>Whether undoing something inside the repository can be left to the removal of the repository itself.</summary>
    public static bool GoesWithRepository(this StepInput input) =>
        input.Facts.TryGetValue(StepFacts.RepositoryCreated, out var created) && created == "true";

    /// <summary>Deletes a repository; false where the organization lets no repositories be deleted.</summary>
    public static async Task<bool> TryDeleteRepositoryAsync(this IGitHubClient github, RepositoryRef repository)
    {
        try
        {
            await github.Repository.Delete(repository.Owner, repository.Name).OrGoneAsync();
            return true;
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(403) && e.NonRetryable)
        {
            return false;
        }
    }
}
