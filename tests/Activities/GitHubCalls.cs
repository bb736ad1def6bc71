using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Onramp.Activities.GitHub;

namespace Onramp.Activities.Tests;

/// <summary>Everything that is sent to GitHub, as it leaves: after all handlers, once for each time that it is sent.</summary>
internal sealed class GitHubCalls
{
    private readonly ConcurrentQueue<SentCall> sent = new();
    private readonly SemaphoreSlim arrived = new(0);
    private int handlers;

    public IReadOnlyList<SentCall> Sent => [.. sent];

    /// <summary>How many handlers that pool connections were made.</summary>
    public int Handlers => handlers;

    /// <summary>What every call showed of credentials so far.</summary>
    public IReadOnlyList<string> Credentials => [.. sent.Select(c => c.Authorization?.Parameter).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Records, and rewrites addresses last of all if asked to.</summary>
    public void Record(IServiceCollection services, Func<Uri, Uri>? rewrite = null)
    {
        foreach (var name in new[] { GitHubServices.Calls, GitHubServices.CallsAsApp })
        {
            services.AddHttpClient(name)
                .ConfigurePrimaryHttpMessageHandler(() =>
                {
                    Interlocked.Increment(ref handlers);
                    return new SocketsHttpHandler { AllowAutoRedirect = false };
                })
                .AddHttpMessageHandler(() => new Recorder(this, rewrite));
        }
    }

    /// <summary>Ends once such a call has been sent.</summary>
    public async Task WaitForAsync(Func<SentCall, bool> call)
    {
        while (!sent.Any(call))
            await arrived.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private void Add(SentCall call)
    {
        sent.Enqueue(call);
        arrived.Release();
    }

    private sealed class Recorder(GitHubCalls calls, Func<Uri, Uri>? rewrite) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            calls.Add(new SentCall(
                request.Method.Method,
                request.RequestUri!,
                request.Headers.Authorization,
                request.Headers.ToDictionary(h => h.Key, h => string.Join(' ', h.Value), StringComparer.OrdinalIgnoreCase),
                request.Content?.Headers.ContentType?.MediaType));
            request.RequestUri = rewrite?.Invoke(request.RequestUri!) ?? request.RequestUri;
            return base.SendAsync(request, cancellationToken);
        }
    }
}

/// <summary>One call as it was sent.</summary>
internal sealed record SentCall(
    string Method, Uri Uri, AuthenticationHeaderValue? Authorization, IReadOnlyDictionary<string, string> Headers, string? MediaType);
