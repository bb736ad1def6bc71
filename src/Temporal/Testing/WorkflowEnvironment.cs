using System.Net;
using Microsoft.Extensions.Logging;
using Onramp.Temporal.Server;
using Temporalio.Client;

namespace Temporalio.Testing;

/// <summary>A client and the server that it talks to, for tests of workflows.</summary>
public class WorkflowEnvironment : IAsyncDisposable
{
    /// <summary>An environment over a client; the server is somebody else's and stays up.</summary>
    /// <param name="client">Client.</param>
    public WorkflowEnvironment(ITemporalClient client)
    {
        Client = client;
        Logger = client.Options.LoggerFactory.CreateLogger<WorkflowEnvironment>();
    }

    /// <summary>Client.</summary>
    public ITemporalClient Client { get; protected init; }

    /// <summary>Whether time passes at once while nothing happens.</summary>
    public virtual bool SupportsTimeSkipping => false;

    /// <summary>Logger.</summary>
    protected ILogger<WorkflowEnvironment> Logger { get; }

    /// <summary>Starts a server in this process that listens on the loopback address, and connects to it.</summary>
    /// <param name="options">Options.</param>
    public static async Task<WorkflowEnvironment> StartLocalAsync(WorkflowEnvironmentStartLocalOptions? options = null)
    {
        var own = (WorkflowEnvironmentStartLocalOptions)(options ?? new()).Clone();
        var server = await EmbeddedServer.StartAsync(new()
        {
            Listen = EndPoint(own.TargetHost),
            DataFile = own.DevServerOptions.DatabaseFilename ?? EmbeddedServerOptions.InMemory,
            Namespaces = [own.Namespace],
            SearchAttributes = (own.SearchAttributes ?? []).ToDictionary(key => key.Name, key => key.ValueType, StringComparer.Ordinal),
            LoggerFactory = own.LoggerFactory,
        }).ConfigureAwait(false);
        try
        {
            own.TargetHost = server.Address;
            return new LocalEnvironment(await TemporalClient.ConnectAsync(own).ConfigureAwait(false), server);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits; at once where time skips.</summary>
    /// <param name="delay">How long.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    public virtual Task DelayAsync(TimeSpan delay, CancellationToken? cancellationToken = null) =>
        Task.Delay(delay, cancellationToken ?? CancellationToken.None);

    /// <summary>Waits; at once where time skips.</summary>
    /// <param name="millisecondsDelay">How long.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    public Task DelayAsync(int millisecondsDelay, CancellationToken? cancellationToken = null) =>
        DelayAsync(TimeSpan.FromMilliseconds(millisecondsDelay), cancellationToken);

    /// <summary>The server's time.</summary>
    public virtual Task<DateTime> GetCurrentTimeAsync() => Task.FromResult(TimeProvider.System.GetUtcNow().UtcDateTime);

    /// <summary>Stops the server, if it is the environment's own.</summary>
    public virtual Task ShutdownAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ShutdownAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private static IPEndPoint EndPoint(string? targetHost)
    {
        if (targetHost is null)
        {
            return new(IPAddress.Loopback, 0);
        }

        var address = targetHost.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase)
            ? $"{IPAddress.Loopback}:{targetHost["localhost:".Length..]}"
            : targetHost;
        return IPEndPoint.TryParse(address, out var endPoint)
            ? endPoint
            : throw new ArgumentException($"'{targetHost}' is not an address to listen on, expected IP:PORT", nameof(targetHost));
    }

    private sealed class LocalEnvironment(ITemporalClient client, EmbeddedServer server) : WorkflowEnvironment(client)
    {
        public override async Task ShutdownAsync() => await server.DisposeAsync().ConfigureAwait(false);
    }
}
