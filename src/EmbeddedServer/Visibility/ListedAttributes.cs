using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>
/// Search attributes as lists show them. The reference server keeps their values, not what was sent: a scalar that came in a list comes out alone,
/// times and numbers are written in one way, and the type is always the namespace's. A run's own description keeps what was sent.
/// </summary>
internal static partial class ListedAttributes
{
    private const string TypeKey = "type";
    private const string EncodingKey = "encoding";

    /// <summary>From here on, and below <see cref="SmallestPlain"/>, numbers are written with an exponent.</summary>
    private const double LeastWithExponent = 1e21;

    private const double SmallestPlain = 1e-6;

    /// <summary>Whole numbers with fewer characters are what they are; the reference reads them as floating ones.</summary>
    private const int ExactDigits = 16;

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly ByteString Json = ByteString.CopyFromUtf8("json/plain");

    public static SearchAttributes Of(SearchAttributes stored, Func<string, IndexedValueType?> typeOf)
    {
        var listed = new SearchAttributes();
        foreach (var (name, payload) in stored.IndexedFields)
        {
            if (typeOf(name) is { } type && SearchAttributeValue.TryRead(payload, type, out _) is { IsSet: true } value)
            {
                listed.IndexedFields[name] = IsPlain(payload, type) ? payload : Listed(Write(payload, value, type), type);
            }
        }

        return listed;
    }

    /// <summary>Whether it is written as it would be anyway, which is so of nearly all.</summary>
    private static bool IsPlain(Payload payload, IndexedValueType type) =>
        payload.Metadata.Count == 2
        && payload.Metadata.TryGetValue(TypeKey, out var named) && named.ToStringUtf8() == type.ToString()
        && payload.Data.Span is [var first, ..]
        && type switch
        {
            IndexedValueType.Keyword or IndexedValueType.Text => first == '"',
            IndexedValueType.Bool => first is (byte)'t' or (byte)'f',
            IndexedValueType.Int => (first == '-' || char.IsAsciiDigit((char)first)) && payload.Data.Length < ExactDigits,
            _ => false,
        };

    private static Payload Listed(string json, IndexedValueType type) => new()
    {
        Metadata = { [EncodingKey] = Json, [TypeKey] = ByteString.CopyFromUtf8(type.ToString()) },
        Data = ByteString.CopyFromUtf8(json),
    };

    private static string Write(Payload payload, SearchAttributeValue value, IndexedValueType type) => (type, value.Values[0]) switch
    {
        (IndexedValueType.KeywordList, _) => JsonSerializer.Serialize(value.Values, Relaxed),
        (IndexedValueType.Datetime, _) => JsonSerializer.Serialize(Rfc3339.Canonical(TextOf(payload)), Relaxed),
        (_, long number) => Write((double)number),
        (_, double number) => Write(number),
        (_, var other) => JsonSerializer.Serialize(other, Relaxed),
    };

    /// <summary>The text of a payload that is one, or a list of one.</summary>
    private static string TextOf(Payload payload)
    {
        using var json = JsonDocument.Parse(payload.Data.Memory);
        var root = json.RootElement;
        return (root.ValueKind == JsonValueKind.Array ? root[0] : root).GetString()!;
    }

    private static string Write(double number)
    {
        var shortest = number.ToString("R", CultureInfo.InvariantCulture);
        var size = Math.Abs(number);
        if (size is not 0 and (< SmallestPlain or >= LeastWithExponent))
        {
            // With as few digits as it takes, also in the exponent.
            return LeadingZero().Replace(shortest, "e$1").Replace('E', 'e');
        }

        return shortest.Contains('E', StringComparison.Ordinal)
            ? decimal.Parse(shortest, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)
            : shortest;
    }

    [GeneratedRegex("E([+-])0")]
    private static partial Regex LeadingZero();
}
