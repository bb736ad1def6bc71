using System.Collections;
using System.Reflection;
using System.Text.Json;
using Onramp.Workflows.Validation;

namespace Onramp.Starter.Http;

/// <summary>
/// Compares a JSON value with the type it will become and names every difference by its path, where a deserializer would
/// stop at the first one in words of its own. Knows what requests are made of: records, strings, booleans, lists, and maps of strings.
/// </summary>
internal static class JsonShape
{
    private const int MaxErrors = 20;

    public static IReadOnlyList<FieldError> Compare(JsonElement value, Type type)
    {
        var errors = new List<FieldError>();
        Compare(value, type, "", errors);
        return errors;
    }

    private static void Compare(JsonElement value, Type type, string path, List<FieldError> errors)
    {
        if (errors.Count >= MaxErrors)
            return;
        if (type == typeof(string) || type.IsEnum)
            Expect(value.ValueKind == JsonValueKind.String, path, "string", "a string", errors);
        else if (type == typeof(bool))
            Expect(value.ValueKind is JsonValueKind.True or JsonValueKind.False, path, "boolean", "true or false", errors);
        else if (typeof(IEnumerable<KeyValuePair<string, string>>).IsAssignableFrom(type))
            CompareMap(value, path, errors);
        else if (typeof(IEnumerable).IsAssignableFrom(type))
            CompareList(value, type.GetGenericArguments()[0], path, errors);
        else
            CompareObject(value, type, path, errors);
    }

    private static void CompareList(JsonElement value, Type item, string path, List<FieldError> errors)
    {
        if (!Expect(value.ValueKind == JsonValueKind.Array, path, "array", "a list", errors))
            return;
        var index = 0;
        foreach (var element in value.EnumerateArray())
            Compare(element, item, $"{path}[{index++}]", errors);
    }

    /// <summary>A map from names to strings; whoever takes it says which names.</summary>
    private static void CompareMap(JsonElement value, string path, List<FieldError> errors)
    {
        if (!Expect(value.ValueKind == JsonValueKind.Object, path, "object", "an object", errors))
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            var field = Shorten($"{path}.{property.Name}");
            Expect(seen.Add(property.Name), field, "once", "given once", errors);
            Compare(property.Value, typeof(string), field, errors);
        }
    }

    private static void CompareObject(JsonElement value, Type type, string path, List<FieldError> errors)
    {
        if (!Expect(value.ValueKind == JsonValueKind.Object, path, "object", "an object", errors))
            return;
        var members = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite)
            .ToDictionary(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name), p => p.PropertyType, StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            var field = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
            if (!members.TryGetValue(property.Name, out var memberType))
                errors.Add(new FieldError(Shorten(field), "unknown", $"{Shorten(field)} is not a field{Suggestion(property.Name, members.Keys)}"));
            else if (!seen.Add(property.Name))
                errors.Add(new FieldError(field, "once", $"{field} must be given once"));
            else
                Compare(property.Value, memberType, field, errors);
        }
    }

    private static bool Expect(bool holds, string path, string rule, string what, List<FieldError> errors)
    {
        if (!holds)
        {
            var field = path.Length == 0 ? "body" : path;
            errors.Add(new FieldError(field, rule, $"{field} must be {what}"));
        }
        return holds;
    }

    private static string Suggestion(string name, IEnumerable<string> known)
    {
        var near = known.FirstOrDefault(k => k.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? known.Where(k => Distance(k, name) <= 2).OrderBy(k => Distance(k, name)).FirstOrDefault();
        return near is null ? $"; the fields are {string.Join(", ", known)}" : $"; did you mean {near}?";
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";

    /// <summary>Levenshtein distance; names are short.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 2)
            return int.MaxValue;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }
}
