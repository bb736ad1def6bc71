using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Converters;

namespace Temporalio.Common;

/// <summary>
/// Search attributes as payloads: plain JSON with the type's name in the metadata, never touched by a user's converter or
/// codec because the server itself has to read them.
/// </summary>
internal static class SearchAttributePayloads
{
    private const string TypeMetadataKey = "type";

    private static readonly JsonPlainConverter Json = new(new JsonSerializerOptions());

    /// <summary>The payload that removes an attribute in an upsert.</summary>
    public static Payload EncodeUnset(SearchAttributeKey key)
    {
        new BinaryNullConverter().TryToPayload(null, out var payload);
        return WithType(payload!, key.ValueType);
    }

    public static Payload Encode(SearchAttributeKey key, object value)
    {
        if (value is DateTimeOffset time)
        {
            value = time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture);
        }

        Json.TryToPayload(value, out var payload);
        return WithType(payload!, key.ValueType);
    }

    public static bool TryDecode(
        string name, Payload payload, [NotNullWhen(true)] out SearchAttributeKey? key, [NotNullWhen(true)] out object? value)
    {
        key = null;
        value = null;
        if (!payload.Metadata.TryGetValue(TypeMetadataKey, out var typeName) || payload.Data.IsEmpty)
        {
            return false;
        }

        try
        {
            return TryDecode(name, ParseType(typeName.ToStringUtf8()), payload, out key, out value);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // A value that does not fit its type is left out, like one without a type: reading a workflow must not fail for it.
            key = null;
            value = null;
            return false;
        }
    }

    private static bool TryDecode(
        string name,
        IndexedValueType type,
        Payload payload,
        [NotNullWhen(true)] out SearchAttributeKey? key,
        [NotNullWhen(true)] out object? value)
    {
        key = null;
        value = null;
        using var document = JsonDocument.Parse(payload.Data.Memory);
        var element = document.RootElement;

        // A server may send a single value as a list of one.
        var single = element.ValueKind == JsonValueKind.Array && element.GetArrayLength() == 1 ? element[0] : element;
        if (single.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
        {
            return false;
        }

        switch (type)
        {
            case IndexedValueType.Bool:
                key = SearchAttributeKey.CreateBool(name);
                value = single.GetBoolean();
                return true;
            case IndexedValueType.Datetime:
                key = SearchAttributeKey.CreateDateTimeOffset(name);
                value = single.GetDateTimeOffset();
                return true;
            case IndexedValueType.Double:
                key = SearchAttributeKey.CreateDouble(name);
                value = single.GetDouble();
                return true;
            case IndexedValueType.Int:
                key = SearchAttributeKey.CreateLong(name);
                value = single.GetInt64();
                return true;
            case IndexedValueType.Keyword:
                key = SearchAttributeKey.CreateKeyword(name);
                value = single.GetString()!;
                return true;
            case IndexedValueType.Text:
                key = SearchAttributeKey.CreateText(name);
                value = single.GetString()!;
                return true;
            case IndexedValueType.KeywordList:
                key = SearchAttributeKey.CreateKeywordList(name);
                value = Strings(element);
                return true;
            default:
                return false;
        }
    }

    private static IReadOnlyCollection<string> Strings(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray().Select(e => e.GetString()!)] : [element.GetString()!];

    // Written as "KeywordList"; some servers send the enumeration's own "INDEXED_VALUE_TYPE_KEYWORD_LIST".
    private static IndexedValueType ParseType(string text)
    {
        const string prefix = "INDEXED_VALUE_TYPE_";
        var name = text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..].Replace("_", string.Empty, StringComparison.Ordinal) : text;
        return System.Enum.TryParse<IndexedValueType>(name, ignoreCase: true, out var type) ? type : IndexedValueType.Unspecified;
    }

    private static Payload WithType(Payload payload, IndexedValueType type)
    {
        payload.Metadata[TypeMetadataKey] = ByteString.CopyFromUtf8(type.ToString());
        return payload;
    }
}
