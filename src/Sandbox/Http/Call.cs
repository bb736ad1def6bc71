using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Http;

/// <summary>One request, read to its end, with the documents it may work on.</summary>
internal sealed class Call
{
    public required string Method { get; init; }

    /// <summary>The path as it came, still percent-encoded, without the query.</summary>
    public required string RawPath { get; init; }

    public required string Scheme { get; init; }

    public required string Host { get; init; }

    public required IReadOnlyDictionary<string, string> Query { get; init; }

    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    public required Documents Documents { get; init; }

    /// <summary>Decoded values of the route's placeholders.</summary>
    public IReadOnlyDictionary<string, string> Values { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Who calls, as authentication found out.</summary>
    public string Caller { get; set; } = "";

    /// <summary>Most items that a page of a list may hold.</summary>
    public int MaxPageSize { get; set; } = 100;

    public DateTimeOffset Now => Documents.Now;

    public string BaseUrl => $"{Scheme}://{Host}";

    public string this[string placeholder] => Values[placeholder];

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public string? Parameter(string name) => Query.GetValueOrDefault(name);

    public bool Asks(string name) => Query.TryGetValue(name, out var value) && value is "true" or "1" or "True";

    public string Text => Encoding.UTF8.GetString(Body.Span);

    public string MediaType => (Header("Content-Type") ?? "").Split(';', 2)[0].Trim().ToLowerInvariant();

    /// <summary>The body as a JSON object; an empty body is an empty object, anything else is null.</summary>
    public JsonObject? TryReadObject()
    {
        if (Body.IsEmpty)
        {
            return [];
        }

        try
        {
            return JsonNode.Parse(Body.Span) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The credential of an <c>Authorization</c> header of one of these schemes.</summary>
    public string? Credential(params ReadOnlySpan<string> schemes)
    {
        var header = Header("Authorization");
        var space = header?.IndexOf(' ', StringComparison.Ordinal) ?? -1;
        if (header is null || space <= 0)
        {
            return null;
        }

        foreach (var scheme in schemes)
        {
            if (header.AsSpan(0, space).Equals(scheme, StringComparison.OrdinalIgnoreCase))
            {
                return header[(space + 1)..].Trim();
            }
        }

        return null;
    }
}
