using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Temporalio.Converters;

namespace Onramp.Workflows.Services;

/// <summary>
/// How payloads look: camelCase, as steps that teams write in other languages see them. What was written before in PascalCase is still read.
/// </summary>
public static class Wire
{
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Converter of every client and worker that speaks with services and changes.</summary>
    public static readonly DataConverter Converter = new(new DefaultPayloadConverter(Json), new DefaultFailureConverter());

    public static JsonElement ToJson<T>(T value) => JsonSerializer.SerializeToElement(value, Json);

    /// <exception cref="JsonException">The value is something else.</exception>
    public static T FromJson<T>(JsonElement value) =>
        value.Deserialize<T>(Json) ?? throw new JsonException($"null where a {typeof(T).Name} must be");

    /// <summary>Whether both look the same on the wire.</summary>
    public static bool AreSame<T>(T one, T other) => ReferenceEquals(one, other) || JsonElement.DeepEquals(ToJson(one), ToJson(other));
}
