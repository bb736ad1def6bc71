using Octokit;
using Temporalio.Exceptions;

namespace Onramp.Activities.GitHub;

/// <summary>Files of a repository's branch.</summary>
internal static class RepositoryFiles
{
    /// <summary>A file as it is now; null when there is none.</summary>
    public static async Task<RepositoryContent?> FindFileAsync(this IGitHubClient github, RepositoryRef repository, string path, string branch)
    {
        try
        {
            // Octokit puts the branch into the query as it is given.
            var found = await github.Repository.Content
                .GetAllContentsByRef(repository.Owner, repository.Name, path, Uri.EscapeDataString(branch))
                .OrNullAsync();
            return found?.SingleOrDefault(f => f.Path == path);
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(409, "empty"))
        {
            return null;
        }
    }

    /// <summary>Whether the branch is there; a repository just generated has none.</summary>
    public static async Task<bool> HasBranchAsync(this IGitHubClient github, RepositoryRef repository, string branch)
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

    /// <summary>Whether there is anything on the branch yet.</summary>
    public static async Task<bool> HasFilesAsync(this IGitHubClient github, RepositoryRef repository, string branch)
    {
        try
        {
            // Octokit's own address of the root ends in a slash, which GitHub doesn't know.
            var root = await github.Connection.Get<List<RepositoryContent>>(repository.Below($"contents?ref={branch}"), null).OrNullAsync();
            return root?.Body is { Count: > 0 };
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(409, "empty"))
        {
            return false;
        }
    }

    /// <summary>Writes a file over the one that was read; false when somebody else changed it in between and it must be read again.</summary>
    public static async Task<bool> TryWriteFileAsync(
        this IGitHubClient github, RepositoryRef repository, string path, string branch, string content, string? replaces, string message)
    {
        try
        {
            var files = github.Repository.Content;
            _ = replaces is null
                ? await files.CreateFile(repository.Owner, repository.Name, path, new CreateFileRequest(message, content, branch))
                : await files.UpdateFile(repository.Owner, repository.Name, path, new UpdateFileRequest(message, content, replaces, branch));
            return true;
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(409, "does not match") || e.IsRefusal(422, "\"sha\" wasn't supplied"))
        {
            return false;
        }
    }

    public static Task DeleteFileAsync(this IGitHubClient github, RepositoryRef repository, string path, string branch, string sha, string message) =>
        github.Repository.Content.DeleteFile(repository.Owner, repository.Name, path, new DeleteFileRequest(message, sha, branch)).OrGoneAsync();
}
