using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Onramp.Testing;
using Onramp.Workflows.Contracts;
using Temporalio.Client;
using Temporalio.Common;

namespace Onramp.Starter.Tests;

public sealed class SilentServerTests
{
    [Fact]
    public async Task A_temporal_server_that_stops_answering_is_unavailable()
    {
        await using var environment = await EmbeddedEnvironment.StartAsync(OnboardingSearchAttributes.All.Select(SearchAttributeKey.CreateKeyword));
        using var relay = new Relay(IPEndPoint.Parse(environment.Address));
        var client = await TemporalClient.ConnectAsync(new(relay.Address) { RpcRetry = new() { MaxRetries = 1 } });
        await using var starter = await StarterHost.StartAsync(new StarterOptions { ServerTimeout = TimeSpan.FromMilliseconds(100) }, client, NullLoggerFactory.Instance);
        using var http = new HttpClient { BaseAddress = starter.Address };
        relay.FallSilent();

        using var answer = await http.GetAsync($"{ApiPaths.Services}/orders-staging");

        (answer.StatusCode, answer.Headers.RetryAfter).ShouldBe((HttpStatusCode.ServiceUnavailable, new(TimeSpan.FromSeconds(2))));
    }

    /// <summary>Between client and server; connections stay open when it falls silent.</summary>
    private sealed class Relay : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource silence = new();
        private readonly List<Socket> sockets = [];

        public Relay(IPEndPoint server)
        {
            listener.Start();
            _ = AcceptAsync(server);
        }

        public string Address => $"{listener.LocalEndpoint}";

        public void FallSilent() => silence.Cancel();

        public void Dispose()
        {
            listener.Dispose();
            sockets.ForEach(s => s.Dispose());
            silence.Dispose();
        }

        private async Task AcceptAsync(IPEndPoint server)
        {
            while (true)
            {
                var near = await listener.AcceptSocketAsync(silence.Token);
                var far = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                sockets.AddRange([near, far]);
                await far.ConnectAsync(server);
                _ = CopyAsync(near, far);
                _ = CopyAsync(far, near);
            }
        }

        private async Task CopyAsync(Socket from, Socket to)
        {
            var buffer = new byte[16 * 1024];
            while (await from.ReceiveAsync(buffer, silence.Token) is > 0 and var read)
                await to.SendAsync(buffer.AsMemory(0, read), silence.Token);
        }
    }
}
