using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Temporalio.Api.Common.V1;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>
/// Payloads that hold JSON written as that JSON, and understood so: <c>["text", 1]</c> instead of two objects with metadata and base64. Nothing is
/// said in full: as metadata without data. (A list of nothing turns into null both ways, in the reference as here; only the full form keeps it.)
/// </summary>
internal static class PayloadShorthand
{
    private const string EncodingKey = "encoding";
    private const string MessageTypeKey = "messageType";
    private const string MessageTypeField = "_protoMessageType";
    private const string Plain = "json/plain";
    private const string Protobuf = "json/protobuf";
    private const string Null = "binary/null";

    private const string NullInFull = """{"metadata":{"encoding":"YmluYXJ5L251bGw="}}""";

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What is written for a payload instead of it; null where it can't be said shortly. The caller disposes of it.</summary>
    public static JsonDocument? TryShorten(Payload payload)
    {
        switch (Metadata(payload, EncodingKey))
        {
            case Null:
                return JsonDocument.Parse(NullInFull);
            case Plain when payload.Metadata.Count == 1:
                using (var value = TryParse(payload.Data))
                {
                    return value is null ? null : JsonDocument.Parse(value.RootElement.ValueKind == JsonValueKind.Null ? NullInFull : GoJson.Write(value.RootElement));
                }

            case Protobuf when payload.Metadata.Count == 2 && Metadata(payload, MessageTypeKey) is { Length: > 0 } type:
                using (var message = TryParse(payload.Data))
                {
                    return message?.RootElement.ValueKind == JsonValueKind.Object ? WithType(message.RootElement, type) : null;
                }

            default:
                return null;
        }
    }

    /// <summary>Copies the JSON of a message with every payload in full.</summary>
    public static void Expand(JsonElement from, MessageDescriptor type, Utf8JsonWriter to)
    {
        if (type == Payloads.Descriptor && from.ValueKind == JsonValueKind.Array)
        {
            to.WriteStartObject();
            to.WritePropertyName("payloads");
            ExpandItems(from, Payload.Descriptor, to);
            to.WriteEndObject();
        }
        else if (type == Payload.Descriptor)
        {
            ExpandPayload(from, to);
        }
        else if (from.ValueKind != JsonValueKind.Object || type.File.Package == MessageJson.WellKnownPackage)
        {
            from.WriteTo(to);
        }
        else
        {
            to.WriteStartObject();
            foreach (var property in from.EnumerateObject())
            {
                to.WritePropertyName(property.Name);
                ExpandField(property.Value, FieldPath.FieldOf(type, property.Name), to);
            }

            to.WriteEndObject();
        }
    }

    private static void ExpandField(JsonElement from, FieldDescriptor? field, Utf8JsonWriter to)
    {
        var (type, isMap) = field switch
        {
            { IsMap: true } => (field.MessageType.FindFieldByNumber(2) is { FieldType: FieldType.Message } value ? value.MessageType : null, true),
            { FieldType: FieldType.Message } => (field.MessageType, false),
            _ => (null, false),
        };
        if (type is null || from.ValueKind == JsonValueKind.Null)
        {
            from.WriteTo(to);
        }
        else if (isMap && from.ValueKind == JsonValueKind.Object)
        {
            to.WriteStartObject();
            foreach (var entry in from.EnumerateObject())
            {
                to.WritePropertyName(entry.Name);
                Expand(entry.Value, type, to);
            }

            to.WriteEndObject();
        }
        else if (field!.IsRepeated && from.ValueKind == JsonValueKind.Array)
        {
            ExpandItems(from, type, to);
        }
        else if (field.IsRepeated)
        {
            from.WriteTo(to);
        }
        else
        {
            Expand(from, type, to);
        }
    }

    private static void ExpandItems(JsonElement from, MessageDescriptor type, Utf8JsonWriter to)
    {
        to.WriteStartArray();
        foreach (var item in from.EnumerateArray())
        {
            Expand(item, type, to);
        }

        to.WriteEndArray();
    }

    private static void ExpandPayload(JsonElement from, Utf8JsonWriter to)
    {
        if (IsInFull(from))
        {
            from.WriteTo(to);
            return;
        }

        var isProtobuf = from.ValueKind == JsonValueKind.Object && from.TryGetProperty(MessageTypeField, out var type) && type.ValueKind == JsonValueKind.String;
        to.WriteStartObject();
        to.WriteStartObject("metadata");
        to.WriteBase64String(EncodingKey, from.ValueKind == JsonValueKind.Null ? "binary/null"u8 : isProtobuf ? "json/protobuf"u8 : "json/plain"u8);
        if (isProtobuf)
        {
            to.WriteBase64String(MessageTypeKey, Encoding.UTF8.GetBytes(from.GetProperty(MessageTypeField).GetString()!));
        }

        to.WriteEndObject();
        if (from.ValueKind != JsonValueKind.Null)
        {
            to.WriteBase64String("data", Encoding.UTF8.GetBytes(GoJson.Write(from, isProtobuf ? MessageTypeField : null)));
        }

        to.WriteEndObject();
    }

    /// <summary>Metadata with data, and nothing else, are a payload as it is; anything else stands for itself.</summary>
    private static bool IsInFull(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object || (element.TryGetProperty("data", out _) && element.EnumerateObject().Count() > 2))
        {
            return false;
        }

        try
        {
            var payload = JsonParser.Default.Parse<Payload>(element.GetRawText());
            return payload.Metadata.Count > 0 && (payload.Data.Length > 0 || Metadata(payload, EncodingKey) == Null);
        }
        catch (Exception failure) when (failure is InvalidProtocolBufferException or InvalidJsonException)
        {
            return false;
        }
    }

    private static JsonDocument WithType(JsonElement message, string type)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, Compact))
        {
            json.WriteStartObject();
            json.WriteString(MessageTypeField, type);
            foreach (var property in message.EnumerateObject().Where(property => property.Name != MessageTypeField))
            {
                property.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return JsonDocument.Parse(text.ToArray());
    }

    private static JsonDocument? TryParse(ByteString data)
    {
        try
        {
            return JsonDocument.Parse(data.Memory, MessageJson.Reading);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Metadata(Payload payload, string key) => payload.Metadata.TryGetValue(key, out var value) ? value.ToStringUtf8() : null;
}
