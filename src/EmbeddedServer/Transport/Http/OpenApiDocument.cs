using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>Describes the routes and every message that they lead to.</summary>
internal sealed class OpenApiDocument(IReadOnlyList<HttpRoute> routes, OpenApiStyle style)
{
    private const string Error = "Status";

    /// <summary>How deep fields of messages within messages are offered as parameters.</summary>
    private const int ParameterDepth = 3;

    private readonly SortedDictionary<string, JsonObject> schemas = new(StringComparer.Ordinal);
    private readonly Queue<MessageDescriptor> open = new();
    private readonly HashSet<string> operations = new(StringComparer.Ordinal);

    public JsonObject Build()
    {
        var paths = new JsonObject();
        foreach (var path in routes.GroupBy(PathOf, StringComparer.Ordinal).OrderBy(path => path.Key, StringComparer.Ordinal))
        {
            paths[path.Key] = new JsonObject(path.Select(route => KeyValuePair.Create<string, JsonNode?>(route.Verb.ToLowerInvariant(), Operation(route))));
        }

        while (open.TryDequeue(out var message))
        {
            schemas[NameOf(message)] = Schema(message);
        }

        schemas[Error] = ErrorSchema();
        var all = new JsonObject(schemas.Select(schema => KeyValuePair.Create<string, JsonNode?>(schema.Key, schema.Value)));
        return style.Document(new JsonObject { ["title"] = "Temporal's HTTP API", ["version"] = "v1" }, paths, all);
    }

    /// <summary>Fields of the request itself go by their name in JSON; those within its messages by their path in the schema.</summary>
    private static string PathOf(HttpRoute route) =>
        string.Concat(route.Segments.Select(segment => segment.IsField ? $"/{{{ParameterOf(route.Call.Method.InputType, segment.Text)}}}" : $"/{segment.Text}"));

    private static string ParameterOf(MessageDescriptor type, string path) => type.FindFieldByName(path)?.JsonName ?? path;

    private JsonObject Operation(HttpRoute route)
    {
        var method = route.Call.Method;
        var id = method.Name;
        for (var number = 2; !operations.Add(id); number++)
        {
            id = $"{method.Name}{number}";
        }

        var operation = new JsonObject { ["tags"] = new JsonArray(method.Service.Name), ["operationId"] = id };
        var filled = route.Segments.Where(segment => segment.IsField).Select(segment => segment.Text).ToList();
        var parameters = new JsonArray([.. filled.Select(path => style.Parameter(ParameterOf(method.InputType, path), inPath: true, new JsonObject { ["type"] = "string" }))]);
        if (route.HasBody)
        {
            style.AddBody(operation, parameters, Reference(method.InputType));
        }
        else
        {
            AddParameters(parameters, method.InputType, string.Empty, string.Empty, filled, ParameterDepth);
        }

        operation["parameters"] = parameters;
        operation["responses"] = new JsonObject { ["200"] = style.Answer("OK", Reference(method.OutputType)), ["default"] = style.Answer("An error", style.Reference(Error)) };
        return operation;
    }

    private void AddParameters(JsonArray parameters, MessageDescriptor type, string prefix, string jsonPrefix, List<string> filled, int depth)
    {
        foreach (var field in type.Fields.InDeclarationOrder().Where(field => !field.IsMap && !filled.Contains(prefix + field.Name)))
        {
            if (!IsMessage(field))
            {
                parameters.Add((JsonNode)style.Parameter(jsonPrefix + field.JsonName, inPath: false, SchemaOf(field)));
            }
            else if (!field.IsRepeated && depth > 1)
            {
                AddParameters(parameters, field.MessageType, $"{prefix}{field.Name}.", $"{jsonPrefix}{field.JsonName}.", filled, depth - 1);
            }
        }
    }

    private JsonObject Schema(MessageDescriptor message) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(message.Fields.InDeclarationOrder().Select(field => KeyValuePair.Create<string, JsonNode?>(field.JsonName, SchemaOf(field)))),
    };

    private JsonObject SchemaOf(FieldDescriptor field)
    {
        if (field.IsMap)
        {
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = SchemaOfOne(field.MessageType.FindFieldByNumber(2)) };
        }

        return field.IsRepeated ? new JsonObject { ["type"] = "array", ["items"] = SchemaOfOne(field) } : SchemaOfOne(field);
    }

    private JsonObject SchemaOfOne(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => Of("string"),
        FieldType.Bytes => Of("string", "byte"),
        FieldType.Bool => Of("boolean"),
        FieldType.Double => Of("number", "double"),
        FieldType.Float => Of("number", "float"),
        FieldType.Enum => new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. field.EnumType.Values.Select(value => JsonValue.Create(value.Name))]) },
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => Of("string", "int64"),
        FieldType.UInt64 or FieldType.Fixed64 => Of("string", "uint64"),
        FieldType.Message or FieldType.Group => SchemaOf(field.MessageType),
        _ => Of("integer", "int32"),
    };

    private JsonObject SchemaOf(MessageDescriptor message) => message.FullName switch
    {
        "google.protobuf.Timestamp" => Of("string", "date-time"),
        "google.protobuf.Duration" or "google.protobuf.FieldMask" => Of("string"),
        "google.protobuf.Any" or "google.protobuf.Empty" or "google.protobuf.Struct" => Of("object"),
        _ when message.File.Package == MessageJson.WellKnownPackage && message.FindFieldByNumber(1) is { Name: "value" } wrapped => SchemaOfOne(wrapped),
        _ => Reference(message),
    };

    private JsonObject Reference(MessageDescriptor message)
    {
        if (schemas.TryAdd(NameOf(message), []))
        {
            open.Enqueue(message);
        }

        return style.Reference(NameOf(message));
    }

    private static bool IsMessage(FieldDescriptor field) =>
        field.FieldType == FieldType.Message && field.MessageType.File.Package != MessageJson.WellKnownPackage;

    /// <summary>The name within the package: Temporal's are unique across them but for nested ones, which carry their parents'.</summary>
    private static string NameOf(MessageDescriptor message) => message.ContainingType is { } parent ? $"{NameOf(parent)}_{message.Name}" : message.Name;

    private static JsonObject ErrorSchema() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["code"] = Of("integer", "int32"),
            ["message"] = Of("string"),
            ["details"] = new JsonObject { ["type"] = "array", ["items"] = Of("object") },
        },
    };

    private static JsonObject Of(string type, string? format = null)
    {
        var schema = new JsonObject { ["type"] = type };
        if (format is not null)
        {
            schema["format"] = format;
        }

        return schema;
    }
}
