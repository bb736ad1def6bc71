using System.Net;
using Onramp.EmbeddedServer;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Testing;

namespace Onramp.Testing;

/// <summary>An embedded server in this process and a client of the official SDK that talks to it.</summary>
public sealed class EmbeddedEnvironment : WorkflowEnvironment
{
    private readonly TemporalServer server;

    private EmbeddedEnvironment(ITemporalClient client, TemporalServer server)
        : base(client)
    {
        this.server = server;
    }

    /// <summary>Where the server listens, as <c>HOST:PORT</c>.</summary>
    public string Address => server.Address;

    /// <summary>Starts a server on a free port of the loopback address, in memory unless told otherwise, and connects to it.</summary>
    /// <param name="searchAttributes">Custom search attributes that the namespace has from the start.</param>
    /// <param name="configureServer">Changes the server's options.</param>
    /// <param name="configureClient">Changes the client's options.</param>
    public static async Task<EmbeddedEnvironment> StartAsync(
        IEnumerable<SearchAttributeKey>? searchAttributes = null,
        Action<TemporalServerOptions>? configureServer = null,
        Action<TemporalClientConnectOptions>? configureClient = null)
    {
        var options = new TemporalServerOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            SearchAttributes = (searchAttributes ?? []).ToDictionary(key => key.Name, key => key.ValueType, StringComparer.Ordinal),
        };
        configureServer?.Invoke(options);
        var server = await TemporalServer.StartAsync(options).ConfigureAwait(false);
        try
        {
            var connect = new TemporalClientConnectOptions(server.Address);
            configureClient?.Invoke(connect);
            return new EmbeddedEnvironment(await TemporalClient.ConnectAsync(connect).ConfigureAwait(false), server);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops the server.</summary>
    public override async Task ShutdownAsync() => await server.DisposeAsync().ConfigureAwait(false);
}
