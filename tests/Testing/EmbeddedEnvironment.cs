using System.Net;
using Onramp.EmbeddedServer;
using Onramp.EmbeddedServer.Timers;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Testing;

namespace Onramp.Testing;

/// <summary>
/// An embedded server in this process and a client of the official SDK that talks to it. The server's time passes at its real pace, and
/// <see cref="DelayAsync(TimeSpan, CancellationToken?)"/> skips; waiting for a result skips nothing.
/// </summary>
public sealed class EmbeddedEnvironment : WorkflowEnvironment
{
    private readonly TemporalServer server;
    private readonly TimeProvider time;

    private EmbeddedEnvironment(ITemporalClient client, TemporalServer server, TimeProvider time)
        : base(client)
    {
        this.server = server;
        this.time = time;
    }

    /// <summary>Where the server listens, as <c>HOST:PORT</c>.</summary>
    public string Address => server.Address;

    /// <inheritdoc/>
    public override bool SupportsTimeSkipping => time is SkippingTimeProvider;

    /// <summary>
    /// The server's time. Skipping it here is what a clock that jumps is to the server; <see cref="DelayAsync(TimeSpan, CancellationToken?)"/>
    /// goes from timer to timer.
    /// </summary>
    /// <exception cref="InvalidOperationException">The server has a time of its own that can't be skipped.</exception>
    public SkippingTimeProvider Time => time as SkippingTimeProvider
        ?? throw new InvalidOperationException("The server was given a time that can't be skipped.");

    /// <summary>Starts a server on a free port of the loopback address, in memory unless told otherwise, and connects to it.</summary>
    /// <param name="searchAttributes">Custom search attributes that the namespace has from the start.</param>
    /// <param name="configureServer">Changes the server's options. A time provider of another kind turns skipping off.</param>
    /// <param name="configureClient">Changes the client's options.</param>
    public static async Task<EmbeddedEnvironment> StartAsync(
        IEnumerable<SearchAttributeKey>? searchAttributes = null,
        Action<TemporalServerOptions>? configureServer = null,
        Action<TemporalClientConnectOptions>? configureClient = null)
    {
        var options = new TemporalServerOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            TimeProvider = new SkippingTimeProvider(),
            SearchAttributes = (searchAttributes ?? []).ToDictionary(key => key.Name, key => key.ValueType, StringComparer.Ordinal),
        };
        configureServer?.Invoke(options);
        var server = await TemporalServer.StartAsync(options).ConfigureAwait(false);
        try
        {
            var connect = new TemporalClientConnectOptions(server.Address);
            configureClient?.Invoke(connect);
            return new EmbeddedEnvironment(await TemporalClient.ConnectAsync(connect).ConfigureAwait(false), server, options.TimeProvider);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Skips: timers, timeouts and retries of that span happen one after the other, each when what the one before has set off is done. While a
    /// worker is at work, time passes at its real pace, so an activity that doesn't end holds time up.
    /// </summary>
    /// <param name="delay">How far to skip.</param>
    /// <param name="cancellationToken">Ends skipping where it is.</param>
    public override Task DelayAsync(TimeSpan delay, CancellationToken? cancellationToken = null) => SupportsTimeSkipping
        ? server.SkipTimeAsync(delay, cancellationToken ?? CancellationToken.None)
        : base.DelayAsync(delay, cancellationToken);

    /// <summary>The server's time, in UTC.</summary>
    public override Task<DateTime> GetCurrentTimeAsync() => Task.FromResult(time.GetUtcNow().UtcDateTime);

    /// <summary>Stops the server.</summary>
    public override async Task ShutdownAsync() => await server.DisposeAsync().ConfigureAwait(false);
}
