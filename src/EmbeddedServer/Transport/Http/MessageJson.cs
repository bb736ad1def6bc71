using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using ErrorDetails = Temporalio.Api.ErrorDetails.V1.MessageReflection;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>
/// Messages in protobuf's JSON form (names in lower camel case, 64-bit numbers as text, fields that hold their default left out), with or without
/// the shorthand of payloads.
/// </summary>
internal static class MessageJson
{
    public const string WellKnownPackage = "google.protobuf";

    /// <summary>As deep as Google's own parsers of JSON go by far; messages themselves end at a hundred.</summary>
    private const int MaximumDepth = 1000;

    private const int MaximumMessageDepth = 100;

    /// <summary>How JSON of callers and of payloads is read.</summary>
    public static readonly JsonDocumentOptions Reading = new() { MaxDepth = MaximumDepth, AllowDuplicateProperties = false };

    private static readonly TypeRegistry Types = TypeRegistry.FromFiles(ErrorDetails.Descriptor, Temporalio.Api.Failure.V1.MessageReflection.Descriptor);
    private static readonly JsonFormatter WellKnown = new(new JsonFormatter.Settings(formatDefaultValues: false, Types));

    /// <summary>Writes a message.</summary>
    public static byte[] Write(IMessage message, bool shorthand, bool indented)
    {
        using var text = new MemoryStream();
        using (var json = Writer(text, indented))
        {
            WriteMessage(json, message, shorthand);
        }

        return text.ToArray();
    }

