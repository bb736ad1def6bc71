using Onramp.Workflows.Contracts;

namespace Onramp.Workflows.Onboarding;

/// <summary>What a plan says of the network: both sides of a dependency are closed at first, so it says who opens the other one.</summary>
internal static class DependencyWords
{
    public static IEnumerable<PlannedResource> Plan(PlanContext c)
    {
        yield return Resource("network policies", c.Request.NetworkPolicy, All(c));
        foreach (var callee in c.Ahead.Dependencies.Where(d => d.Access == DependencyAccess.Opened))
            yield return Resource("network policy", $"allow-from-{c.Request.Name}", $"in {Namespace(c, callee.Service)}, which is the same team's");
    }

    private static PlannedResource Resource(string kind, string name, string detail) =>
        new() { Step = StepIds.NetworkPolicies, System = Systems.Kubernetes, Kind = kind, Name = name, Detail = detail };

    private static string All(PlanContext c) =>
        c.Request.Dependencies.Count == 0 ? "no dependencies" : $"may call {string.Join(", ", c.Request.Dependencies.Select(d => One(c, d)))}";

    private static string One(PlanContext c, string service) => c.Ahead.Dependencies.FirstOrDefault(d => d.Service == service) switch
    {
        { Access: DependencyAccess.Opened } => $"{service} (both sides are opened)",
        { Access: DependencyAccess.Later } => $"{service} (not there yet; it lets {c.Request.Name} in when team {c.Request.Team} brings it, else its team has to)",
        { Access: DependencyAccess.Theirs } theirs =>
            $"{service} ({(theirs.Team.Length > 0 ? $"team {theirs.Team}" : "its owner")} has to let it in: a NetworkPolicy in {Namespace(c, service)} that allows "
            + $"ingress from the namespace {c.Names.Namespace}, by its label kubernetes.io/metadata.name)",
        _ => service,
    };

    private static string Namespace(PlanContext c, string service) => $"{service}-{c.Names.EnvironmentShort}";
}
