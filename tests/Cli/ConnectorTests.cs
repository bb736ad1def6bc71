using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Onramp.Cli.Connections;
using Onramp.Cli.Hosting;
using Onramp.EmbeddedServer;

namespace Onramp.Cli.Tests;

/// <summary>Connecting to a server that asks for an API key.</summary>
public sealed class ConnectorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task The_right_key_connects()
    {
        await using var server = await StartAsync();

        var client = await ConnectAsync(server, "the-right-key-0123456789");

        client.Options.Namespace.ShouldBe("default");
    }

    [Fact]
    public async Task A_wrong_key_is_refused_at_once_and_named_as_the_cause()
    {
        await using var server = await StartAsync();

        var failure = await Should.ThrowAsync<CliException>(() => ConnectAsync(server, "some-other-key-012345678").WaitAsync(TimeSpan.FromSeconds(30)));

        failure.Message.ShouldBe($"the Temporal server at {server.Address} turned us away: Request unauthorized.");
    }

    private static Task<TemporalServer> StartAsync() =>
        TemporalServer.StartAsync(new TemporalServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), ApiKeys = ["the-right-key-0123456789"] });

    private static Task<Temporalio.Client.ITemporalClient> ConnectAsync(TemporalServer server, string key) =>
        new TemporalConnector(NullLogger<TemporalConnector>.Instance, TimeProvider.System)
            .ConnectAsync(new TemporalSettings { ApiKey = key, Tls = new() { Disabled = true } }, server.Address, NullLoggerFactory.Instance, Patience, CancellationToken.None);
}
