using System.Net;
using Microsoft.AspNetCore.Http;
using Onramp.EmbeddedServer.Frontend;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>
/// Keeps pages of other sites out. Whoever runs a browser on this machine lets every page that it shows send requests to the loopback address; what
/// gives them away is the origin that browsers name, and the host that they believe to talk to.
/// </summary>
/// <param name="requiresCaller">Whether what may change something has to carry <c>Caller-Type: operator</c>, or come from our own pages.</param>
/// <param name="hosts">Names beside the loopback's by which we are reached; null if callers prove who they are, so that names don't matter.</param>
internal sealed class BrowserGuard(bool requiresCaller, IReadOnlyCollection<string>? hosts)
{
    private const string CallerHeader = "Caller-Type";
    private const string Operator = "operator";
    private const string SiteHeader = "Sec-Fetch-Site";

    /// <exception cref="RefusalException">PERMISSION_DENIED, which says what gave the page away.</exception>
    public void Check(HttpRequest request)
    {
        if (hosts is not null && !IsOurs(request.Host.Host))
        {
            throw Refusals.PermissionDenied("This server is not reached by that host name.");
        }

        var origin = request.Headers.Origin.ToString();
        var isOwnPage = origin.Length > 0 && string.Equals(origin, $"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);
        if ((origin.Length > 0 && !isOwnPage) || request.Headers[SiteHeader].ToString() is "cross-site")
        {
            throw Refusals.PermissionDenied("Pages of other sites may not call this server.");
        }

        if (requiresCaller && !isOwnPage && !HttpMethods.IsGet(request.Method) && request.Headers[CallerHeader] != Operator)
        {
            throw Refusals.PermissionDenied($"What changes something needs the header {CallerHeader}: {Operator}.");
        }
    }

    private bool IsOurs(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address))
        || hosts!.Contains(host, StringComparer.OrdinalIgnoreCase);
}
