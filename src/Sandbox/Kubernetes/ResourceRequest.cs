using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>What a path under <c>/api</c> or <c>/apis</c> asks for.</summary>
internal sealed record ResourceRequest(ResourceType Type, string? Namespace, string? Name, string? Subresource)
{
    public static ResourceRequest? Parse(Documents documents, string rawPath)
    {
        var segments = Route.Segments(rawPath).Select(Uri.UnescapeDataString).ToArray();
        var (group, version, rest) = segments switch
        {
            ["api", var v, .. var tail] => ("", v, tail),
            ["apis", var g, var v, .. var tail] => (g, v, tail),
            _ => ("", "", []),
        };
        return rest switch
        {
            ["namespaces", var name, "status" or "finalize"] => Make("namespaces", null, name, rest[2]),
            ["namespaces", var space, var plural] => Make(plural, space, null, null),
            ["namespaces", var space, var plural, var name] => Make(plural, space, name, null),
            ["namespaces", var space, var plural, var name, var sub] => Make(plural, space, name, sub),
            [var plural] => Make(plural, null, null, null),
            [var plural, var name] => Make(plural, null, name, null),
            [var plural, var name, var sub] => Make(plural, null, name, sub),
            _ => null,
        };

        ResourceRequest? Make(string plural, string? space, string? name, string? subresource) =>
            ResourceType.Find(documents, group, version, plural) is { } type && (type.Namespaced || space is null)
                ? new ResourceRequest(type, space, name, subresource)
                : null;
    }
}
