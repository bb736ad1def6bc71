using k8s.Models;
using Onramp.Activities.Kubernetes;

namespace Onramp.Activities.Verification;

/// <summary>
/// Reads how far a delivery is, and what its team can do when it isn't well. A condition about an older generation of the object says
/// nothing about this one.
/// </summary>
internal static class Delivery
{
    private static readonly IReadOnlyList<string> ArgoErrors = ["ComparisonError", "InvalidSpecError", "SyncError"];

    /// <summary>What to do by Flux's own reasons.</summary>
    private static readonly IReadOnlyDictionary<string, string> Advice = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ArtifactFailed"] = "are the manifests where they are looked for?",
        ["BuildFailed"] = "repair the manifests",
        ["ReconciliationFailed"] = "repair the manifests: the cluster refuses them",
        ["HealthCheckFailed"] = "look at the workloads: is there an image yet, and does it start?",
        ["DependencyNotReady"] = "look at what it depends on",
        ["GitOperationFailed"] = "the platform's people have to look: Flux can't read the repository",
        ["AuthenticationFailed"] = "the platform's people have to look: Flux can't log in to the repository",
    };

    public static CheckResult Flux(IFluxObject? found)
    {
        if (found is null)
            return new CheckResult("is not there");
        if (found.IsSuspended)
            return new CheckResult("is suspended by somebody: nothing is delivered until it is resumed", Patience.None);
        if (found.Status?.ObservedGeneration is { } observed && found.Generation() is { } generation && observed != generation)
            return new CheckResult("is being reconciled", Patience.ForAWhile);
        if (Condition(found, "Stalled") is { Status: "True" } stalled)
            return new CheckResult($"has stalled ({stalled.Reason}): {stalled.Message}", Patience.None);
        var ready = Condition(found, "Ready");
        if (ready?.Status == "True")
            return CheckResult.Good;
        var advice = ready?.Message?.Contains("find remote ref", StringComparison.Ordinal) == true ? " (is the branch there, or was it renamed?)"
            : ready?.Reason is { } reason && Advice.TryGetValue(reason, out var todo) ? $" ({todo})" : "";
        return new CheckResult($"is not ready: {ready?.Message ?? "no status yet"}{advice}", Patience.ForAWhile);
    }

    public static CheckResult ArgoCd(Application? found)
    {
        if (found is null)
            return new CheckResult("is not there");
        if (found.Status?.Conditions?.FirstOrDefault(c => ArgoErrors.Contains(c.Type)) is { } error)
            return new CheckResult($"{error.Type}: {error.Message} (repair the manifests, or what the message names)", Patience.ForAWhile);
        var (sync, health) = (found.Status?.Sync?.Status, found.Status?.Health?.Status);
        if (health == "Degraded")
            return new CheckResult($"is degraded: {found.Status?.Health?.Message} (look at the workloads: is there an image yet, and does it start?)", Patience.ForAWhile);
        if (sync == "Synced" && health == "Healthy")
            return CheckResult.Good;
        var advice = sync == "OutOfSync" ? " (does a sync window of its project hold it back?)" : "";
        return new CheckResult($"is {sync ?? "Unknown"} and {health ?? "Unknown"}{advice}", Patience.ForAWhile);
    }

    private static StatusCondition? Condition(IFluxObject found, string type) => found.Status?.Conditions?.FirstOrDefault(c => c.Type == type);
}
