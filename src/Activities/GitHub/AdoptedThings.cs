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
}
