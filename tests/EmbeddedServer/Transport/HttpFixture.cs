using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Onramp.EmbeddedServer.Access;
using Onramp.EmbeddedServer.Frontend;
using Onramp.EmbeddedServer.Transport;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>The server's transport with its HTTP listeners, and whatever calls the test puts behind it.</summary>
internal sealed class HttpFixture : IAsyncDisposable
{
    private readonly KestrelHost host;
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    private HttpFixture(KestrelHost host) => this.host = host;

    public string Api => $"http://{host.HttpEndPoint}";

    public string Ui => $"http://{host.UiEndPoint}";

    /// <summary>Listens with one call behind it.</summary>
    public static Task<HttpFixture> StartAsync<TRequest, TResponse>(
        string method, Func<TRequest, CallContext, Task<TResponse>> handler, params string[] apiKeys)
        where TRequest : class, Google.Protobuf.IMessage<TRequest>
        where TResponse : class, Google.Protobuf.IMessage<TResponse> =>
        StartAsync(method, handler, options => options.ApiKeys = [.. apiKeys.Select(ApiKey.FromString)]);

    /// <summary>Listens with one call behind it, as the options say.</summary>
    public static Task<HttpFixture> StartAsync<TRequest, TResponse>(
        string method, Func<TRequest, CallContext, Task<TResponse>> handler, Action<TemporalServerOptions> configure)
        where TRequest : class, Google.Protobuf.IMessage<TRequest>
        where TResponse : class, Google.Protobuf.IMessage<TResponse> =>
        StartAsync(new CallTable().Map(ServiceReflection.Descriptor.Services.Single(), method, handler), configure);

    /// <summary>Listens without any call behind it, as the options say.</summary>
    public static Task<HttpFixture> StartAsync(Action<TemporalServerOptions> configure) => StartAsync(new CallTable(), configure);

    /// <summary>Sends a request and reads all of the answer.</summary>
    public async Task<HttpAnswer> SendAsync(HttpMethod method, string url, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, url);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
        }

        foreach (var (name, value) in headers)
        {
            if (name == "Content-Type")
            {
                request.Content!.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await client.SendAsync(request).WaitAsync(TransportFixture.Patience);
        return new HttpAnswer(
            (int)response.StatusCode,
            response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type) ? type.ToString() : null,
            response.Headers.Location?.OriginalString,
            await response.Content.ReadAsStringAsync())
        {
            Headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
                .ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        };
    }

    /// <summary>Sends a target as it is: clients tidy paths up.</summary>
    public async Task<string> StatusLineAsync(string target)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(host.HttpEndPoint!);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);
        return (await reader.ReadLineAsync().WaitAsync(TransportFixture.Patience))!;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await host.StopAsync(new CancellationToken(canceled: true));
        await host.DisposeAsync();
    }

    private static async Task<HttpFixture> StartAsync(CallTable table, Action<TemporalServerOptions> configure)
    {
        var free = new IPEndPoint(IPAddress.Loopback, 0);
        var options = new TemporalServerOptions { Listen = free, HttpListen = free, UiListen = free };
        configure(options);
        return new HttpFixture(await KestrelHost.StartAsync(options, table, () => HealthCheckResult.Healthy(), CancellationToken.None));
    }

    internal sealed record HttpAnswer(int Status, string? ContentType, string? Location, string Text)
    {
        public required IReadOnlyDictionary<string, string> Headers { get; init; }

        public JsonNode Json => JsonNode.Parse(Text)!;
    }
}
