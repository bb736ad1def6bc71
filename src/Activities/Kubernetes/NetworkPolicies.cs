using k8s;
using k8s.Models;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Kubernetes;

/// <summary>
/// Network policies by choice. They add up: a default that denies everything, DNS, the platform's own traffic, and then what the
/// request's choice and declared dependencies open.
/// </summary>
internal static class NetworkPolicies
{
    private const string NamespaceName = "kubernetes.io/metadata.name";
    private const string Ingress = "Ingress";
    private const string Egress = "Egress";

    public static IReadOnlyList<V1NetworkPolicy> For(StepInput input)
    {
        List<V1NetworkPolicy> policies =
        [
            Policy(input, "default-deny", [Ingress, Egress]),
            Policy(input, "allow-dns", [Egress], egress: [Dns(input.Platform.Kubernetes.NodeLocalDns)]),
            Policy(input, "allow-platform", [Ingress, Egress], ingress: Platform(), egress: [Azure()]),
        ];
        policies.AddRange(input.Request.NetworkPolicy switch
        {
            Vocabulary.NetworkOpen => [Policy(input, "open", [Ingress, Egress], [new V1NetworkPolicyIngressRule()], [new V1NetworkPolicyEgressRule()])],
            Vocabulary.NetworkTeamShared => [Isolated(input), Shared(input)],
            _ => new[] { Isolated(input) },
        });
        policies.AddRange(input.Request.Dependencies.Select(d => Dependency(input, d)));
        return policies;
    }

    /// <summary>Lets a service of this namespace's team in, which has declared that it depends on this one.</summary>
    public static V1NetworkPolicy Caller(StepInput input, string @namespace, string caller)
    {
        var policy = Policy(input, CallerName(caller), [Ingress], [From(Namespaces(NamespaceName, $"{caller}-{input.Names.EnvironmentShort}"))]);
        policy.Metadata.NamespaceProperty = @namespace;
        return policy;
    }

    public static string CallerName(string caller) => $"allow-from-{caller}";

    private static V1NetworkPolicy Isolated(StepInput input) => BothWays(input, "isolated", new V1NetworkPolicyPeer { PodSelector = new V1LabelSelector() });

    /// <summary>The team's other services, but production and the rest stay apart.</summary>
    private static V1NetworkPolicy Shared(StepInput input)
    {
        var peer = Namespaces(KubernetesMarks.TeamLabel, input.Request.Team);
        peer.NamespaceSelector.MatchExpressions =
        [
            new V1LabelSelectorRequirement
            {
                Key = KubernetesMarks.EnvironmentLabel,
                OperatorProperty = input.Request.Environment == Vocabulary.Production ? "In" : "NotIn",
                Values = [Vocabulary.Production],
            },
        ];
        return BothWays(input, "team-shared", peer);
    }

    private static V1NetworkPolicy Dependency(StepInput input, string service) => Policy(
        input, $"allow-to-{service}", [Egress], egress: [To(Namespaces(NamespaceName, $"{service}-{input.Names.EnvironmentShort}"))]);

    private static IList<V1NetworkPolicyIngressRule> Platform() =>
        [From(Namespaces("platform.io/role", "ingress")), From(Namespaces(NamespaceName, "monitoring"))];

    /// <summary>The node's own cache is in the host's network, where no pod selector reaches.</summary>
    private static V1NetworkPolicyEgressRule Dns(string nodeLocal)
    {
        var peer = Namespaces(NamespaceName, "kube-system");
        peer.PodSelector = Labels("k8s-app", "kube-dns");
        var rule = To(peer, Port("UDP", 53), Port("TCP", 53));
        if (nodeLocal.Length > 0)
            rule.To.Add(new V1NetworkPolicyPeer { IpBlock = new V1IPBlock { Cidr = $"{nodeLocal}/32" } });
        return rule;
    }

    /// <summary>Entra, Key Vault and the registry, and neither private networks nor the metadata service.</summary>
    private static V1NetworkPolicyEgressRule Azure() => To(
        new V1NetworkPolicyPeer
        {
            IpBlock = new V1IPBlock { Cidr = "0.0.0.0/0", Except = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.169.254/32"] },
        },
        Port("TCP", 443));

    private static V1NetworkPolicy BothWays(StepInput input, string name, V1NetworkPolicyPeer peer) =>
        Policy(input, name, [Ingress, Egress], [From(peer)], [To(peer)]);

    private static V1NetworkPolicy Policy(
        StepInput input,
        string name,
        string[] types,
        IList<V1NetworkPolicyIngressRule>? ingress = null,
        IList<V1NetworkPolicyEgressRule>? egress = null) => new V1NetworkPolicy
    {
        Metadata = NamespaceObjects.Metadata(input, name),
        Spec = new V1NetworkPolicySpec { PodSelector = new V1LabelSelector(), PolicyTypes = types, Ingress = ingress, Egress = egress },
    }.Initialize();

    private static V1NetworkPolicyIngressRule From(V1NetworkPolicyPeer peer) => new() { FromProperty = [peer] };

    private static V1NetworkPolicyEgressRule To(V1NetworkPolicyPeer peer, params V1NetworkPolicyPort[] ports) =>
        new() { To = new List<V1NetworkPolicyPeer> { peer }, Ports = ports.Length == 0 ? null : ports };

    private static V1NetworkPolicyPeer Namespaces(string label, string value) => new() { NamespaceSelector = Labels(label, value) };

    private static V1LabelSelector Labels(string label, string value) =>
        new() { MatchLabels = new Dictionary<string, string>(StringComparer.Ordinal) { [label] = value } };

    private static V1NetworkPolicyPort Port(string protocol, int port) => new() { Protocol = protocol, Port = port };
}
