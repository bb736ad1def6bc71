using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>Reads the values of fields from texts, as Temporal's gateway does, and says in its words what is wrong with one.</summary>
internal static class FieldText
{
    private const string Base64UrlLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// <exception cref="FormatException">It is no such value.</exception>
    public static object Parse(FieldDescriptor field, string text) => field.FieldType switch
    {
        FieldType.String => text,
        FieldType.Bool => Bool(text),
        FieldType.Enum => System.Enum.ToObject(field.EnumType.ClrType, EnumNumber(field.EnumType, text)),
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => Number<int>("ParseInt", text),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => Number<long>("ParseInt", text),
        FieldType.UInt32 or FieldType.Fixed32 => Number<uint>("ParseUint", text),
        FieldType.UInt64 or FieldType.Fixed64 => Number<ulong>("ParseUint", text),
        FieldType.Float => (float)Real(text),
        FieldType.Double => Real(text),
        FieldType.Bytes => Bytes(text),
        FieldType.Message when field.MessageType.FullName == Timestamp.Descriptor.FullName => Time(text),
        FieldType.Message when field.MessageType.FullName == Duration.Descriptor.FullName => Span(text),
        FieldType.Message when field.MessageType.FullName == FieldMask.Descriptor.FullName => new FieldMask { Paths = { text.Split(',') } },
        _ => throw new FormatException($"unsupported message type: \"{field.MessageType.FullName}\""),
    };

    private static bool Bool(string text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => throw Fault("ParseBool", text),
    };

    /// <summary>By its name, or by its number.</summary>
    private static int EnumNumber(EnumDescriptor type, string text) =>
        type.FindValueByName(text)?.Number
        ?? (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && type.FindValueByNumber(number) is not null
            ? number
            : throw new FormatException($"\"{text}\" is not a valid value"));

    private static T Number<T>(string parser, string text)
        where T : System.Numerics.IBinaryInteger<T>
    {
        if (T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        var isNumber = text.Length > 0 && text.TrimStart('-', '+') is { Length: > 0 } digits && digits.Length >= text.Length - 1 && digits.All(char.IsAsciiDigit);
        throw Fault(parser, text, isNumber ? "value out of range" : "invalid syntax");
    }

    private static double Real(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Fault("ParseFloat", text);

    private static ByteString Bytes(string text)
    {
        var letters = text.TrimEnd('=').Replace('+', '-').Replace('/', '_');
        for (var i = 0; i < letters.Length; i++)
        {
            if (!Base64UrlLetters.Contains(letters[i], StringComparison.Ordinal))
            {
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"illegal base64 data at input byte {i}"));
            }
        }

        return letters.Length % 4 == 1
            ? throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"illegal base64 data at input byte {letters.Length}"))
            : ByteString.CopyFrom(System.Buffers.Text.Base64Url.DecodeFromChars(letters));
    }

    private static Timestamp Time(string text) =>
        Json<Timestamp>(text) ?? throw new FormatException($"parsing time \"{text}\" as \"2006-01-02T15:04:05.999999999Z07:00\": cannot parse \"{text}\" as \"2006\"");

    /// <summary>In seconds, as JSON has it.</summary>
    private static Duration Span(string text) => Json<Duration>(text) ?? throw new FormatException($"time: invalid duration \"{text}\"");

    private static T? Json<T>(string text)
        where T : class, IMessage, new()
    {
        try
        {
            return JsonParser.Default.Parse<T>(System.Text.Json.JsonSerializer.Serialize(text));
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static FormatException Fault(string parser, string text, string fault = "invalid syntax") => new($"strconv.{parser}: parsing \"{text}\": {fault}");
}
