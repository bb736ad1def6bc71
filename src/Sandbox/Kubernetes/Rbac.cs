using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>
/// Kubernetes' authorization by rules: what isn't granted is forbidden, an apply that creates has to be allowed to do that too, and nobody
/// gives a role away without holding <c>bind</c> on it.
/// </summary>
internal static class Rbac
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <summary>Throws what the API server answers when the rules don't allow the call.</summary>
    public static void Check(Call call, ResourceRequest request, Cluster cluster, IReadOnlyList<KubernetesRule> rules)
    {
        var verb = Verb(call, request);
        Require(call, request, verb, request.Name, rules);
        if (verb == "patch" && cluster.Get(request.Type, request.Namespace, request.Name!) is null)
        {
            Require(call, request, "create", null, rules);
        }

        if (request.Type is { Group: Group, Kind: "RoleBinding" or "ClusterRoleBinding" } && verb is "create" or "update" or "patch")
        {
            RequireBind(request, ResourceBodies.ReadAny(call), rules);
        }
    }

    private static string Verb(Call call, ResourceRequest request) => (call.Method, request.Name) switch
    {
        ("GET", null) => call.Asks("watch") ? "watch" : "list",
        ("GET", _) => "get",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", null) => "deletecollection",
        _ => "delete",
    };

    private static void Require(Call call, ResourceRequest request, string verb, string? name, IReadOnlyList<KubernetesRule> rules)
    {
        var type = request.Type;
        if (Allows(rules, type.Group, type.Plural, verb, name))
        {
            return;
        }

        var where = request.Namespace is null ? "at the cluster scope" : $"in the namespace \"{request.Namespace}\"";
        throw KubernetesErrors.Forbidden(
            type,
            name ?? "",
            $"User \"{call.Caller}\" cannot {verb} resource \"{type.Plural}\" in API group \"{type.Group}\" {where}");
    }

    private static void RequireBind(ResourceRequest request, JsonObject binding, IReadOnlyList<KubernetesRule> rules)
    {
        var (kind, role) = (binding.Text("roleRef", "kind"), binding.Text("roleRef", "name"));
        if (!Allows(rules, Group, kind == "ClusterRole" ? "clusterroles" : "roles", "bind", role))
        {
            throw KubernetesErrors.Forbidden(
                request.Type,
                request.Name ?? binding.Text("metadata", "name") ?? "",
                $"user is attempting to grant RBAC permissions not currently held: clusterroles \"{role}\"");
        }
    }

    private static bool Allows(IReadOnlyList<KubernetesRule> rules, string group, string resource, string verb, string? name) => rules.Any(r =>
        r.ApiGroups.Contains(group, StringComparer.Ordinal)
        && r.Resources.Contains(resource, StringComparer.Ordinal)
        && r.Verbs.Contains(verb, StringComparer.Ordinal)
        && (r.ResourceNames.Count == 0 || (name is not null && r.ResourceNames.Contains(name, StringComparer.Ordinal))));
}
