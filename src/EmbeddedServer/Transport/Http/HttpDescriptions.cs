using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>The descriptions of the HTTP API that the server hands out: OpenAPI 3 and Swagger 2, made when somebody first asks.</summary>
internal sealed class HttpDescriptions(HttpRoutes routes) : IOwnAnswers
{
    private static readonly JsonSerializerOptions Text = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lazy<byte[]> openApi = new(() => Encoding.UTF8.GetBytes(Yaml(new OpenApiDocument(routes.All, OpenApiStyle.V3).Build())));
    private readonly Lazy<byte[]> swagger = new(() => JsonSerializer.SerializeToUtf8Bytes(new OpenApiDocument(routes.All, OpenApiStyle.V2).Build(), Text));

    public void AddHeaders(IHeaderDictionary headers)
    {
        // As Temporal's: none.
    }

    public bool IsPage(IReadOnlyList<string> segments) => false;

    public async Task<bool> TryAnswerAsync(HttpContext http, string path, IReadOnlyList<string> segments)
    {
        if (Find(http.Request.Method, path) is not { } description)
        {
            return false;
        }

        await HttpAnswers.WriteAsync(http, StatusCodes.Status200OK, "text/plain; charset=utf-8", description).ConfigureAwait(false);
        return true;
    }

    /// <summary>The description at a path, or null if none is there.</summary>
    private byte[]? Find(string verb, string path) => (HttpMethods.IsGet(verb), path) switch
    {
        (true, "/openapi.yaml") => openApi.Value,
        (true, "/swagger.json") => swagger.Value,
        _ => null,
    };

    private static string Yaml(JsonObject document)
    {
        var text = new StringBuilder();
        WriteMembers(text, document, depth: 0);
        return text.ToString();
    }

    private static void WriteMembers(StringBuilder text, JsonObject members, int depth)
    {
        foreach (var (name, value) in members)
        {
            text.Append(' ', depth * 2).Append(IsPlain(name) ? name : JsonSerializer.Serialize(name, Text)).Append(':');
            WriteBelow(text, value, depth + 1);
        }
    }

    private static void WriteBelow(StringBuilder text, JsonNode? value, int depth)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } members:
                text.Append('\n');
                WriteMembers(text, members, depth);
                break;
            case JsonArray { Count: > 0 } items:
                text.Append('\n');
                foreach (var item in items)
                {
                    text.Append(' ', depth * 2).Append('-');
                    WriteBelow(text, item, depth + 1);
                }

                break;
            default:
                // Scalars and what is empty read in YAML as they do in JSON.
                text.Append(' ').Append(value is JsonValue scalar && scalar.TryGetValue<string>(out var plain) && IsPlain(plain) ? plain : value?.ToJsonString(Text) ?? "null").Append('\n');
                break;
        }
    }

    /// <summary>Whether YAML takes it for text without quotes, too.</summary>
    private static bool IsPlain(string text) =>
        (text.StartsWith('/') && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '{' or '}' or '.' or '_' or '-'))
        || (text.Length > 0 && char.IsAsciiLetter(text[0]) && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n")
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.'))
        || text is OpenApiStyle.Version3;
}
