using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Onramp.Activities.Http;

/// <summary>What a system answered: status, headers, and its body as JSON when it is JSON.</summary>
internal sealed record ApiReply(HttpStatusCode StatusCode, HttpResponseHeaders Headers, string Text)
{
    private readonly Lazy<JsonNode?> json = new(() => Parse(Text));

    public int Status => (int)StatusCode;

    public bool IsSuccess => Status is >= 200 and < 300;

    public JsonNode? Json => json.Value;

    /// <summary>The body, which must be an object.</summary>
    public JsonObject Object => Json as JsonObject ?? throw new JsonException($"expected a JSON object, status {Status}");

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static JsonNode? Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Reading JSON nodes without casts all over.</summary>
internal static class JsonReading
{
    /// <summary>The text at a path of members; null when any part of the path is absent or it is no text.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        At(node, path) is JsonValue value ? value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString() : null;

    public static bool Flag(this JsonNode? node, params ReadOnlySpan<string> path) => Text(node, path) == "true";

    public static JsonArray Items(this JsonNode? node, params ReadOnlySpan<string> path) => At(node, path) as JsonArray ?? [];

    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var member in path)
            node = (node as JsonObject)?[member];
        return node;
    }
}
