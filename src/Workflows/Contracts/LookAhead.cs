using Onramp.Workflows.Validation;

namespace Onramp.Workflows.Contracts;

/// <summary>
/// What a look at the systems came to before anybody is asked: what would end the run later ends it now, and the plan says what is there
/// instead of what may be. What couldn't be looked at is left out; its step meets it.
/// </summary>
public sealed record LookAhead
{
    /// <summary>Attempts at looking; in the last one it looks past what doesn't answer.</summary>
    public const int MaxAttempts = 3;

    /// <summary>What would end the run.</summary>
    public IReadOnlyList<AheadProblem> Problems { get; init; } = [];

    /// <summary>Whether the registry gives roles by repository (ABAC) or only on all of itself; null: not known.</summary>
    public bool? RegistryByRepository { get; init; }

    /// <summary>The services that the request depends on, as far as they could be looked at.</summary>
    public IReadOnlyList<DependencyFound> Dependencies { get; init; } = [];
}

/// <summary>Something that would end the run: as which of <see cref="ErrorTypes"/>, and which field of the request asked for it.</summary>
public sealed record AheadProblem(string Type, FieldError Error);

/// <summary>A service that another depends on.</summary>
/// <param name="Service">Its name.</param>
/// <param name="Access">One of <see cref="DependencyAccess"/>.</param>
/// <param name="Team">Its team; empty when it isn't there, or isn't the platform's.</param>
public sealed record DependencyFound(string Service, string Access, string Team = "");

/// <summary>How a service that another depends on comes to let it in.</summary>
public static class DependencyAccess
{
    /// <summary>It is of the same team and class of environment, so its side is opened with the caller's.</summary>
    public const string Opened = "opened";

    /// <summary>It isn't there yet. When the same team brings it, it lets in who depends on it.</summary>
    public const string Later = "later";

    /// <summary>It is somebody else's, who has to let the caller in.</summary>
    public const string Theirs = "theirs";
}
