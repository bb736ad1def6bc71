using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>The form in which an answer is written.</summary>
internal sealed record AnswerForm(string ContentType, bool Shorthand, bool Indented);

/// <summary>Answers and refusals on HTTP.</summary>
internal static class HttpAnswers
{
    /// <summary>What a caller who has gone is told.</summary>
    private const int ClientClosedRequest = 499;

    public static RefusalException Invalid(string message) => new(StatusCode.InvalidArgument, message);

    public static RefusalException NotFound() => new(StatusCode.NotFound, "Not Found");

    public static RefusalException WrongVerb() => new(StatusCode.Unimplemented, "Method Not Allowed");

    /// <summary>Writes a body. Content types may be none that a browser knows: it is told not to guess.</summary>
    public static async Task WriteAsync(HttpContext http, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.ContentType = contentType;
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(body, http.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>Writes <c>{"code", "message", "details"}</c> with the status that belongs to the code.</summary>
    public static async Task RefuseAsync(HttpContext http, RefusalException refusal, AnswerForm form)
    {
        using var text = new MemoryStream();
        using (var json = MessageJson.Writer(text, form.Indented))
        {
            json.WriteStartObject();
            json.WriteNumber("code", (int)refusal.Code);
            json.WriteString("message", refusal.Message);
            if (refusal.Detail is { } detail)
            {
                json.WriteStartArray("details");
                MessageJson.WriteDetail(json, detail, form.Shorthand);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        await WriteAsync(http, StatusOf(refusal.Code), form.ContentType, text.ToArray()).ConfigureAwait(false);
    }

    private static int StatusOf(StatusCode code) => code switch
    {
        StatusCode.OK => StatusCodes.Status200OK,
        StatusCode.Cancelled => ClientClosedRequest,
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => StatusCodes.Status400BadRequest,
        StatusCode.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        StatusCode.NotFound => StatusCodes.Status404NotFound,
        StatusCode.AlreadyExists or StatusCode.Aborted => StatusCodes.Status409Conflict,
        StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
        StatusCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        StatusCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        StatusCode.Unimplemented => StatusCodes.Status501NotImplemented,
        StatusCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
