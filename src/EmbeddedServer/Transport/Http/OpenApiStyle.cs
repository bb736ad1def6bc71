using System.Text.Json.Nodes;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>What the two generations of the description say differently.</summary>
internal abstract record OpenApiStyle
{
    public const string Version3 = "3.0.3";

    /// <summary>OpenAPI 3.0.3.</summary>
    public static readonly OpenApiStyle V3 = new OpenApi();

    /// <summary>Swagger 2.0.</summary>
    public static readonly OpenApiStyle V2 = new Swagger();

    /// <summary>The document around everything.</summary>
    public abstract JsonObject Document(JsonObject info, JsonObject paths, JsonObject schemas);

    /// <summary>A pointer to a schema.</summary>
    public abstract JsonObject Reference(string schema);

    /// <summary>A parameter in the path or the query.</summary>
    public abstract JsonObject Parameter(string name, bool inPath, JsonObject schema);

    /// <summary>Says that an operation takes a body.</summary>
    public abstract void AddBody(JsonObject operation, JsonArray parameters, JsonObject schema);

    /// <summary>An answer.</summary>
    public abstract JsonObject Answer(string description, JsonObject schema);

    private sealed record OpenApi : OpenApiStyle
    {
        public override JsonObject Document(JsonObject info, JsonObject paths, JsonObject schemas) =>
            new() { ["openapi"] = Version3, ["info"] = info, ["paths"] = paths, ["components"] = new JsonObject { ["schemas"] = schemas } };

        public override JsonObject Reference(string schema) => new() { ["$ref"] = $"#/components/schemas/{schema}" };

        public override JsonObject Parameter(string name, bool inPath, JsonObject schema)
        {
            var parameter = new JsonObject { ["name"] = name, ["in"] = inPath ? "path" : "query" };
            if (inPath)
            {
                parameter["required"] = true;
            }

            parameter["schema"] = schema;
            return parameter;
        }

        public override void AddBody(JsonObject operation, JsonArray parameters, JsonObject schema) =>
            operation["requestBody"] = new JsonObject { ["content"] = Content(schema), ["required"] = true };

        public override JsonObject Answer(string description, JsonObject schema) => new() { ["description"] = description, ["content"] = Content(schema) };

        private static JsonObject Content(JsonObject schema) => new() { ["application/json"] = new JsonObject { ["schema"] = schema } };
    }

    private sealed record Swagger : OpenApiStyle
    {
        public override JsonObject Document(JsonObject info, JsonObject paths, JsonObject schemas) => new()
        {
            ["swagger"] = "2.0",
            ["info"] = info,
            ["consumes"] = new JsonArray("application/json"),
            ["produces"] = new JsonArray("application/json"),
            ["paths"] = paths,
            ["definitions"] = schemas,
        };

        public override JsonObject Reference(string schema) => new() { ["$ref"] = $"#/definitions/{schema}" };

        public override JsonObject Parameter(string name, bool inPath, JsonObject schema)
        {
            var parameter = new JsonObject { ["name"] = name, ["in"] = inPath ? "path" : "query", ["required"] = inPath };
            foreach (var (key, value) in schema)
            {
                parameter[key] = value?.DeepClone();
            }

            if (schema["type"]?.GetValue<string>() == "array")
            {
                parameter["collectionFormat"] = "multi";
            }

            return parameter;
        }

        public override void AddBody(JsonObject operation, JsonArray parameters, JsonObject schema) =>
            parameters.Add((JsonNode)new JsonObject { ["name"] = "body", ["in"] = "body", ["required"] = true, ["schema"] = schema });

        public override JsonObject Answer(string description, JsonObject schema) => new() { ["description"] = description, ["schema"] = schema };
    }
}
