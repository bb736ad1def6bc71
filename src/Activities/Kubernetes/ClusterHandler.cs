using Onramp.Activities.Common;

namespace Onramp.Activities.Kubernetes;

/// <summary>
/// In the official client's pipeline: the step's key on every request, and redirects followed by hand. They are followed on the same
/// host only, with the same verb and body; the handler's own way would turn a POST into a GET.
/// </summary>
internal sealed class ClusterHandler : DelegatingHandler
{
    private const int MaxRedirects = 3;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Correlation.Current is { } key)
            request.Headers.TryAddWithoutValidation(Correlation.Header, key.CorrelationId);
        for (var redirects = 0; ; redirects++)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (redirects == MaxRedirects || Next(request.RequestUri!, response) is not { } next)
                return response;
            response.Dispose();
            request.RequestUri = next;
        }
    }

    private static Uri? Next(Uri asked, HttpResponseMessage response)
    {
        if ((int)response.StatusCode is not (301 or 302 or 307 or 308) || response.Headers.Location is not { } location)
            return null;
        var next = new Uri(asked, location);
        return next.Host == asked.Host && next.Port == asked.Port && next.Scheme == asked.Scheme ? next : null;
    }
}
