using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Onramp.EmbeddedServer.Transport.Http.Ui;

/// <summary>Hands out the files of the web UI.</summary>
internal sealed class UiPages(UiFiles files)
{
    /// <summary>A year: the longest that caches keep anything.</summary>
    private const string ForEver = "public, max-age=31536000, immutable";

    /// <summary>Kept, but asked about before each use.</summary>
    private const string AskFirst = "no-cache";

    private const string Gzip = "gzip";

    /// <exception cref="RefusalException">NOT_FOUND, or UNIMPLEMENTED: pages are only read.</exception>
    public async Task AnswerAsync(HttpContext http, string path)
    {
        var request = http.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            throw HttpAnswers.WrongVerb();
        }

        var file = files.Find(path) ?? throw HttpAnswers.NotFound();
        var compressed = TakesGzip(request) ? file.Compressed : null;
        var tag = new EntityTagHeaderValue(compressed is null ? $"\"{file.Tag}\"" : $"\"{file.Tag}-{Gzip}\"");
        var headers = http.Response.Headers;
        headers.ETag = tag.ToString();
        headers.CacheControl = file.IsImmutable ? ForEver : AskFirst;
        headers.Vary = HeaderNames.AcceptEncoding;
        if (request.GetTypedHeaders().IfNoneMatch.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false)))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (compressed is not null)
        {
            headers.ContentEncoding = Gzip;
        }

        await HttpAnswers.WriteAsync(http, StatusCodes.Status200OK, file.ContentType, compressed ?? file.Content).ConfigureAwait(false);
    }

    private static bool TakesGzip(HttpRequest request) =>
        request.GetTypedHeaders().AcceptEncoding.Any(encoding => encoding.Value.Equals(Gzip, StringComparison.OrdinalIgnoreCase) && encoding.Quality != 0);
}
