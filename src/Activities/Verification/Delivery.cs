using k8s.Models;
using Onramp.Activities.Kubernetes;

namespace Onramp.Activities.Verification;

/// <summary>Reads how far a delivery is. A condition about an older generation of the object says nothing about this one.</summary>
internal static class Delivery
{
    private static readonly IReadOnlyList<string> ArgoErrors = ["ComparisonError", "InvalidSpecError"];

    public static CheckResult Flux(IFluxObject? found)
    {
        if (found is null)
            return new CheckResult("is not there");
        if (found.Status?.ObservedGeneration is { } observed && found.Generation() is { } generation && observed != generation)
            return new CheckResult("is being reconciled");
        if (Condition(found, "Stalled") is { Status: "True" } stalled)
            return new CheckResult($"has stalled: {stalled.Message}", WarnOnly: true);
        var ready = Condition(found, "Ready");
        return ready?.Status == "True" ? CheckResult.Good : new CheckResult($"is not ready: {ready?.Message ?? "no status yet"}");
    }

    public static CheckResult ArgoCd(Application? found)
    {
        if (found is null)
            return new CheckResult("is not there");
        if (found.Status?.Conditions?.FirstOrDefault(c => ArgoErrors.Contains(c.Type)) is { } error)
            return new CheckResult($"{error.Type}: {error.Message}", WarnOnly: true);
        var (sync, health) = (found.Status?.Sync?.Status, found.Status?.Health?.Status);
        if (health == "Degraded")
            return new CheckResult($"is degraded: {found.Status?.Health?.Message}", WarnOnly: true);
        return sync == "Synced" && health == "Healthy" ? CheckResult.Good : new CheckResult($"is {sync ?? "Unknown"} and {health ?? "Unknown"}");
    }

    private static StatusCondition? Condition(IFluxObject found, string type) => found.Status?.Conditions?.FirstOrDefault(c => c.Type == type);
}
