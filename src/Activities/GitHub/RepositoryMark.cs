using System.Text.RegularExpressions;
using Onramp.Workflows.Capabilities;

namespace Onramp.Activities.GitHub;

/// <summary>What ends a repository's description: who owns it, and, apart from it, which operation touched it last. Both are short digests.</summary>
internal sealed partial record RepositoryMark(string Owner, string Operation)
{
    /// <summary>GitHub's limit.</summary>
    private const int MaxLength = 350;

    public static RepositoryMark? Of(string? description) =>
        description is not null && Pattern().Match(description) is { Success: true } match
            ? new RepositoryMark(match.Groups["owner"].Value, match.Groups["operation"].Value)
            : null;

    public static string WithoutMark(string? description) => Pattern().Replace(description ?? "", "").TrimEnd();

    public static string Write(string description, OwnerMark owner, OperationKey operation)
    {
        var mark = $"[onramp {owner.Short} {operation.Short}]";
        var room = MaxLength - mark.Length - 1;
        return $"{(description.Length > room ? description[..room] : description)} {mark}".TrimStart();
    }

    /// <summary>Also the mark that a run of the older kind leaves: such a repository is somebody's.</summary>
    [GeneratedRegex(@"\[onramp[ :](?<owner>[0-9a-f]{12})( (?<operation>[0-9a-f]{12}))?\]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
