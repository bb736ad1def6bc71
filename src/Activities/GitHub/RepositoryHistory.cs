using Octokit;
using Temporalio.Exceptions;

namespace Onramp.Activities.GitHub;

/// <summary>
/// Who has worked in a repository. What is a run's own is known by its author and by what it holds, never by its words: anybody can write
/// "Initial commit".
/// </summary>
internal sealed class RepositoryHistory(IGitHubClient github, PlatformLogin platform)
{
    private static readonly ApiOptions Pages = new() { PageSize = 100 };

    /// <summary>
    /// Whether nothing is in the repository but what the platform put there: the template's commit and those of its own files, on any branch, and no
    /// issue or pull request. It ends at the first thing of somebody else's.
    /// </summary>
    public async Task<bool> IsOnlyOfAsync(RepositoryRef repository, string defaultBranch, IEnumerable<(string Path, string Content)> ownFiles)
    {
        var (own, files) = (new HashSet<string>(StringComparer.Ordinal), ownFiles.ToDictionary(f => f.Path, f => GoldenPathFiles.BlobSha(f.Content)));
        var author = await platform.GetAsync();
        var branches = await github.Repository.Branch.GetAll(repository.Owner, repository.Name, Pages).OrNullAsync() ?? [];
        foreach (var branch in branches.OrderBy(b => b.Name != defaultBranch))
        {
            for (var sha = branch.Commit.Sha; own.Add(sha);)
            {
                var commit = await github.Repository.Commit.Get(repository.Owner, repository.Name, sha);
                if (commit.Author?.Login != author || commit.Parents.Count > 1)
                    return false;
                if (commit.Parents.Count == 0)
                    break;
                if (commit.Files is not { Count: > 0 } changed || !changed.All(f => files.GetValueOrDefault(f.Filename) == f.Sha))
                    return false;
                sha = commit.Parents[0].Sha;
            }
        }
        return !await HasIssuesAsync(repository);
    }

    private async Task<bool> HasIssuesAsync(RepositoryRef repository)
    {
        try
        {
            var first = await github.Connection.Get<List<object>>(repository.Below($"issues?state=all&per_page=1"), null).OrNullAsync();
            return first?.Body is { Count: > 0 };
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(410))
        {
            return false;
        }
    }
}

/// <summary>As whom the platform works on GitHub: the owner of its token, or its App.</summary>
internal sealed class PlatformLogin(Func<Task<string>> ask)
{
    private string? login;

    public async Task<string> GetAsync() => login ??= await ask();
}
