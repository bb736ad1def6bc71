using Onramp.Workflows.Contracts;

namespace Onramp.Starter.Services;

/// <summary>One line of the list of services.</summary>
public sealed record ServiceSummary
{
    public required string Id { get; init; }
    public required string RunId { get; init; }
    public required string RequestId { get; init; }
    public required string Service { get; init; }
    public required string Team { get; init; }
    public required string Environment { get; init; }
    public required OnboardingStatus Status { get; init; }
    public required OnboardingPhase Phase { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>A page of the list; <see cref="NextPageToken"/> is there when there is more.</summary>
public sealed record ServicePage
{
    public required IReadOnlyList<ServiceSummary> Items { get; init; }
    public string? NextPageToken { get; init; }
}

/// <summary>Answer to a request for a service: where to look from now on.</summary>
public sealed record ServiceAccepted
{
    public required string Id { get; init; }
    public required string RunId { get; init; }
    public required string RequestId { get; init; }
    public required OnboardingStatus Status { get; init; }

    /// <summary>False when the same request had been made before and this is its run.</summary>
    public required bool Started { get; init; }

    public required string Href { get; init; }
    public required string EventsHref { get; init; }

    /// <summary>Where it is shown in Temporal's web UI; absent where none is known.</summary>
    public string? RunPage { get; init; }
}

/// <summary>What came of an approver's decision.</summary>
public sealed record DecisionAccepted
{
    public required string Id { get; init; }
    public required string DecisionId { get; init; }
    public required DecisionOutcome Outcome { get; init; }

    /// <summary>State of the approval as a whole after it.</summary>
    public required string State { get; init; }
}

/// <summary>Everything known of one service's onboarding.</summary>
public sealed record ServiceView
{
    public required string Id { get; init; }

    /// <summary>The run's own account of itself.</summary>
    public required OnboardingProgress Progress { get; init; }

    /// <summary>True once the run has ended; nothing changes any more.</summary>
    public required bool IsClosed { get; init; }

    /// <summary>False when no worker could be asked: then <see cref="Progress"/> holds only what the server itself knows.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>Where it is shown in Temporal's web UI; absent where none is known.</summary>
    public string? RunPage { get; init; }
}
