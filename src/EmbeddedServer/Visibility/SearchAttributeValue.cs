using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>
/// What the payload of a search attribute says. An attribute of a scalar type may come as a list of one; null and the empty list mean
/// that it is not set.
/// </summary>
/// <param name="Values">One for a scalar, the members for a list, none when not set. Keywords and texts are <see cref="string"/>,
/// integers <see cref="long"/>, doubles <see cref="double"/>, booleans <see cref="bool"/>, times <see cref="DateTimeOffset"/>.</param>
internal sealed record SearchAttributeValue(IReadOnlyList<object> Values)
{
    private const string EncodingKey = "encoding";
    private static readonly SearchAttributeValue Unset = new([]);

    public bool IsSet => Values.Count > 0;

    /// <summary>Reads a payload as <paramref name="type"/>; null, and how the value looks, when it doesn't fit.</summary>
    public static SearchAttributeValue? TryRead(Payload payload, IndexedValueType type, out string looks)
    {
        looks = "";
        var encoding = payload.Metadata.TryGetValue(EncodingKey, out var bytes) ? bytes.ToStringUtf8() : "";
        switch (encoding)
        {
            case "binary/null":
                return Unset;
            case "json/plain":
                return TryReadJson(payload, type, ref looks);
            case "binary/plain":
                looks = $"[{string.Join(' ', payload.Data)}]";
                return null;
            default:
                looks = $"value from <{PayloadText.Of(payload)}>";
                return null;
        }
    }

    /// <summary>A list of keywords, from its JSON.</summary>
    public static Payload KeywordsOf(string json) => new()
    {
        Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain"), ["type"] = ByteString.CopyFromUtf8(nameof(IndexedValueType.KeywordList)) },
        Data = ByteString.CopyFromUtf8(json),
    };

    /// <summary>Whether the payload says that the attribute is to be unset.</summary>
    public static bool IsUnset(Payload payload)
    {
        if (payload.Metadata.TryGetValue(EncodingKey, out var encoding) && encoding.ToStringUtf8() == "binary/null")
        {
            return true;
        }

        var text = payload.Data.Span;
        return text.Trim(" \t\r\n"u8).SequenceEqual("null"u8)
            || (text.Trim(" \t\r\n"u8) is [(byte)'[', .. var inner, (byte)']'] && inner.Trim(" \t\r\n"u8).IsEmpty);
    }

    private static SearchAttributeValue? TryReadJson(Payload payload, IndexedValueType type, ref string looks)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(payload.Data.Memory);
        }
        catch (JsonException)
        {
            looks = $"value from <{PayloadText.Of(payload)}>";
            return null;
        }

        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Null)
            {
                return Unset;
            }

            var values = ReadValues(root, type);
            if (values is null)
            {
                // What no number holds can't be read at all.
                var isUnreadable = root.ValueKind == JsonValueKind.Number && double.IsInfinity(root.GetDouble());
                looks = isUnreadable ? $"value from <{PayloadText.Of(payload)}>" : Show(root);
            }

            return values is null ? null : new SearchAttributeValue(values);
        }
    }

    private static List<object>? ReadValues(JsonElement root, IndexedValueType type)
    {
        var isList = root.ValueKind == JsonValueKind.Array;
        if (type == IndexedValueType.KeywordList ? !isList : isList && root.GetArrayLength() > 1)
        {
            return null;
        }

        var values = new List<object>();
        foreach (var element in isList ? root.EnumerateArray().ToArray() : [root])
        {
            var read = isList && element.ValueKind == JsonValueKind.Null ? NothingOf(type) : ReadScalar(element, type);
            if (read is not { } value)
            {
                return null;
            }

            values.Add(value);
        }

        return values;
    }

    /// <summary>What a null within a list stands for, as the reference reads it.</summary>
    private static object? NothingOf(IndexedValueType type) => type switch
    {
        IndexedValueType.Keyword or IndexedValueType.Text or IndexedValueType.KeywordList => "",
        IndexedValueType.Int => 0L,
        IndexedValueType.Double => 0d,
        IndexedValueType.Bool => false,
        _ => null,
    };

    private static object? ReadScalar(JsonElement element, IndexedValueType type) => (type, element.ValueKind) switch
    {
        (IndexedValueType.Keyword or IndexedValueType.Text or IndexedValueType.KeywordList, JsonValueKind.String) =>
            element.GetString(),
        (IndexedValueType.Int, JsonValueKind.Number) =>
            long.TryParse(element.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
                ? integer
                : null,
        (IndexedValueType.Double, JsonValueKind.Number) =>
            element.TryGetDouble(out var real) && double.IsFinite(real) ? real : null,
        (IndexedValueType.Bool, JsonValueKind.True or JsonValueKind.False) => element.GetBoolean(),
        (IndexedValueType.Datetime, JsonValueKind.String) => Rfc3339.TryParse(element.GetString()!, out var time) ? time : null,
        _ => null,
    };

    /// <summary>As the messages show values: texts bare, lists and objects in brackets, separated by blanks.</summary>
    private static string Show(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString()!,
        JsonValueKind.Null => "<nil>",
        JsonValueKind.Array => $"[{string.Join(' ', element.EnumerateArray().Select(Show))}]",
        JsonValueKind.Object =>
            $"map[{string.Join(' ', element.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}:{Show(p.Value)}"))}]",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => GoNumber.Text(element.GetDouble()),
    };
}
