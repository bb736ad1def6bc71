using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>What the API server checks of each kind before it takes an object, and what it refuses to change later.</summary>
internal static partial class ObjectRules
{
    private const int MaxLabelName = 63;
    private const int MaxSubdomain = 253;

    private delegate void Rule(JsonObject item, List<Cause> causes);

    private static readonly Dictionary<string, Rule> s_rules = new(StringComparer.Ordinal)
    {
        ["Namespace"] = (item, causes) => Check(
            DnsLabel().IsMatch(Name(item)) && Name(item).Length <= MaxLabelName,
            causes,
            "FieldValueInvalid",
            "metadata.name",
            $"Invalid value: \"{Name(item)}\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"),
        ["ResourceQuota"] = (item, causes) =>
        {
            foreach (var (name, value) in item.Object("spec", "hard") ?? [])
            {
                CheckQuantity(value, causes, $"spec.hard[{name}]");
            }
        },
        ["LimitRange"] = LimitRange,
        ["NetworkPolicy"] = (item, causes) =>
        {
            Check(item.Object("spec", "podSelector") is not null, causes, "FieldValueRequired", "spec.podSelector", "Required value");
            foreach (var type in item.Texts("spec", "policyTypes").Where(t => t is not ("Ingress" or "Egress")))
            {
                Check(false, causes, "FieldValueNotSupported", "spec.policyTypes[0]", $"Unsupported value: \"{type}\": supported values: \"Egress\", \"Ingress\"");
            }
        },
        ["RoleBinding"] = Binding,
        ["ClusterRoleBinding"] = Binding,
        ["GitRepository"] = Required("spec.url", "spec.interval"),
        ["Kustomization"] = (item, causes) =>
        {
            Required("spec.interval", "spec.sourceRef.kind", "spec.sourceRef.name")(item, causes);
            Check(item.At("spec", "prune") is not null, causes, "FieldValueRequired", "spec.prune", "Required value");
        },
        ["Application"] = (item, causes) =>
        {
            Required("spec.project")(item, causes);
            Check(item.Object("spec", "destination") is not null, causes, "FieldValueRequired", "spec.destination", "Required value");
        },
        ["ServiceMonitor"] = (item, causes) =>
        {
            Check(item.Object("spec", "selector") is not null, causes, "FieldValueRequired", "spec.selector", "Required value");
            Check(item.Array("spec", "endpoints") is not null, causes, "FieldValueRequired", "spec.endpoints", "Required value");
        },
        ["PrometheusRule"] = (item, causes) =>
        {
            foreach (var rule in (item.Array("spec", "groups") ?? []).SelectMany(g => g.Array("rules") ?? []))
            {
                Check(rule?["expr"] is not null, causes, "FieldValueRequired", "spec.groups[0].rules[0].expr", "Required value");
            }
        },
        ["CustomResourceDefinition"] = Required("spec.group", "spec.names.plural", "spec.names.kind", "spec.scope"),
    };

    /// <summary>Fields that a kind never lets go of once written.</summary>
    private static readonly Dictionary<string, (string[] Path, string Field, string Message)> s_immutable = new(StringComparer.Ordinal)
    {
        ["RoleBinding"] = (["roleRef"], "roleRef", "cannot change roleRef"),
        ["ClusterRoleBinding"] = (["roleRef"], "roleRef", "cannot change roleRef"),
        ["PersistentVolumeClaim"] = (["spec", "storageClassName"], "spec", "Forbidden: spec is immutable after creation"),
    };

    public static void Validate(ResourceType type, JsonObject? before, JsonObject item)
    {
        var causes = new List<Cause>();
        var name = Name(item);
        if (type.Kind is not ("Namespace" or "Role" or "RoleBinding" or "ClusterRole" or "ClusterRoleBinding"))
        {
            Check(
                name.Length is > 0 and <= MaxSubdomain && DnsSubdomain().IsMatch(name),
                causes,
                "FieldValueInvalid",
                "metadata.name",
                $"Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character");
        }

        CheckLabels(item, causes);
        if (s_rules.TryGetValue(type.Kind, out var rule))
        {
            rule(item, causes);
        }

        if (before is not null && s_immutable.TryGetValue(type.Kind, out var fixedField) && !JsonNode.DeepEquals(before.At(fixedField.Path), item.At(fixedField.Path)))
        {
            causes.Add(new Cause("FieldValueInvalid", $"Invalid value: {item.At(fixedField.Path)?.ToJsonString(Json.Compact)}: {fixedField.Message}", fixedField.Field));
        }

        if (causes.Count > 0)
        {
            throw KubernetesErrors.Invalid(type, name, causes);
        }
    }

