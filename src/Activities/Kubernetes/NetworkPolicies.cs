using System.Text.Json.Nodes;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Kubernetes;

/// <summary>
/// Network policies by choice. They add up: a default that denies everything, DNS, the platform's own traffic, and then what the
/// request's choice and declared dependencies open.
/// </summary>
internal static class NetworkPolicies
{
    private const string NamespaceName = "kubernetes.io/metadata.name";

    public static IReadOnlyList<JsonObject> For(StepInput input)
    {
        List<JsonObject> policies =
        [
            Policy(input, "default-deny", ["Ingress", "Egress"]),
            Policy(input, "allow-dns", ["Egress"], egress: new JsonArray(Dns())),
            Policy(input, "allow-platform", ["Ingress", "Egress"], ingress: Platform(), egress: new JsonArray(Azure())),
        ];
        policies.AddRange(input.Request.NetworkPolicy switch
        {
            Vocabulary.NetworkOpen => [Policy(input, "open", ["Ingress", "Egress"], new JsonArray(new JsonObject()), new JsonArray(new JsonObject()))],
            Vocabulary.NetworkTeamShared => new[] { Isolated(input), Shared(input) },
            _ => [Isolated(input)],
        });
        policies.AddRange(input.Request.Dependencies.Select(d => Dependency(input, d)));
        return policies;
    }

    private static JsonObject Isolated(StepInput input) => Policy(
        input,
        "isolated",
        ["Ingress", "Egress"],
        new JsonArray(Rule("from", new JsonObject { ["podSelector"] = new JsonObject() })),
        new JsonArray(Rule("to", new JsonObject { ["podSelector"] = new JsonObject() })));

    private static JsonObject Shared(StepInput input) => Policy(
        input,
        "team-shared",
        ["Ingress", "Egress"],
        new JsonArray(Rule("from", Namespaces("platform.io/team", input.Request.Team))),
        new JsonArray(Rule("to", Namespaces("platform.io/team", input.Request.Team))));

    private static JsonObject Dependency(StepInput input, string service)
    {
        var other = Namespaces(NamespaceName, $"{service}-{input.Names.EnvironmentShort}");
        return Policy(input, $"allow-to-{service}", ["Egress"], egress: new JsonArray(Rule("to", other)));
    }

    private static JsonArray Platform() =>
    [
        Rule("from", Namespaces("platform.io/role", "ingress")),
        Rule("from", Namespaces(NamespaceName, "monitoring")),
    ];

    private static JsonObject Dns()
    {
        var rule = Rule("to", new JsonObject
        {
            ["namespaceSelector"] = Labels(NamespaceName, "kube-system"),
            ["podSelector"] = Labels("k8s-app", "kube-dns"),
        });
        rule["ports"] = new JsonArray(Port("UDP", 53), Port("TCP", 53));
        return rule;
    }

    /// <summary>Entra, Key Vault and the registry, and neither private networks nor the metadata service.</summary>
    private static JsonObject Azure()
    {
        var rule = Rule("to", new JsonObject
        {
            ["ipBlock"] = new JsonObject
            {
                ["cidr"] = "0.0.0.0/0",
                ["except"] = new JsonArray("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.169.254/32"),
            },
        });
        rule["ports"] = new JsonArray(Port("TCP", 443));
        return rule;
    }

    private static JsonObject Policy(StepInput input, string name, string[] types, JsonArray? ingress = null, JsonArray? egress = null)
    {
        var spec = new JsonObject
        {
            ["podSelector"] = new JsonObject(),
            ["policyTypes"] = new JsonArray([.. types.Select(t => (JsonNode)t)]),
        };
        if (ingress is not null)
            spec["ingress"] = ingress;
        if (egress is not null)
            spec["egress"] = egress;
        return NamespaceObjects.Of(Kinds.NetworkPolicy, NamespaceObjects.Metadata(input, name), "spec", spec);
    }

    private static JsonObject Rule(string direction, JsonObject peer) => new() { [direction] = new JsonArray(peer) };

    private static JsonObject Namespaces(string label, string value) => new() { ["namespaceSelector"] = Labels(label, value) };

    private static JsonObject Labels(string label, string value) => new() { ["matchLabels"] = new JsonObject { [label] = value } };

    private static JsonObject Port(string protocol, int port) => new() { ["protocol"] = protocol, ["port"] = port };
}
