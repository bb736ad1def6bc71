using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>Label and field selectors.</summary>
internal static class Selectors
{
    public static Func<JsonObject, bool> Labels(string? selector)
    {
        if (string.IsNullOrWhiteSpace(selector))
        {
            return _ => true;
        }

        var requirements = Split(selector).Select(Requirement).ToList();
        return item => requirements.TrueForAll(r => r(item.Object("metadata", "labels")));
    }

    public static Func<JsonObject, bool> Fields(string? selector)
    {
        if (string.IsNullOrWhiteSpace(selector))
        {
            return _ => true;
        }

        var tests = selector.Split(',').Select(term =>
        {
            var negative = term.Contains("!=", StringComparison.Ordinal);
            var parts = term.Split(negative ? "!=" : "=", 2);
            if (parts.Length < 2)
            {
                throw KubernetesErrors.BadRequest($"invalid selector: '{term}'; can't understand '{term}'");
            }

            var path = parts[0].Trim().Split('.');
            var value = parts[1].TrimStart('=').Trim();
            if (path is not (["metadata", "name" or "namespace"] or ["status", "phase"] or ["type"] or ["involvedObject", ..]))
            {
                throw KubernetesErrors.BadRequest($"field label not supported: {parts[0].Trim()}");
            }

            return (Func<JsonObject, bool>)(item => ((item.Text(path) ?? "") == value) != negative);
        }).ToList();
        return item => tests.TrueForAll(test => test(item));
    }

    /// <summary>Splits at the commas that aren't within parentheses.</summary>
    private static List<string> Split(string selector)
    {
        var (parts, depth, start) = (new List<string>(), 0, 0);
        for (var i = 0; i <= selector.Length; i++)
        {
            if (i == selector.Length || (selector[i] == ',' && depth == 0))
            {
                parts.Add(selector[start..i].Trim());
                start = i + 1;
            }
            else
            {
                depth += selector[i] switch { '(' => 1, ')' => -1, _ => 0 };
            }
        }

        return parts;
    }

    private static Func<JsonObject?, bool> Requirement(string term)
    {
        static string? Value(JsonObject? labels, string key) => labels.Text(key);

        if (term.IndexOf(" notin ", StringComparison.Ordinal) is var notIn and > 0)
        {
            var (key, values) = (term[..notIn].Trim(), Set(term[(notIn + 7)..]));
            return labels => Value(labels, key) is not { } value || !values.Contains(value);
        }

        if (term.IndexOf(" in ", StringComparison.Ordinal) is var within and > 0)
        {
            var (key, values) = (term[..within].Trim(), Set(term[(within + 4)..]));
            return labels => Value(labels, key) is { } value && values.Contains(value);
        }

        if (term.Split("!=", 2) is [var different, var not])
        {
            return labels => Value(labels, different.Trim()) != not.Trim();
        }

        if (term.Split('=', 2) is [var equal, var wanted])
        {
            return labels => Value(labels, equal.Trim()) == wanted.TrimStart('=').Trim();
        }

        return term.StartsWith('!')
            ? labels => Value(labels, term[1..].Trim()) is null
            : labels => Value(labels, term) is not null;
    }

    private static HashSet<string> Set(string list)
    {
        list = list.Trim();
        return list is ['(', .., ')']
            ? [.. list[1..^1].Split(',').Select(v => v.Trim())]
            : throw KubernetesErrors.BadRequest($"unable to parse requirement: found '{list}', expected: '('");
    }
}
