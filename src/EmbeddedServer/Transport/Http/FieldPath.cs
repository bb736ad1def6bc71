using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>A field within a message, by a dotted path of names (<c>execution.run_id</c> or <c>execution.runId</c>), that text is put into.</summary>
internal sealed class FieldPath
{
    private readonly IReadOnlyList<FieldDescriptor> fields;

    private FieldPath(IReadOnlyList<FieldDescriptor> fields) => this.fields = fields;

    private FieldDescriptor Leaf => fields[^1];

    /// <summary>The field, or null if the message has none of that name.</summary>
    public static FieldPath? Find(MessageDescriptor message, string path)
    {
        var fields = new List<FieldDescriptor>();
        var within = message;
        foreach (var name in path.Split('.'))
        {
            if (within is null || FieldOf(within, name) is not { } field)
            {
                return null;
            }

            fields.Add(field);
            within = field is { FieldType: FieldType.Message, IsRepeated: false } ? field.MessageType : null;
        }

        return new FieldPath(fields);
    }

    /// <summary>A field by its name in the schema or in JSON.</summary>
    public static FieldDescriptor? FieldOf(MessageDescriptor message, string name) =>
        message.FindFieldByName(name) ?? message.Fields.InFieldNumberOrder().FirstOrDefault(field => field.JsonName == name);

    /// <summary>Puts text into the field: numbers, enum values (by name or number), times and bytes as JSON has them.</summary>
    /// <exception cref="RefusalException">INVALID_ARGUMENT, which names the field: the text is no such value, or there are several for one.</exception>
    public void Set(IMessage message, IReadOnlyList<string> values)
    {
        if (values.Count > 1 && !Leaf.IsRepeated)
        {
            throw HttpAnswers.Invalid($"too many values for field \"{Leaf.Name}\": {string.Join(", ", values)}");
        }

        try
        {
            using var text = new MemoryStream();
            using (var json = new Utf8JsonWriter(text))
            {
                json.WriteStartObject();
                foreach (var field in fields.SkipLast(1))
                {
                    json.WriteStartObject(field.JsonName);
                }

                json.WritePropertyName(Leaf.JsonName);
                WriteValues(json, values);
                for (var i = 0; i < fields.Count; i++)
                {
                    json.WriteEndObject();
                }
            }

            text.Position = 0;
            var parsed = JsonParser.Default.Parse(new StreamReader(text).ReadToEnd(), fields[0].ContainingType);
            message.MergeFrom(parsed.ToByteString());
        }
        catch (Exception failure) when (failure is InvalidProtocolBufferException or InvalidJsonException or InvalidDataException or FormatException)
        {
            throw HttpAnswers.Invalid($"parsing field \"{Leaf.Name}\": {failure.Message}");
        }
    }

    private void WriteValues(Utf8JsonWriter json, IReadOnlyList<string> values)
    {
        if (!Leaf.IsRepeated)
        {
            WriteValue(json, values[0]);
            return;
        }

        json.WriteStartArray();
        foreach (var value in values)
        {
            WriteValue(json, value);
        }

        json.WriteEndArray();
    }

    private void WriteValue(Utf8JsonWriter json, string value)
    {
        if (Leaf.FieldType == FieldType.Bool)
        {
            json.WriteBooleanValue(value switch
            {
                "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
                "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
                _ => throw new InvalidDataException($"\"{value}\" is neither true nor false"),
            });
        }
        else if (Leaf.FieldType == FieldType.Enum && int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            json.WriteNumberValue(Leaf.EnumType.FindValueByNumber(number) is not null ? number : throw new InvalidDataException($"\"{value}\" is not a valid value"));
        }
        else if (Leaf.FieldType == FieldType.Bytes)
        {
            json.WriteBase64StringValue(Base64Url.DecodeFromChars(value.Replace('+', '-').Replace('/', '_')));
        }
        else
        {
            json.WriteStringValue(value);
        }
    }
}
