using System.Text.Json;
using Google.Protobuf;

namespace Onramp.EmbeddedServer.Visibility.Paging;

/// <summary>Where a list goes on: after the row with this place in the order. Callers keep it as JSON, which Temporal's server gives them too.</summary>
internal sealed record VisibilityPageToken(long CloseOrder, long StartTime, long Number)
{
    private static readonly VisibilityPageToken BehindAll = new(long.MinValue, long.MinValue, long.MaxValue);

    /// <exception cref="RefusalException">UNKNOWN, as Temporal's server has it: it is none of ours.</exception>
    public static VisibilityPageToken? Parse(ByteString token)
    {
        if (token.IsEmpty)
        {
            return null;
        }

        if (JsonComplaint.Of(token.Span) is { } complaint)
        {
            throw Refuse(complaint);
        }

        try
        {
            using var json = JsonDocument.Parse(token.Memory);
            return json.RootElement.ValueKind == JsonValueKind.Null ? null : Read(json.RootElement) ?? throw Refuse(Misfit(json.RootElement.ValueKind));
        }
        catch (JsonException exception)
        {
            throw Refuse(exception.Message);
        }
    }

    public ByteString ToByteString() => ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(this));

    private static VisibilityPageToken? Read(JsonElement token) => IsEmpty(token) ? BehindAll : Fields(token);

    /// <summary>An object without a place reads as the earliest of times: nothing comes after it.</summary>
    private static bool IsEmpty(JsonElement token) =>
        token.ValueKind == JsonValueKind.Object && !token.EnumerateObject().Any(field => field.Name is nameof(CloseOrder) or nameof(StartTime) or nameof(Number));

    private static VisibilityPageToken? Fields(JsonElement token) =>
        token.ValueKind == JsonValueKind.Object
        && NumberOf(token, nameof(CloseOrder)) is { } closeOrder
        && NumberOf(token, nameof(StartTime)) is { } startTime
        && NumberOf(token, nameof(Number)) is { } number
            ? new VisibilityPageToken(closeOrder, startTime, number)
            : null;

    private static long? NumberOf(JsonElement token, string name) =>
        token.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static string Misfit(JsonValueKind kind)
    {
        var word = kind switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Number => "number",
            JsonValueKind.Array => "array",
            JsonValueKind.True or JsonValueKind.False => "bool",
            _ => "object",
        };
        return $"json: cannot unmarshal {word} into Go value of type sqlplugin.VisibilityPageToken";
    }

    private static RefusalException Refuse(string complaint) => MaskedRefusal.Of(RefusalKind.Unknown, complaint);
}