    /// <summary>A quantity as a number, so that 1 and 1000m compare as equal.</summary>
    public static decimal? Quantity(string? text)
    {
        var match = QuantityFormat().Match(text ?? "");
        if (!match.Success || !decimal.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        return number * match.Groups[2].Value switch
        {
            "m" => 0.001m, "k" => 1e3m, "M" => 1e6m, "G" => 1e9m, "T" => 1e12m, "Ki" => 1024m, "Mi" => 1048576m, "Gi" => 1073741824m, "Ti" => 1099511627776m, _ => 1m,
        };
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    private static partial Regex DnsLabel();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex DnsSubdomain();

    [GeneratedRegex("^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$")]
    private static partial Regex LabelText();

    [GeneratedRegex(@"^([+-]?[0-9]+(?:\.[0-9]*)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$")]
    private static partial Regex QuantityFormat();

    private static string Name(JsonObject item) => item.Text("metadata", "name") ?? "";

    private static void Check(bool holds, List<Cause> causes, string reason, string field, string message)
    {
        if (!holds)
        {
            causes.Add(new Cause(reason, message, field));
        }
    }

    private static Rule Required(params string[] fields) => (item, causes) =>
    {
        foreach (var field in fields)
        {
            Check(!string.IsNullOrEmpty(item.Text(field.Split('.'))), causes, "FieldValueRequired", field, "Required value");
        }
    };

    private static void CheckQuantity(JsonNode? value, List<Cause> causes, string field) => Check(
        Quantity(value?.ToString()) is >= 0,
        causes,
        "FieldValueInvalid",
        field,
        $"Invalid value: \"{value}\": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");

    private static void CheckLabels(JsonObject item, List<Cause> causes)
    {
        foreach (var (key, value) in item.Object("metadata", "labels") ?? [])
        {
            var name = key[(key.LastIndexOf('/') + 1)..];
            Check(
                name.Length is > 0 and <= MaxLabelName && LabelText().IsMatch(name),
                causes,
                "FieldValueInvalid",
                "metadata.labels",
                $"Invalid value: \"{key}\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character");
            var text = value.Text();
            Check(
                text is { Length: <= MaxLabelName } && LabelText().IsMatch(text),
                causes,
                "FieldValueInvalid",
                "metadata.labels",
                $"Invalid value: \"{value}\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character");
        }
    }

    private static void LimitRange(JsonObject item, List<Cause> causes)
    {
        var limits = item.Array("spec", "limits") ?? [];
        for (var i = 0; i < limits.Count; i++)
        {
            Check(!string.IsNullOrEmpty(limits[i].Text("type")), causes, "FieldValueRequired", $"spec.limits[{i}].type", "Required value");
            foreach (var part in (string[])["default", "defaultRequest", "max", "min"])
            {
                foreach (var (resource, value) in limits[i].Object(part) ?? [])
                {
                    CheckQuantity(value, causes, $"spec.limits[{i}].{part}[{resource}]");
                    Check(
                        part == "max" || limits[i].Text("max", resource) is not { } max || Quantity(value?.ToString()) <= Quantity(max),
                        causes,
                        "FieldValueInvalid",
                        $"spec.limits[{i}].{part}[{resource}]",
                        $"Invalid value: \"{value}\": {part} value {value} is greater than max value {limits[i].Text("max", resource)}");
                }
            }
        }
    }

    private static void Binding(JsonObject item, List<Cause> causes)
    {
        Check(
            item.Text("roleRef", "apiGroup") == "rbac.authorization.k8s.io",
            causes,
            "FieldValueNotSupported",
            "roleRef.apiGroup",
            $"Unsupported value: \"{item.Text("roleRef", "apiGroup")}\": supported values: \"rbac.authorization.k8s.io\"");
        Check(
            item.Text("roleRef", "kind") is "ClusterRole" or "Role",
            causes,
            "FieldValueNotSupported",
            "roleRef.kind",
            $"Unsupported value: \"{item.Text("roleRef", "kind")}\": supported values: \"Role\", \"ClusterRole\"");
        Check(!string.IsNullOrEmpty(item.Text("roleRef", "name")), causes, "FieldValueRequired", "roleRef.name", "Required value");
        var subjects = item.Array("subjects") ?? [];
        for (var i = 0; i < subjects.Count; i++)
        {
            Check(!string.IsNullOrEmpty(subjects[i].Text("name")), causes, "FieldValueRequired", $"subjects[{i}].name", "Required value");
            Check(
                subjects[i].Text("kind") is "Group" or "User" or "ServiceAccount",
                causes,
                "FieldValueNotSupported",
                $"subjects[{i}].kind",
                $"Unsupported value: \"{subjects[i].Text("kind")}\": supported values: \"Group\", \"ServiceAccount\", \"User\"");
            Check(
                subjects[i].Text("kind") != "ServiceAccount" || !string.IsNullOrEmpty(subjects[i].Text("namespace")),
                causes,
                "FieldValueRequired",
                $"subjects[{i}].namespace",
                "Required value");
        }
    }
}