    public static Utf8JsonWriter Writer(Stream text, bool indented) => new(text, new JsonWriterOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = indented, NewLine = "\n", MaxDepth = MaximumDepth,
    });

    /// <summary>Reads the first JSON value of a body as a message; nothing at all is an empty one.</summary>
    /// <exception cref="RefusalException">INVALID_ARGUMENT: it is no such message.</exception>
    public static IMessage Read(ReadOnlyMemory<byte> body, MessageDescriptor type, bool shorthand, bool ignoreUnknown)
    {
        if (body.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            return type.Parser.ParseFrom(ByteString.Empty);
        }

        try
        {
            if (!Utf8.IsValid(body.Span))
            {
                throw new JsonException("it is not UTF-8");
            }

            using var value = First(body.Span);
            if (value.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new JsonException($"{value.RootElement.ValueKind} where an object is expected");
            }

            var settings = new JsonParser.Settings(MaximumMessageDepth, Types).WithIgnoreUnknownFields(ignoreUnknown);
            return new JsonParser(settings).Parse(shorthand ? InFull(value.RootElement, type) : value.RootElement.GetRawText(), type);
        }
        catch (Exception failure) when (failure is JsonException or InvalidProtocolBufferException or InvalidJsonException or InvalidOperationException or ArgumentException)
        {
            throw HttpAnswers.Invalid($"{GoProtobuf.ErrorPrefix}{failure.Message}");
        }
    }

    /// <summary>Writes a message as the detail of an error: its type comes first.</summary>
    public static void WriteDetail(Utf8JsonWriter json, IMessage detail, bool shorthand)
    {
        json.WriteStartObject();
        json.WriteString("@type", $"type.googleapis.com/{detail.Descriptor.FullName}");
        WriteFields(json, detail, shorthand);
        json.WriteEndObject();
    }

    private static JsonDocument First(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaximumDepth, AllowMultipleValues = true });
        using var all = JsonDocument.ParseValue(ref reader);
        return JsonDocument.Parse(body[..(int)reader.BytesConsumed].ToArray(), Reading);
    }

    private static string InFull(JsonElement message, MessageDescriptor type)
    {
        using var text = new MemoryStream();
        using (var json = Writer(text, indented: false))
        {
            PayloadShorthand.Expand(message, type, json);
        }

        text.Position = 0;
        return new StreamReader(text).ReadToEnd();
    }

    private static void WriteMessage(Utf8JsonWriter json, IMessage message, bool shorthand)
    {
        if (shorthand && TryWriteShort(json, message))
        {
            return;
        }

        if (message is Any any && any.Unpack(Types) is { } unpacked && unpacked.Descriptor.File.Package != WellKnownPackage)
        {
            WriteDetail(json, unpacked, shorthand);
            return;
        }

        if (message.Descriptor.File.Package == WellKnownPackage && message is not Empty)
        {
            json.WriteRawValue(WellKnown.Format(message));
            return;
        }

        json.WriteStartObject();
        WriteFields(json, message, shorthand);
        json.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter json, IMessage message, bool shorthand)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            var value = field.Accessor.GetValue(message);
            if (IsThere(field, value, message))
            {
                json.WritePropertyName(field.JsonName);
                WriteField(json, field, value, shorthand);
            }
        }
    }

    private static bool IsThere(FieldDescriptor field, object? value, IMessage message) => value switch
    {
        null => false,
        ICollection items when field.IsRepeated || field.IsMap => items.Count > 0,
        _ when field.HasPresence => field.Accessor.HasValue(message),
        string text => text.Length > 0,
        ByteString bytes => bytes.Length > 0,
        bool flag => flag,
        System.Enum number => Convert.ToInt32(number, CultureInfo.InvariantCulture) != 0,
        double number => BitConverter.DoubleToInt64Bits(number) != 0,
        float number => BitConverter.SingleToInt32Bits(number) != 0,
        IConvertible number => number.ToDecimal(CultureInfo.InvariantCulture) != 0,
        _ => true,
    };

    private static void WriteField(Utf8JsonWriter json, FieldDescriptor field, object value, bool shorthand)
    {
        if (field.IsMap)
        {
            var item = field.MessageType.FindFieldByNumber(2);
            json.WriteStartObject();
            foreach (DictionaryEntry entry in (IDictionary)value)
            {
                json.WritePropertyName(entry.Key is bool flag ? flag ? "true" : "false" : Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!);
                WriteValue(json, item, entry.Value!, shorthand);
            }

            json.WriteEndObject();
        }
        else if (field.IsRepeated)
        {
            json.WriteStartArray();
            foreach (var item in (IList)value)
            {
                WriteValue(json, field, item!, shorthand);
            }

            json.WriteEndArray();
        }
        else
        {
            WriteValue(json, field, value, shorthand);
        }
    }

    private static void WriteValue(Utf8JsonWriter json, FieldDescriptor field, object value, bool shorthand)
    {
        switch (value)
        {
            case IMessage message:
                WriteMessage(json, message, shorthand);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case ByteString bytes:
                json.WriteBase64StringValue(bytes.Span);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case System.Enum number:
                WriteEnum(json, field.EnumType, Convert.ToInt32(number, CultureInfo.InvariantCulture));
                break;
            case long or ulong:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
            case double number when !double.IsFinite(number):
                json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                json.WriteNumberValue(number);
                break;
            case float number when !float.IsFinite(number):
                json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case float number:
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void WriteEnum(Utf8JsonWriter json, EnumDescriptor type, int number)
    {
        if (type.FindValueByNumber(number) is { } value)
        {
            json.WriteStringValue(value.Name);
        }
        else
        {
            json.WriteNumberValue(number);
        }
    }

    /// <summary>Several payloads are said shortly only if each can be.</summary>
    private static bool TryWriteShort(Utf8JsonWriter json, IMessage message)
    {
        if (message is not (Payload or Payloads))
        {
            return false;
        }

        var payloads = message as Payloads;
        var values = (payloads is null ? [(Payload)message] : payloads.Payloads_.AsEnumerable()).Select(PayloadShorthand.TryShorten).ToList();
        var all = values.TrueForAll(value => value is not null);
        if (all && payloads is not null)
        {
            json.WriteStartArray();
            values.ForEach(value => value!.WriteTo(json));
            json.WriteEndArray();
        }
        else if (all)
        {
            values[0]!.WriteTo(json);
        }

        values.ForEach(value => value?.Dispose());
        return all;
    }
}
