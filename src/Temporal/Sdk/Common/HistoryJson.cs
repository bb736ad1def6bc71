using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Temporalio.Api.History.V1;

namespace Temporalio.Common;

/// <summary>
/// Histories exported by older tools name enumeration values in Pascal case ("WorkflowExecutionStarted"); protobuf JSON wants
/// the declared names ("EVENT_TYPE_WORKFLOW_EXECUTION_STARTED"). The message descriptors say which fields are enumerations.
/// </summary>
internal static class HistoryJson
{
    public static string WithCanonicalEnums(string json)
    {
        var root = JsonNode.Parse(json) ?? throw new ArgumentException("The history is empty", nameof(json));
        Fix(root, History.Descriptor);
        return root.ToJsonString();
    }

    private static void Fix(JsonNode node, MessageDescriptor descriptor)
    {
        if (node is not JsonObject message)
        {
            return;
        }

        foreach (var (name, value) in message.ToList())
        {
            var field = descriptor.Fields.InDeclarationOrder().FirstOrDefault(f => f.JsonName == name || f.Name == name);
            if (field is null || value is null)
            {
                continue;
            }

            if (field.IsMap || field.FieldType is not (FieldType.Message or FieldType.Enum))
            {
                continue;
            }

            if (value is JsonArray array)
            {
                for (var i = 0; i < array.Count; i++)
                {
                    FixValue(field, array[i], fixedValue => array[i] = fixedValue);
                }
            }
            else
            {
                FixValue(field, value, fixedValue => message[name] = fixedValue);
            }
        }
    }

    private static void FixValue(FieldDescriptor field, JsonNode? value, Action<JsonNode> replace)
    {
        if (value is null)
        {
            return;
        }

        if (field.FieldType == FieldType.Message)
        {
            Fix(value, field.MessageType);
        }
        else if (value is JsonValue scalar && scalar.TryGetValue<string>(out var text)
            && field.EnumType.FindValueByName(text) is null)
        {
            var wanted = ScreamingSnake(text);
            var match = field.EnumType.Values.FirstOrDefault(v => v.Name.EndsWith("_" + wanted, StringComparison.Ordinal)
                && v.Name == Prefix(field.EnumType) + wanted);
            if (match is not null)
            {
                replace(JsonValue.Create(match.Name)!);
            }
        }
    }

    private static string Prefix(EnumDescriptor descriptor) => ScreamingSnake(descriptor.Name) + "_";

    private static string ScreamingSnake(string pascal)
    {
        var text = new StringBuilder(pascal.Length + 8);
        foreach (var c in pascal)
        {
            if (char.IsUpper(c) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToUpperInvariant(c));
        }

        return text.ToString();
    }
}
