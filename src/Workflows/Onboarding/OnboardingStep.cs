using Onramp.Workflows.Contracts;

namespace Onramp.Workflows.Onboarding;

/// <summary>What a row of the step table may look at when it says what it will make.</summary>
public sealed record PlanContext(ServiceRequest Request, ServiceNames Names, PlatformProfile Platform, LookAhead Ahead);

/// <summary>One row of the onboarding table: everything that makes a step what it is.</summary>
public sealed record OnboardingStep
{
    public required string Id { get; init; }
    public required string Title { get; init; }
    public required string System { get; init; }
    public required OnboardingPhase Phase { get; init; }

    /// <summary>Steps that come first. Those that do not apply to a request count as done.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>Activity that does it.</summary>
    public required string Do { get; init; }

    /// <summary>Activity that undoes it; none when there is nothing to undo.</summary>
    public string? Undo { get; init; }

    /// <summary>Whether this request wants it.</summary>
    public Func<ServiceRequest, bool> Applies { get; init; } = static _ => true;

    /// <summary>Whether this platform has it.</summary>
    public Func<PlatformProfile, bool> IsOffered { get; init; } = static _ => true;

    /// <summary>How long it may stay under way.</summary>
    public Func<TimingProfile, TimeSpan> WaitLimit { get; init; } = static t => t.Verification;

    /// <summary>Whether running out of <see cref="WaitLimit"/> only warns.</summary>
    public bool WaitLimitIsWarning { get; init; }

    /// <summary>Time for one attempt of its activities.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What it will make, for the plan.</summary>
    public Func<PlanContext, IEnumerable<PlannedResource>> Plans { get; init; } = static _ => [];

    /// <summary>A line of the plan for this row.</summary>
    internal static Func<PlanContext, IEnumerable<PlannedResource>> Plan(
        string step, string system, params Func<PlanContext, (string Kind, string Name, string Detail)>[] lines) =>
        context => lines.Select(line => line(context)).Select(l => new PlannedResource
        {
            Step = step,
            System = system,
            Kind = l.Kind,
            Name = l.Name,
            Detail = l.Detail,
        });
}
