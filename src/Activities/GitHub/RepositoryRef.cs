using System.Globalization;
using Octokit;

namespace Onramp.Activities.GitHub;

/// <summary>Which repository, and since when: shortly after that, "not found" below it means "not yet".</summary>
/// <param name="Owner">Organization.</param>
/// <param name="Name">Name within it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Id">Its number, where that is known.</param>
internal sealed record RepositoryRef(string Owner, string Name, DateTimeOffset CreatedAt, long? Id = null)
{
    /// <summary>Path below the API's address, without a slash in front: GitHub Enterprise Server's address has a path of its own.</summary>
    public string Path => $"repos/{Uri.EscapeDataString(Owner)}/{Uri.EscapeDataString(Name)}";

    /// <summary>By the name that it has now: somebody may have renamed it since.</summary>
    public static RepositoryRef To(Repository repository)
    {
        var parts = repository.FullName.Split('/', 2);
        return new RepositoryRef(parts[0], parts[1], repository.CreatedAt, repository.Id);
    }

    /// <summary>Address of something in this repository.</summary>
    public Uri Below(FormattableString path) =>
        new($"{Path}/{string.Format(null, path.Format, [.. path.GetArguments().Select(a => (object)Uri.EscapeDataString((string)a!))])}", UriKind.Relative);
}

/// <summary>
/// The repository that the current step works on. It flows with the activity's async context, so that every call below a new repository is
/// judged alike, whoever makes it.
/// </summary>
internal static class RepositoryAtWork
{
    /// <summary>How long "not found" below a new repository means "not yet".</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);

    private static readonly AsyncLocal<RepositoryRef?> Current = new();

    public static void Begin(RepositoryRef repository) => Current.Value = repository;

    /// <summary>Whether a path is that of the step's repository, or below it, while that is so new that it is not seen everywhere.</summary>
    public static bool IsFresh(string path, DateTimeOffset now) =>
        Current.Value is { } repository
        && now - repository.CreatedAt < Freshness
        && ($"{path}/".Contains($"/{repository.Path}/", StringComparison.OrdinalIgnoreCase)
            || (repository.Id is { } id && $"{path}/".Contains(string.Create(CultureInfo.InvariantCulture, $"/repositories/{id}/"), StringComparison.Ordinal)));
}
