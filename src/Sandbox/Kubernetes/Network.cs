using System.Net;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>
/// The cluster's network, as far as its policies decide about it: whether a pod gets through to another pod, to an address, or to the name
/// service. A pod that a policy selects for a direction gets through only where one of them lets it.
/// </summary>
internal sealed class Network(Documents documents, SandboxSeed seed)
{
    private const int DnsPort = 53;

    /// <summary>One end of a connection: a pod of a namespace, or an address that is no pod's.</summary>
    private sealed record End(string? Namespace, JsonObject Labels, IPAddress? Address);

    /// <summary>
    /// Answers <c>from</c> (a namespace), <c>to</c> (a namespace, an address, or <c>dns</c>), <c>port</c> and <c>protocol</c> (default TCP); pods have
    /// the label <c>app.kubernetes.io/name</c> of their namespace's service.
    /// </summary>
    public Reply Answer(Call call)
    {
        if (Pod(call.Parameter("from")) is not { } from || Target(call.Parameter("to")) is not { } to)
        {
            return Reply.Json(400, new JsonObject { ["message"] = "from must be a namespace, to a namespace, an address or dns" });
        }

        var port = call.Parameter("to") == "dns" ? DnsPort : int.TryParse(call.Parameter("port"), out var given) ? given : 80;
        var protocol = call.Parameter("protocol") ?? (port == DnsPort ? "UDP" : "TCP");
        var leaves = Allows(from, to, "Egress", "egress", "to", port, protocol);
        var enters = Allows(to, from, "Ingress", "ingress", "from", port, protocol);
        return Reply.Json(200, new JsonObject { ["allowed"] = leaves && enters, ["leaves"] = leaves, ["enters"] = enters });
    }

    private End? Target(string? to) =>
        to == "dns" ? NameService()
        : IPAddress.TryParse(to, out var address) ? new End(null, [], address)
        : Pod(to);

    /// <summary>With NodeLocal DNSCache pods ask the node itself, which is in the host's network and no pod to any policy.</summary>
    private End NameService() => seed.NodeLocalDns is { } local
        ? new End(null, [], IPAddress.Parse(local))
        : new End("kube-system", new JsonObject { ["k8s-app"] = "kube-dns" }, null);

    private End? Pod(string? space) =>
        space is not null && documents.Get("namespaces", space) is { } found
            ? new End(space, new JsonObject { ["app.kubernetes.io/name"] = found.Text("metadata", "labels", "platform.io/service") ?? space }, null)
            : null;

    private bool Allows(End here, End there, string type, string rules, string peers, int port, string protocol)
    {
        if (here.Namespace is null)
        {
            return true;
        }

        var selecting = documents.List("networkpolicies.networking.k8s.io", here.Namespace + "/").Select(p => p.Body.Object("spec")!)
            .Where(s => Types(s).Contains(type, StringComparer.Ordinal) && Selects(s.Object("podSelector"), here.Labels))
            .ToList();
        return selecting.Count == 0 || selecting.Any(s => (s.Array(rules) ?? []).Any(r =>
            Reaches(r?[peers] as JsonArray, here.Namespace, there) && Opens(r?["ports"] as JsonArray, port, protocol)));
    }

    private static IEnumerable<string> Types(JsonObject spec) =>
        spec.Array("policyTypes") is { } types ? types.Select(t => t!.ToString()) : spec.ContainsKey("egress") ? ["Ingress", "Egress"] : ["Ingress"];

    private bool Reaches(JsonArray? peers, string own, End there) => peers is not { Count: > 0 } || peers.Any(p => Matches(p, own, there));

    private bool Matches(JsonNode? peer, string own, End there)
    {
        if (peer?["ipBlock"] is JsonObject block)
        {
            return there.Address is { } address && Within(block.Text("cidr"), address)
                && !(block.Array("except") ?? []).Any(e => Within(e!.ToString(), address));
        }

        if (there.Namespace is null || !Selects(peer?["podSelector"] as JsonObject, there.Labels))
        {
            return false;
        }

        return peer?["namespaceSelector"] is JsonObject spaces
            ? Selects(spaces, documents.Get("namespaces", there.Namespace).Object("metadata", "labels") ?? [])
            : there.Namespace == own;
    }

    private static bool Within(string? range, IPAddress address) => IPNetwork.TryParse(range, out var network) && network.Contains(address);

    private static bool Opens(JsonArray? ports, int port, string protocol) => ports is not { Count: > 0 } || ports.Any(p =>
        (p.Text("protocol") ?? "TCP") == protocol && (p.Number("port") is not { } wanted || wanted == port));

    private static bool Selects(JsonObject? selector, JsonObject labels) =>
        (selector.Object("matchLabels") ?? []).All(l => labels.Text(l.Key) == l.Value?.ToString())
        && (selector.Array("matchExpressions") ?? []).All(e => Holds(e, labels));

    private static bool Holds(JsonNode? expression, JsonObject labels)
    {
        var value = labels.Text(expression.Text("key")!);
        var values = (expression.Array("values") ?? []).Select(v => v!.ToString());
        return expression.Text("operator") switch
        {
            "In" => value is not null && values.Contains(value, StringComparer.Ordinal),
            "NotIn" => value is null || !values.Contains(value, StringComparer.Ordinal),
            "Exists" => value is not null,
            _ => value is null,
        };
    }
}
