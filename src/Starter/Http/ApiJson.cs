using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Onramp.Starter.Http;

/// <summary>How the API writes and reads JSON.</summary>
public static class ApiJson
{
    /// <summary>Strict: a member that does not exist is an error, as is one that is there twice.</summary>
    public static readonly JsonSerializerOptions Options = Strict();

    /// <summary>Makes these options write what <see cref="Options"/> write. What is answered may gain members, so their schemas stay open.</summary>
    internal static void ApplyToAnswers(JsonSerializerOptions options)
    {
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
    }

    private static JsonSerializerOptions Strict()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            PropertyNameCaseInsensitive = false,
            AllowDuplicateProperties = false,
        };
        ApplyToAnswers(options);
        return options;
    }
}
