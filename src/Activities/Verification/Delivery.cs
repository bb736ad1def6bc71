using System.Text.Json.Nodes;
using Onramp.Activities.Http;

namespace Onramp.Activities.Verification;

/// <summary>Reads how far a delivery is. A condition about an older generation of the object says nothing about this one.</summary>
internal static class Delivery
{
    private static readonly IReadOnlyList<string> ArgoErrors = ["ComparisonError", "InvalidSpecError"];

    public static CheckResult Flux(JsonObject? found)
    {
        if (found is null)
            return new CheckResult("is not there");
        var generation = found.Text("metadata", "generation");
        if (generation is not null && found.Text("status", "observedGeneration") is { } observed && observed != generation)
            return new CheckResult("is being reconciled");
        if (Condition(found, "Stalled") is { } stalled && stalled.Text("status") == "True")
            return new CheckResult($"has stalled: {stalled.Text("message")}", WarnOnly: true);
        var ready = Condition(found, "Ready");
        return ready.Text("status") == "True" ? CheckResult.Good : new CheckResult($"is not ready: {ready.Text("message") ?? "no status yet"}");
    }

    public static CheckResult ArgoCd(JsonObject? found)
    {
        if (found is null)
            return new CheckResult("is not there");
        if (found.Items("status", "conditions").FirstOrDefault(c => ArgoErrors.Contains(c.Text("type"))) is { } error)
            return new CheckResult($"{error.Text("type")}: {error.Text("message")}", WarnOnly: true);
        var (sync, health) = (found.Text("status", "sync", "status"), found.Text("status", "health", "status"));
        if (health == "Degraded")
            return new CheckResult($"is degraded: {found.Text("status", "health", "message")}", WarnOnly: true);
        return sync == "Synced" && health == "Healthy" ? CheckResult.Good : new CheckResult($"is {sync ?? "Unknown"} and {health ?? "Unknown"}");
    }

    private static JsonNode? Condition(JsonObject found, string type) =>
        found.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == type);
}
