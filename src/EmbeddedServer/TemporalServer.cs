using System.ComponentModel.DataAnnotations;
using System.Net;
using Google.Protobuf;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Access;
using Onramp.EmbeddedServer.Batches;
using Onramp.EmbeddedServer.Engine;
using Onramp.EmbeddedServer.Frontend;
using Onramp.EmbeddedServer.Frontend.Cluster;
using Onramp.EmbeddedServer.Frontend.Namespaces;
using Onramp.EmbeddedServer.Frontend.TaskQueues;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.Frontend.Workers;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.TestService;
using Onramp.EmbeddedServer.Timers;
using Onramp.EmbeddedServer.Transport;
using Onramp.EmbeddedServer.Visibility;

namespace Onramp.EmbeddedServer;

/// <summary>
/// A server of Temporal's gRPC API inside this process, on one SQLite file. Official clients and workers use it like any other;
/// calls come over its socket, from the same process too.
/// </summary>
public sealed partial class TemporalServer : IAsyncDisposable
{
    /// <summary>What every part has to finish in, however short stopping is to be.</summary>
    private static readonly TimeSpan LeastPatience = TimeSpan.FromSeconds(1);

    private readonly TemporalServerOptions options;
    private readonly CancellationTokenSource stopping;
    private readonly IAsyncDisposable[] parts;
    private readonly TaskQueueManager matching;
    private readonly KestrelHost host;
    private readonly TimeSkipper? skipper;
    private readonly Task failureWatch;
    private int stopped;

    private TemporalServer(
        TemporalServerOptions options, CancellationTokenSource stopping, TaskQueueManager matching, KestrelHost host, TimeSkipper? skipper,
        Task<StoreStoppedException> failed, IAsyncDisposable[] parts)
    {
        this.options = options;
        this.stopping = stopping;
        this.matching = matching;
        this.host = host;
        this.skipper = skipper;
        this.parts = parts;
        Failed = failed;
        failureWatch = EndWhenFailedAsync();
    }

    /// <summary>Where it listens for gRPC, with the port it got.</summary>
    public IPEndPoint EndPoint => host.EndPoint;

    /// <summary>Where it listens for Temporal's HTTP API, with the port it got; null if it doesn't.</summary>
    public IPEndPoint? HttpEndPoint => host.HttpEndPoint;

    /// <summary>Where it listens for Temporal's web UI, with the port it got; null if it doesn't.</summary>
    public IPEndPoint? UiEndPoint => host.UiEndPoint;

    /// <summary><see cref="EndPoint"/> as <c>HOST:PORT</c>, which is how clients want it.</summary>
    public string Address => EndPoint.ToString();

    /// <summary>The calls that it answers, by path.</summary>
    internal IReadOnlyDictionary<string, CallTable.Entry> Calls { get; private init; } = new CallTable().Entries;

    /// <summary>
    /// Completes with the reason when the data file can't be written any more (full disk, I/O error, failed fsync). Every call is refused from
    /// then on; the process should end, so that whoever looks after it starts it again. Stopping doesn't complete it.
    /// </summary>
    public Task<StoreStoppedException> Failed { get; }

