using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>
/// JSON as it comes out where the reference has read it and written it again: names in order, numbers in their shortest form, a list of nothing as
/// null. That is what becomes of payloads that are said by the shorthand.
/// </summary>
internal static class GoJson
{
    /// <param name="without">A field of the outermost object that is left out.</param>
    public static string Write(JsonElement value, string? without = null)
    {
        var text = new StringBuilder();
        Append(text, value, without);
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonElement value, string? without)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                AppendObject(text, value, without);
                break;
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                var before = '[';
                foreach (var item in value.EnumerateArray())
                {
                    text.Append(before);
                    Append(text, item, null);
                    before = ',';
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                AppendText(text, value.GetString()!);
                break;
            case JsonValueKind.Number:
                text.Append(value.TryGetInt64(out var whole) ? whole.ToString(CultureInfo.InvariantCulture) : GoNumber.Json(value.GetDouble()));
                break;
            case JsonValueKind.True or JsonValueKind.False:
                text.Append(value.GetBoolean() ? "true" : "false");
                break;
            default:
                text.Append("null");
                break;
        }
    }

    private static void AppendObject(StringBuilder text, JsonElement value, string? without)
    {
        var fields = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            fields[property.Name] = property.Value;
        }

        text.Append('{');
        var isFirst = true;
        foreach (var (name, field) in fields)
        {
            if (name == without)
            {
                continue;
            }

            text.Append(isFirst ? "" : ",");
            AppendText(text, name);
            text.Append(':');
            Append(text, field, null);
            isFirst = false;
        }

        text.Append('}');
    }

    /// <summary>Safe in HTML and in JavaScript, and else as it is.</summary>
    private static void AppendText(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            _ = character switch
            {
                '"' or '\\' => text.Append('\\').Append(character),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        }

        text.Append('"');
    }
}
