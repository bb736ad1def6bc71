using System.Globalization;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.GitHub;

/// <summary>Words of the <see cref="StepFacts.RepositoryHad"/> fact, and what they mean for a step.</summary>
internal static class AdoptedThings
{
    public const string Team = "team";
    public const string Protection = "protection";
    public const string Environment = "environment";

    public static string Variable(string name) => $"variable:{name}";

    public static string File(string path) => $"file:{path}";

    /// <summary>Whether the repository had this before the run; such things are neither changed nor removed.</summary>
    public static bool Had(this StepInput input, string thing) =>
        input.Facts.TryGetValue(StepFacts.RepositoryHad, out var had) && had.Split(',').Contains(thing, StringComparer.OrdinalIgnoreCase);

    /// <summary>The run's repository, as the repository step left it.</summary>
    public static RepositoryRef Repository(this StepInput input) => new(
        input.Names.RepositoryOwner,
        input.Names.RepositoryName,
        input.Facts.TryGetValue(StepFacts.RepositoryCreatedAt, out var at)
            ? DateTimeOffset.Parse(at, CultureInfo.InvariantCulture)
            : input.Key.RunStartedAt);

    /// <summary>Whether undoing something inside the repository can be left to the removal of the repository itself.</summary>
    public static bool GoesWithRepository(this StepInput input) =>
        input.Facts.TryGetValue(StepFacts.RepositoryCreated, out var created) && created == "true";
}
