using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>Field validation: fields that a built-in kind doesn't have are dropped with a warning, or refused when asked strictly.</summary>
internal static class FieldChecks
{
    private static readonly string[] s_common = ["apiVersion", "kind", "metadata", "status"];

    /// <summary>Fields of each kind at the top, and below <c>spec</c>.</summary>
    private static readonly Dictionary<string, (string[] Top, string[]? Spec)> s_fields = new(StringComparer.Ordinal)
    {
        ["Namespace"] = (["spec"], ["finalizers"]),
        ["ResourceQuota"] = (["spec"], ["hard", "scopes", "scopeSelector"]),
        ["LimitRange"] = (["spec"], ["limits"]),
        ["NetworkPolicy"] = (["spec"], ["podSelector", "policyTypes", "ingress", "egress"]),
        ["ServiceAccount"] = (["secrets", "imagePullSecrets", "automountServiceAccountToken"], null),
        ["Secret"] = (["data", "stringData", "type", "immutable"], null),
        ["ConfigMap"] = (["data", "binaryData", "immutable"], null),
        ["Role"] = (["rules"], null),
        ["ClusterRole"] = (["rules", "aggregationRule"], null),
        ["RoleBinding"] = (["subjects", "roleRef"], null),
        ["ClusterRoleBinding"] = (["subjects", "roleRef"], null),
    };

    /// <summary>Drops unknown fields and returns the warnings that tell of them.</summary>
    public static IReadOnlyList<string> Run(Call call, ResourceType type, JsonObject item)
    {
        var mode = call.Parameter("fieldValidation") is { Length: > 0 } given ? given : "Warn";
        if (mode is not ("Ignore" or "Warn" or "Strict"))
        {
            throw KubernetesErrors.Refuse(
                422, "Invalid", $"Options is invalid: fieldValidation: Unsupported value: \"{mode}\": supported values: \"Ignore\", \"Warn\", \"Strict\"");
        }

        if (!s_fields.TryGetValue(type.Kind, out var fields))
        {
            return [];
        }

        var unknown = new List<string>();
        Drop(item, [.. s_common, .. fields.Top], "", unknown);
        if (fields.Spec is not null && item.Object("spec") is { } spec)
        {
            Drop(spec, fields.Spec, "spec.", unknown);
        }

        if (unknown.Count == 0 || mode == "Ignore")
        {
            return [];
        }

        return mode == "Warn"
            ? [.. unknown.Select(u => $"unknown field \\\"{u}\\\"")]
            : throw KubernetesErrors.BadRequest(
                $"{type.Kind} in version \"{type.Version}\" cannot be handled as a {type.Kind}: strict decoding error: "
                + string.Join(", ", unknown.Select(u => $"unknown field \"{u}\"")));
    }

    private static void Drop(JsonObject at, string[] known, string prefix, List<string> unknown)
    {
        foreach (var name in at.Select(f => f.Key).Where(k => !known.Contains(k, StringComparer.Ordinal)).ToList())
        {
            at.Remove(name);
            unknown.Add(prefix + name);
        }
    }
}
