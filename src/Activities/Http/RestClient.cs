using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Onramp.Activities.Common;
using Temporalio.Exceptions;

namespace Onramp.Activities.Http;

/// <summary>
/// What the clients of Grafana and the catalog share: the step's key on every call, redirects followed by hand
/// (the handler's own way drops the credential and turns a POST into a GET), one refresh of a credential on 401, and network
/// failures as retryable ones. It never retries by itself: that is Temporal's.
/// </summary>
internal abstract class RestClient(HttpClient http, string system)
{
    private const int MaxRedirects = 3;
    private static readonly string UserAgent = "onramp/1.0";

    protected string System { get; } = system;

    /// <summary>Puts the credential on a request; with <paramref name="refresh"/> a cached one is fetched anew first.</summary>
    protected abstract ValueTask AuthorizeAsync(HttpRequestMessage request, bool refresh, CancellationToken cancellationToken);

    /// <summary>What a refusal means.</summary>
    protected abstract ApplicationFailureException Failure(ApiReply reply, string what);

    /// <summary>Headers beside the credential.</summary>
    protected virtual void Prepare(HttpRequestMessage request)
    {
    }

    /// <summary>Sends and returns whatever comes back.</summary>
    protected async Task<ApiReply> SendAsync(
        HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken, string mediaType = "application/json")
    {
        var reply = await FollowAsync(method, path, body, mediaType, refresh: false, cancellationToken);
        return reply.StatusCode == HttpStatusCode.Unauthorized
            ? await FollowAsync(method, path, body, mediaType, refresh: true, cancellationToken)
            : reply;
    }

    /// <summary>Sends and throws what the answer means unless it is a success or one of <paramref name="accepted"/>.</summary>
    protected async Task<ApiReply> CallAsync(
        HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken, params HttpStatusCode[] accepted)
    {
        var reply = await SendAsync(method, path, body, cancellationToken);
        return reply.IsSuccess || accepted.Contains(reply.StatusCode) ? reply : throw Failure(reply, $"{method} {path}");
    }

    private async Task<ApiReply> FollowAsync(
        HttpMethod method, string path, JsonNode? body, string mediaType, bool refresh, CancellationToken cancellationToken)
    {
        var target = new Uri(http.BaseAddress!, path.TrimStart('/'));
        for (var redirects = 0; ; redirects++)
        {
            var (reply, location) = await OnceAsync(method, target, body, mediaType, refresh, cancellationToken);
            if (reply.Status is not (301 or 302 or 307 or 308) || location is null || redirects == MaxRedirects)
                return reply;
            var next = new Uri(target, location);
            if (next.Host != target.Host || next.Port != target.Port || next.Scheme != target.Scheme)
                return reply;
            target = next;
        }
    }

    private async Task<(ApiReply Reply, Uri? Location)> OnceAsync(
        HttpMethod method, Uri target, JsonNode? body, string mediaType, bool refresh, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, target);
        request.Headers.UserAgent.ParseAdd(UserAgent);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (Correlation.Current is { } key)
            request.Headers.TryAddWithoutValidation(Correlation.Header, key.CorrelationId);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        }
        Prepare(request);
        try
        {
            await AuthorizeAsync(request, refresh, cancellationToken);
            using var response = await http.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return (new ApiReply(response.StatusCode, response.Headers, text), response.Headers.Location);
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // What came of the request is unknown; the next attempt looks before it writes.
            throw Failures.Transient(System, $"{method} {target.AbsolutePath}: no answer ({e.Message})");
        }
    }
}
