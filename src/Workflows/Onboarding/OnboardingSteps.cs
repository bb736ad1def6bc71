using Onramp.Workflows.Contracts;

namespace Onramp.Workflows.Onboarding;

/// <summary>The whole table, in the order in which plans and progress list it.</summary>
public static class OnboardingSteps
{
    public static readonly IReadOnlyList<OnboardingStep> All =
        [.. GitHubSteps.Rows[..^1], .. AzureSteps.Rows, .. KubernetesSteps.Rows, .. ObservabilitySteps.Rows[..^1], GitHubSteps.Rows[^1], ObservabilitySteps.Rows[^1]];

    /// <summary>The rows that this request wants of this platform; what they come after is narrowed to rows that are there.</summary>
    public static IReadOnlyList<OnboardingStep> For(ServiceRequest request, PlatformProfile platform)
    {
        var wanted = All.Where(s => s.Applies(request) && s.IsOffered(platform)).ToList();
        var ids = wanted.Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        return wanted.Select(s => s with { After = s.After.Where(ids.Contains).ToArray() }).ToList();
    }
}
