using System.Collections;
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
    /// <exception cref="RefusalException">INVALID_ARGUMENT: the path goes on behind what has no fields.</exception>
    public static FieldPath? Find(MessageDescriptor message, string path)
    {
        var fields = new List<FieldDescriptor>();
        var within = message;
        foreach (var name in path.Split('.'))
        {
            if (within is null)
            {
                throw HttpAnswers.Invalid($"invalid path: \"{fields[^1].Name}\" is not a message");
            }

            if (FieldOf(within, name) is not { } field)
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

    /// <summary>Whether a query has nothing to say of another field, because this one, which the path fills, is that one or something around it.</summary>
    public bool Covers(FieldPath other) => other.fields.Count >= fields.Count && fields.Zip(other.fields).All(pair => pair.First == pair.Second);

    /// <summary>Puts texts into the field: one, or as many as a list has; into a map a key and its value.</summary>
    /// <exception cref="RefusalException">INVALID_ARGUMENT, which names the field: the text is no such value, or there are several for one.</exception>
    public void Set(IMessage message, IReadOnlyList<string> values)
    {
        foreach (var field in fields.SkipLast(1))
        {
            message = Within(message, field);
        }

        var name = $"\"{Leaf.Name}\"";
        if (Leaf.IsMap)
        {
            if (values is not [var key, var value])
            {
                throw HttpAnswers.Invalid($"more than one value provided for key \"{values[0]}\" in map \"{Leaf.FullName}\"");
            }

            var map = (IDictionary)Leaf.Accessor.GetValue(message);
            map[Parse(Leaf.MessageType.FindFieldByNumber(1), key, $"map key {name}")] = Parse(Leaf.MessageType.FindFieldByNumber(2), value, $"map value {name}");
        }
        else if (Leaf.IsRepeated)
        {
            var list = (IList)Leaf.Accessor.GetValue(message);
            foreach (var value in values)
            {
                list.Add(Parse(Leaf, value, $"list {name}"));
            }
        }
        else
        {
            Leaf.Accessor.SetValue(
                message,
                values is [var only] ? Parse(Leaf, only, $"field {name}") : throw HttpAnswers.Invalid($"too many values for field {name}: {string.Join(", ", values)}"));
        }
    }

    private static IMessage Within(IMessage message, FieldDescriptor field)
    {
        if (field.Accessor.GetValue(message) is IMessage inner)
        {
            return inner;
        }

        var made = field.MessageType.Parser.ParseFrom(ByteString.Empty);
        field.Accessor.SetValue(message, made);
        return made;
    }

    private static object Parse(FieldDescriptor field, string text, string what)
    {
        try
        {
            return FieldText.Parse(field, text);
        }
        catch (FormatException fault)
        {
            throw HttpAnswers.Invalid($"parsing {what}: {fault.Message}");
        }
    }
}
