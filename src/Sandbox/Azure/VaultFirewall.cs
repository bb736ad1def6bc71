using System.Net;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Azure;

/// <summary>
/// A vault's network rules. Where a call comes from is told by a header, since everything comes from this machine: the ARM id of a subnet,
/// <c>private</c> for a private endpoint, or a public address.
/// </summary>
internal static class VaultFirewall
{
    public const string Header = "X-Sandbox-From";

    /// <summary>Where a call comes from that doesn't say: some public address, as pods of a cluster have that no rule knows.</summary>
    public const string Anywhere = "203.0.113.10";

    private const string PrivateEndpoint = "private";

    public static bool Admits(JsonObject properties, string from)
    {
        if (from == PrivateEndpoint)
        {
            return true;
        }

        if (properties.Text("publicNetworkAccess") == "Disabled")
        {
            return false;
        }

        var rules = properties.Object("networkAcls");
        return rules.Text("defaultAction") != "Deny"
            || (rules.Array("virtualNetworkRules") ?? []).Any(r => from.Equals(r.Text("id"), StringComparison.OrdinalIgnoreCase))
            || (IPAddress.TryParse(from, out var address) && (rules.Array("ipRules") ?? []).Any(r => Contains(r.Text("value") ?? "", address)));
    }

    public static Reply Refusal(Call call, string vault) => Reply.Json(403, new JsonObject
    {
        ["error"] = new JsonObject
        {
            ["code"] = "Forbidden",
            ["message"] = $"Client address is not authorized and caller is not a trusted service.\r\nClient address: {call.Header(Header) ?? Anywhere}\r\nCaller: oid={call.Caller}\r\nVault: {vault}",
            ["innererror"] = new JsonObject { ["code"] = "ForbiddenByFirewall" },
        },
    });

    private static bool Contains(string range, IPAddress address) =>
        IPNetwork.TryParse(range, out var network) ? network.Contains(address) : IPAddress.TryParse(range, out var one) && one.Equals(address);
}
