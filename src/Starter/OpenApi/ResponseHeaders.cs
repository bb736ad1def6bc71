using Microsoft.OpenApi;
using Onramp.Starter.Http;

namespace Onramp.Starter.OpenApi;

/// <summary>Which headers come with which answer.</summary>
internal static class ResponseHeaders
{
    private static readonly (string Status, string Name, string Description, JsonSchemaType Type)[] Table =
    [
        ("*", CorrelationId.Header, "Id to find the request in the logs by: the caller's own when it sent one in this header.", JsonSchemaType.String),
        ("202", "Location", "Where to look from now on.", JsonSchemaType.String),
        ("401", "WWW-Authenticate", "Bearer, with the error when a token was sent.", JsonSchemaType.String),
        ("429", "Retry-After", "Seconds to wait.", JsonSchemaType.Integer),
        ("503", "Retry-After", "Seconds to wait.", JsonSchemaType.Integer),
    ];

    public static void AddTo(OpenApiOperation operation)
    {
        foreach (var (status, answer) in operation.Responses!)
        {
            if (answer is not OpenApiResponse response)
                continue;
            response.Headers = Table.Where(row => row.Status == "*" || row.Status == status).ToDictionary(
                row => row.Name,
                row => (IOpenApiHeader)new OpenApiHeader { Description = row.Description, Schema = new OpenApiSchema { Type = row.Type } },
                StringComparer.Ordinal);
        }
    }
}
