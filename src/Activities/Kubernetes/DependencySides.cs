using k8s.Models;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Kubernetes;

/// <summary>
/// The other side of declared dependencies. A caller opens that of a callee which is there, when it is of the same team and class of
/// environment; a callee that comes later opens its own for the callers that it finds. Each comes into being before it looks, so that
/// however they overlap one of them sees the other.
/// </summary>
internal sealed class DependencySides(Cluster cluster)
{
    /// <summary>What is found of each service that the request depends on.</summary>
    public async Task<IReadOnlyList<DependencyFound>> FindAsync(StepInput input, CancellationToken cancellationToken)
    {
        var found = new List<DependencyFound>();
        foreach (var service in input.Request.Dependencies)
            found.Add(Describe(input, service, await cluster.FindAsync(Kinds.Namespace, new ObjectRef(null, NamespaceOf(input, service)), cancellationToken)));
        return found;
    }

    /// <summary>The callee's sides that this run may open and nobody has opened.</summary>
    public async Task<IReadOnlyList<V1NetworkPolicy>> OfCalleesAsync(StepInput input, CancellationToken cancellationToken)
    {
        var policies = new List<V1NetworkPolicy>();
        foreach (var callee in (await FindAsync(input, cancellationToken)).Where(d => d.Access == DependencyAccess.Opened))
        {
            var policy = NetworkPolicies.Caller(input, NamespaceOf(input, callee.Service), input.Request.Name);
            if (await IsFreeAsync(input, policy, cancellationToken))
                policies.Add(policy);
        }
        return policies;
    }

    /// <summary>This service's own sides, for those that were there first.</summary>
    public async Task<IReadOnlyList<V1NetworkPolicy>> OfCallersAsync(StepInput input, CancellationToken cancellationToken)
    {
        var policies = new List<V1NetworkPolicy>();
        foreach (var team in await cluster.ListNamespacesAsync(KubernetesMarks.TeamLabel, input.Request.Team, cancellationToken))
        {
            if (Caller(input, team) is not { } caller)
                continue;
            var policy = NetworkPolicies.Caller(input, input.Names.Namespace, caller);
            if (await IsFreeAsync(input, policy, cancellationToken))
                policies.Add(policy);
        }
        return policies;
    }

    public static string NamespaceOf(StepInput input, string service) => $"{service}-{input.Names.EnvironmentShort}";

    private static DependencyFound Describe(StepInput input, string service, V1Namespace? found)
    {
        if (found is null || found.IsTerminating())
            return new DependencyFound(service, DependencyAccess.Later);
        var team = found.GetLabel(KubernetesMarks.TeamLabel) ?? "";
        return new DependencyFound(service, IsNear(input, found) ? DependencyAccess.Opened : DependencyAccess.Theirs, team);
    }

    /// <summary>The service that a namespace is of, when that has declared to call this one.</summary>
    private static string? Caller(StepInput input, V1Namespace found)
    {
        var service = found.GetLabel(KubernetesMarks.ServiceLabel);
        return service is not null && !found.IsTerminating() && IsNear(input, found)
            && found.Name() == NamespaceOf(input, service)
            && (found.GetAnnotation(KubernetesMarks.Dependencies) ?? "").Split(',').Contains(input.Request.Name, StringComparer.Ordinal)
                ? service
                : null;
    }

    /// <summary>Of the same team and class of environment: production and the rest stay apart.</summary>
    private static bool IsNear(StepInput input, V1Namespace found) =>
        found.GetLabel(KubernetesMarks.TeamLabel) == input.Request.Team
        && (found.GetLabel(KubernetesMarks.EnvironmentLabel) == Vocabulary.Production) == (input.Request.Environment == Vocabulary.Production);

    /// <summary>One that another run, or people, made opens the same, and stays theirs.</summary>
    private async Task<bool> IsFreeAsync(StepInput input, V1NetworkPolicy policy, CancellationToken cancellationToken)
    {
        var found = await cluster.FindAsync(Kinds.NetworkPolicy, new ObjectRef(policy.Namespace(), policy.Name()), cancellationToken);
        return found is null || found.Mark() == input.Key.Mark;
    }
}
