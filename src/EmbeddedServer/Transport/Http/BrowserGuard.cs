using System.Net;
using Microsoft.AspNetCore.Http;
using Onramp.EmbeddedServer.Frontend;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>
/// Keeps pages of other sites out. Whoever runs a browser on this machine lets every page that it shows send requests to the loopback address; what
/// gives them away is the origin that browsers name, and the host that they believe to talk to.
/// </summary>
/// <param name="requiresCaller">Whether what may change something has to carry <c>Caller-Type: operator</c>, or come from our own pages.</param>
/// <param name="checksHost">Whether the host has to be one of ours; not where callers prove who they are, which a page under a false name can't.</param>
/// <param name="names">Names beside the loopback's by which we are reached.</param>
internal sealed class BrowserGuard(bool requiresCaller, bool checksHost, IReadOnlyCollection<string> names)
{
    private const string CallerHeader = "Caller-Type";
    private const string Operator = "operator";
    private const string SiteHeader = "Sec-Fetch-Site";
    private const string ModeHeader = "Sec-Fetch-Mode";

    /// <exception cref="RefusalException">PERMISSION_DENIED, which says what gave the page away.</exception>
    /// <param name="request">The request.</param>
    /// <param name="isPage">Whether it leads to a page that people see, to which links from other sites may lead.</param>
    public void Check(HttpRequest request, bool isPage = false)
    {
        if (checksHost && !IsOurs(request.Host.Host))
        {
            throw Refusals.PermissionDenied("This server is not reached by that host name.");
        }

        var origin = request.Headers.Origin.ToString();
        var isOwnPage = origin.Length > 0 && IsOrigin(origin, request);
        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        var isVisit = isPage && isRead && request.Headers[ModeHeader] == "navigate";
        if ((origin.Length > 0 && !isOwnPage) || (request.Headers[SiteHeader] == "cross-site" && !isVisit))
        {
            throw Refusals.PermissionDenied("Pages of other sites may not call this server.");
        }

        if (requiresCaller && !isOwnPage && !isRead && request.Headers[CallerHeader] != Operator)
        {
            throw Refusals.PermissionDenied($"What changes something needs the header {CallerHeader}: {Operator}.");
        }
    }

    /// <summary>Whether a page comes from here. Under a name that we were given, somebody in between may have ended the TLS that the page knows of.</summary>
    private bool IsOrigin(string origin, HttpRequest request) =>
        string.Equals(origin, $"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase)
        || (names.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase) && string.Equals(origin, $"https://{request.Host.Value}", StringComparison.OrdinalIgnoreCase));

    private bool IsOurs(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address))
        || names.Contains(host, StringComparer.OrdinalIgnoreCase);
}
