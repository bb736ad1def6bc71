using Microsoft.AspNetCore.Http;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>The form in which an answer is written.</summary>
internal sealed record AnswerForm(string ContentType, bool Shorthand, bool Indented);

/// <summary>Answers and refusals on HTTP.</summary>
internal static class HttpAnswers
{
    public static RefusalException Invalid(string message) => new(RefusalKind.InvalidArgument, message);

    public static RefusalException NotFound() => new(RefusalKind.NotFound, "Not Found");

    public static RefusalException WrongVerb() => new(RefusalKind.Unimplemented, "Method Not Allowed");

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
            json.WriteNumber("code", (int)refusal.Kind);
            json.WriteString("message", refusal.Message);
            if (refusal.Detail is { } detail)
            {
                json.WriteStartArray("details");
                MessageJson.WriteDetail(json, detail, form.Shorthand);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        await WriteAsync(http, RefusalTable.RowOf(refusal).Http, form.ContentType, text.ToArray()).ConfigureAwait(false);
    }
}
