using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Onramp.Starter.Http;
using Onramp.EmbeddedServer;
using Onramp.Workflows.Contracts;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;

namespace Onramp.Starter.Tests;

/// <summary>The API on a real server in memory, without a worker: what is asked stays where it is.</summary>
public sealed class StarterFixture : IAsyncLifetime
{
    private TemporalServer server = null!;
    private StarterHost starter = null!;

    public HttpClient Http { get; private set; } = null!;

    public ITemporalClient Temporal { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        server = await TemporalServer.StartAsync(new TemporalServerOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            SearchAttributes = OnboardingSearchAttributes.All.ToDictionary(n => n, _ => IndexedValueType.Keyword, StringComparer.Ordinal),
        });
        Temporal = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address));
        starter = await StartAsync(new StarterOptions { QueryTimeout = TimeSpan.FromMilliseconds(500) });
        Http = new HttpClient { BaseAddress = starter.Address };
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await starter.DisposeAsync();
        await server.DisposeAsync();
    }

    /// <summary>Another API on the same server.</summary>
    public Task<StarterHost> StartAsync(StarterOptions options) => StarterHost.StartAsync(options, Temporal, NullLoggerFactory.Instance);

    public async Task<(HttpStatusCode Status, Problem Problem)> SendRefusedAsync(HttpMethod method, string path, string? body = null, string contentType = "application/json", params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(method, path, body, contentType, headers);
        response.Content.Headers.ContentType?.MediaType.ShouldBe(Problem.ContentType);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<Problem>(ApiJson.Options))!);
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, string contentType = "application/json", params (string Name, string Value)[] headers)
    {
        var message = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (contentType.Length > 0)
                message.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
        foreach (var (name, value) in headers)
            message.Headers.TryAddWithoutValidation(name, value);
        return Http.SendAsync(message);
    }

    /// <summary>A good request, as JSON.</summary>
    public static string Good(string name, string more = "") => $$"""{"name":"{{name}}","team":"payments","environment":"development"{{more}}}""";
}
