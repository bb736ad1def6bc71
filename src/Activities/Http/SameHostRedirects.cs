namespace Onramp.Activities.Http;

/// <summary>
/// Follows redirects with the same verb, body and credential, and only to the same host: .NET's own way drops the credential and turns a
/// POST into a GET, and nobody else's host may be shown the credential. A redirect elsewhere is left as the answer.
/// </summary>
internal sealed class SameHostRedirects : DelegatingHandler
{
    private const int MaxRedirects = 3;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        for (var redirects = 0; redirects < MaxRedirects && Target(request, response) is { } target; redirects++)
        {
            response.Dispose();
            request.RequestUri = target;
            response = await base.SendAsync(request, cancellationToken);
        }
        return response;
    }

    private static Uri? Target(HttpRequestMessage request, HttpResponseMessage response)
    {
        if ((int)response.StatusCode is not (301 or 302 or 307 or 308) || response.Headers.Location is not { } location)
            return null;
        var (here, there) = (request.RequestUri!, new Uri(request.RequestUri!, location));
        return there.Scheme == here.Scheme && there.Authority == here.Authority ? there : null;
    }
}
