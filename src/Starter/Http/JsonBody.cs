using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Onramp.Starter.OpenApi;

namespace Onramp.Starter.Http;

/// <summary>A handler's parameter that is the request's body; brings what OpenAPI has to tell of it.</summary>
internal sealed record JsonBody<T>(T Value) : IEndpointParameterMetadataProvider
    where T : class
{
    public static async ValueTask<JsonBody<T>?> BindAsync(HttpContext context) =>
        new(await JsonBody.ReadAsync<T>(context, context.RequestServices.GetRequiredService<StarterOptions>().MaxBodyBytes));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T)));
        builder.Refuse(
            Problems.BrokenJson("The body is not JSON: it breaks off at line 1, byte 18.", "body"),
            Problems.BodyTooLarge(StarterOptions.DefaultMaxBodyBytes),
            Problems.UnsupportedMediaType("text/plain"));
    }
}

/// <summary>Reads a request body: bounded, JSON only, and every mismatch named.</summary>
internal static class JsonBody
{
    private const int MaxDepth = 16;

    /// <exception cref="ProblemException">The body is not what it must be.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, int maxBytes)
    {
        if (!IsJson(context.Request))
            throw new ProblemException(Problems.UnsupportedMediaType(context.Request.ContentType));
        var bytes = await ReadBoundedAsync(context, maxBytes);
        using var document = Parse(bytes);
        var errors = JsonShape.Compare(document.RootElement, typeof(T));
        if (errors.Count > 0)
            throw new ProblemException(Problems.Invalid(errors));
        try
        {
            return document.Deserialize<T>(ApiJson.Options)!;
        }
        catch (JsonException e)
        {
            var field = (e.Path ?? "$").TrimStart('$').TrimStart('.');
            field = field.Length == 0 ? "body" : field;
            throw new ProblemException(Problems.Invalid(field, "oneOf", $"{field} has a value that is not allowed"));
        }
    }

    private static bool IsJson(HttpRequest request) =>
        request.HasJsonContentType() && !request.ContentType!.StartsWith(Problem.ContentType, StringComparison.OrdinalIgnoreCase);

    private static async Task<ReadOnlyMemory<byte>> ReadBoundedAsync(HttpContext context, int maxBytes)
    {
        if (context.Request.ContentLength > maxBytes)
            throw new ProblemException(Problems.BodyTooLarge(maxBytes));
        var buffer = new byte[maxBytes + 1];
        var length = 0;
        while (length < buffer.Length)
        {
            var read = await context.Request.Body.ReadAsync(buffer.AsMemory(length), context.RequestAborted);
            if (read == 0)
                return buffer.AsMemory(0, length);
            length += read;
        }
        throw new ProblemException(Problems.BodyTooLarge(maxBytes));
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length == 0)
            throw new ProblemException(Problems.BrokenJson("The body is empty; it must be a JSON object.", "body"));
        try
        {
            return JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException e)
        {
            var at = $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
            throw new ProblemException(Problems.BrokenJson($"The body is not JSON: it breaks off at {at}.", "body"));
        }
    }
}
