using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Onramp.EmbeddedServer.Access;

namespace Onramp.EmbeddedServer.Transport.Http.Ui;

/// <summary>What the web UI's listener answers beside calls: pages, the UI's settings, and histories as files.</summary>
/// <param name="pages">The UI's pages; null: calls alone are answered.</param>
/// <param name="settings">What the UI is told about itself, by what its user may do.</param>
/// <param name="history">Histories as files; null: there is no call to take them from.</param>
internal sealed class UiAnswers(UiPages? pages, Func<Grants, byte[]> settings, HistoryDownload? history) : IOwnAnswers
{
    private const string Calls = "api";

    /// <summary>
    /// What pages may load, they say themselves, since that goes by what they hold. That nobody may frame them, and who gets to know their addresses, only
    /// headers can say.
    /// </summary>
    public void AddHeaders(IHeaderDictionary headers)
    {
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "frame-ancestors 'none'";
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    public bool IsPage(IReadOnlyList<string> segments) => pages is not null && segments is not [Calls, ..];

    public async Task<bool> TryAnswerAsync(HttpContext http, string path, IReadOnlyList<string> segments)
    {
        if (IsPage(segments))
        {
            await pages!.AnswerAsync(http, string.Join('/', segments)).ConfigureAwait(false);
            return true;
        }

        switch (segments)
        {
            case [Calls, "v1", "settings"] when HttpMethods.IsGet(http.Request.Method):
                await HttpAnswers.WriteAsync(http, StatusCodes.Status200OK, HttpForm.Ui.ContentType, settings(http.Features.GetRequiredFeature<Grants>())).ConfigureAwait(false);
                return true;
            case [Calls, "v1", "namespaces", var name, "workflows", var workflow, "run", var run, "history.json"]
                when history is not null && HttpMethods.IsGet(http.Request.Method):
                await history.AnswerAsync(http, name, workflow, run).ConfigureAwait(false);
                return true;
            default:
                return false;
        }
    }
}
