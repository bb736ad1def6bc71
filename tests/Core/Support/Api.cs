using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Onramp.Starter;
using Onramp.Starter.Security;

namespace Onramp.Core.Tests.Support;

/// <summary>A starter on a world's server, and somebody who calls it.</summary>
internal sealed class Api(StarterHost host, string? token = null) : IAsyncDisposable
{
    private readonly HttpClient http = new() { BaseAddress = host.Address };

    public const string Services = "api/v2-preview/services";
    public const string Applying = "api/v2-preview/applying";

    public static async Task<Api> StartAsync(World world, params ApiToken[] tokens) => new(await StarterHost.StartAsync(
        new StarterOptions { RequestsPerMinute = 1_000_000, QueryTimeout = TimeSpan.FromSeconds(5), Tokens = tokens }, world.Client, NullLoggerFactory.Instance));

    /// <summary>The same starter, called with another token; the first one stops it.</summary>
    public Api With(string other) => new(host, other);

    public Task<JsonNode> PostAsync(string path, JsonObject body, string key) => SendAsync(HttpMethod.Post, path, body, key, HttpStatusCode.Accepted);

    public Task<JsonNode> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null, null, HttpStatusCode.OK);

    public async Task<HttpStatusCode> StatusAsync(string path, JsonObject? body, string? key)
    {
        using var response = await SendAsync(body is null ? HttpMethod.Get : HttpMethod.Post, path, body, key);
        return response.StatusCode;
    }

    public async Task<(HttpStatusCode Status, JsonNode Answer)> AskAsync(string path, JsonObject body, string key)
    {
        using var response = await SendAsync(HttpMethod.Post, path, body, key);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    public async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonObject? body, string? key, HttpStatusCode expected)
    {
        using var response = await SendAsync(method, path, body, key);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(expected, text);
        return JsonNode.Parse(text)!;
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (token is null)
            await host.DisposeAsync();
    }

    /// <summary>Events of a stream, until it ends: name, id and data.</summary>
    public async IAsyncEnumerable<(string Name, string Id, JsonNode Data)> FollowAsync(string path, string? after = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        Authorize(request);
        if (after is not null)
            request.Headers.Add("Last-Event-ID", after);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
            yield return (item.EventType, item.EventId ?? "", JsonNode.Parse(item.Data)!);
    }

    private void Authorize(HttpRequestMessage request)
    {
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, JsonObject? body, string? key)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        Authorize(request);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await http.SendAsync(request);
    }
}