    /// <summary>Opens the data file, takes up what was going on, and listens.</summary>
    /// <exception cref="ValidationException">An option is out of range or unsafe; the message names it.</exception>
    /// <exception cref="StoreOpenException">The data file can't be used.</exception>
    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<TemporalServer> StartAsync(TemporalServerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        options.History.Validate();
        var stopping = new CancellationTokenSource();
        var parts = new Stack<IAsyncDisposable>();
        try
        {
            return await ComposeAsync(options, stopping, parts, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await stopping.CancelAsync().ConfigureAwait(false);
            while (parts.TryPop(out var part))
            {
                await part.DisposeAsync().ConfigureAwait(false);
            }

            stopping.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Skips time: from one timer or timeout that is due to the next, each after what the one before has set off is done. While workers are at
    /// work, time passes at its real pace. Returns once nothing is left to do.
    /// </summary>
    /// <exception cref="InvalidOperationException">The server's time can't be skipped: it is no <see cref="SkippingTimeProvider"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The span is negative.</exception>
    public Task SkipTimeAsync(TimeSpan by, CancellationToken cancellationToken = default) => skipper is null
        ? throw new InvalidOperationException($"The server's time can be skipped only where {nameof(TemporalServerOptions)}.{nameof(TemporalServerOptions.TimeProvider)} is a {nameof(SkippingTimeProvider)}.")
        : skipper.SkipAsync(by, cancellationToken);

    /// <summary>Ends parked polls with nothing, lets calls in flight finish, and closes the data file. Safe to call twice.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref stopped, 1) != 0)
        {
            return;
        }

        await stopping.CancelAsync().ConfigureAwait(false);
        matching.Close();
        await StopListeningAsync().ConfigureAwait(false);
        foreach (var part in parts)
        {
            await LetGoAsync(part).ConfigureAwait(false);
        }

        if (Failed.IsCompleted)
        {
            await failureWatch.ConfigureAwait(false);
        }

        matching.Dispose();
        stopping.Dispose();
    }

    /// <summary>Calls that wait end with nothing; those that come later are refused by the call table.</summary>
    private async Task EndWhenFailedAsync()
    {
        var reason = await Failed.ConfigureAwait(false);
        if (Volatile.Read(ref stopped) == 0)
        {
            LogFailed(options.LoggerFactory.CreateLogger<TemporalServer>(), options.DataFile, reason.Message);
            await stopping.CancelAsync().ConfigureAwait(false);
            matching.Close();
        }
    }

    [LoggerMessage(1, LogLevel.Critical, "The data file {DataFile} can't be written any more: {Reason}. Every call is refused from now on; nothing that was acknowledged is lost. Put that right and start again")]
    private static partial void LogFailed(ILogger logger, string dataFile, string reason);

    [LoggerMessage(2, LogLevel.Warning, "{Part} was still at work when the server stopped; the next start goes on with it")]
    private static partial void LogCutOff(ILogger logger, string part);

    /// <summary>
    /// Lets a part finish what it is at. What doesn't come to an end (somebody else holds a lock on the data file) is cut off by the store, which goes last and
    /// waits no longer than that for a lock.
    /// </summary>
    private async Task LetGoAsync(IAsyncDisposable part)
    {
        if (part is SqliteStore)
        {
            await part.DisposeAsync().ConfigureAwait(false);
            return;
        }

        try
        {
            await part.DisposeAsync().AsTask().WaitAsync(options.DrainTimeout > LeastPatience ? options.DrainTimeout : LeastPatience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogCutOff(options.LoggerFactory.CreateLogger<TemporalServer>(), part.GetType().Name);
        }
    }

    private async Task StopListeningAsync()
    {
        using var drain = new CancellationTokenSource(options.DrainTimeout);
        try
        {
            await host.StopAsync(drain.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (drain.IsCancellationRequested)
        {
            // What is still in flight is cut off, as a crash would; nothing acknowledged is lost by it.
        }

        await host.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<TemporalServer> ComposeAsync(
        TemporalServerOptions options, CancellationTokenSource stopping, Stack<IAsyncDisposable> parts, CancellationToken cancellationToken)
    {
        // Polls, deadlines and who polled lately are about callers, who live in real time even when the server's time skips.
        var wallClock = TimeProvider.System;
        var ids = new RandomIdSource(options.TimeProvider, options.Seed);
        var store = SqliteStore.Open(new SqliteStoreOptions
        {
            Path = options.DataFile,
            Indexer = SearchAttributeIndex.Of,
            Logger = options.LoggerFactory.CreateLogger<SqliteStore>(),
            ClosePatience = options.DrainTimeout,
        });
        parts.Push(store);
        var matching = new TaskQueueManager(options.Matching, options.TimeProvider, wallClock)
        {
            Store = store,
            Logger = options.LoggerFactory.CreateLogger<TaskQueueManager>(),
        };
        var namespaces = new NamespaceRegistry(store, ids, options.History);
        await namespaces.EnsureAsync(options.Namespaces, options.NamespaceRetention, options.SearchAttributes).ConfigureAwait(false);

        var types = new SearchAttributeTypes(store);
        var history = new HistoryEngine(
            store, matching, types, options.TimeProvider, options.History, options.LoggerFactory.CreateLogger<HistoryEngine>(), ids);
        parts.Push(new Owned(history));
        var skipper = options.TimeProvider is SkippingTimeProvider skippable
            ? history.CreateSkipper(skippable, queue => matching.HasPollerWithin(queue, TimeSkipper.PollerWindow), wallClock)
            : null;
        var visibility = new SqliteVisibility(store);
        var batches = new BatchOperations(
            store, history, visibility, options.TimeProvider, wallClock, options.LoggerFactory.CreateLogger<BatchOperations>());
        parts.Push(batches);
        var services = new FrontendServices(
            namespaces, history, history.Schedules, batches, matching, visibility, types, new PayloadRules(options.History), ids, options.TimeProvider, wallClock,
            options.LoggerFactory.CreateLogger("Onramp.EmbeddedServer.Frontend"), stopping.Token);
        var configs = new TaskQueueConfigs(store, matching, options.TimeProvider);
        parts.Push(new Owned(configs));
        var removal = new NamespaceRemoval(services, configs);
        parts.Push(removal);

        history.Recover();
        removal.Resume();
        batches.Recover();
        parts.Push(new RetentionSweep(services, store));
        var table = FrontendTable.Create(
            services, new ServerIdentity(ids.NewId(), options.TimeProvider.GetUtcNow()), removal, configs, new WorkerRegistry(wallClock));
        if (skipper is not null)
        {
            var skipping = new TimeSkipping(
                (SkippingTimeProvider)options.TimeProvider, skipper, wallClock, options.LoggerFactory.CreateLogger<TimeSkipping>());
            parts.Push(skipping);
            TestTable.AddTo(table, new TestCalls(skipping.Lock, options.TimeProvider, stopping.Token));
        }

        var gate = new CallGate(options.MaximumCallsPerSecond);
        parts.Push(new Owned(gate));
        var host = await KestrelHost.StartAsync(options, table.Behind(AnswerAsync), Health, cancellationToken).ConfigureAwait(false);
        return new TemporalServer(options, stopping, matching, host, skipper, store.Failed, [.. parts]) { Calls = table.Entries };

        Task<IMessage> AnswerAsync(CallTable.Entry call, IMessage request, CallContext context) => store.Failed.IsCompleted
            ? throw new RefusalException(RefusalKind.Unavailable, "the server's data file can't be written any more")
            : gate.PassAsync(call.Method, request, context, call.Handler);

        HealthCheckResult Health() => store.Failed.IsCompleted ? HealthCheckResult.Unhealthy("the data file can't be written any more")
            : stopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("stopping") : HealthCheckResult.Healthy();
    }

    /// <summary>Lets go of a part in its turn.</summary>
    private sealed class Owned(IDisposable part) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
