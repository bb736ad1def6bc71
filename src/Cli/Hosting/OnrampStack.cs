using Microsoft.Extensions.Logging;
using Onramp.Cli.Connections;
using Onramp.Cli.Logging;
using Onramp.Sandbox;
using Onramp.Starter;
using Onramp.EmbeddedServer;
using Onramp.EmbeddedServer.Storage;
using Onramp.Worker;
using Temporalio.Client;

namespace Onramp.Cli.Hosting;

/// <summary>Server, sandbox, worker and starter in one process. Started bottom up, stopped top down.</summary>
internal sealed class OnrampStack : IAsyncDisposable
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(30);

    private readonly Stack<IAsyncDisposable> parts = new();

    private OnrampStack()
    {
    }

    /// <summary>Address of the Temporal server worked with, and whether it is the embedded one.</summary>
    public string TemporalAddress { get; private set; } = "";

    public bool IsEmbedded { get; private set; }

    /// <summary>Address of Temporal's web UI; null if none is served or known.</summary>
    public Uri? Ui { get; private set; }

    /// <summary>Completes when the embedded server's data file can't be written any more; null without an embedded server.</summary>
    public Task<StoreStoppedException>? StoreFailed { get; private set; }

    public Uri Api { get; private set; } = null!;

    public Uri WorkerHealth { get; private set; } = null!;

    /// <summary>What the worker ends with; by itself it only ends when it failed.</summary>
    public Task WorkerCompletion { get; private set; } = Task.CompletedTask;

    public SandboxHost? Sandbox { get; private set; }

    public static async Task<OnrampStack> StartAsync(StackOptions options, TemporalSettings settings, Logs logs, CancellationToken cancellationToken)
    {
        var stack = new OnrampStack();
        try
        {
            await stack.StartServerAsync(options, settings, logs, cancellationToken);
            var sandbox = await stack.StartSandboxAsync(options, cancellationToken);
            var client = await stack.ConnectAsync(settings, logs.For("client"), cancellationToken);
            await new SearchAttributeSetup(logs.For("client").CreateLogger<SearchAttributeSetup>()).EnsureAsync(client, cancellationToken);
            var configuration = WorkerConfiguration.Build([.. sandbox, .. options.Settings], options.ConfigurationFile);
            var worker = stack.Own(await WorkerHost.StartAsync(
                new WorkerOptions { Listen = options.WorkerHealth, ConfigureServices = logs.Requests("worker") }, configuration, client, logs.For("worker"), cancellationToken));
            stack.WorkerHealth = worker.Address;
            stack.Ui ??= options.TemporalUi;
            stack.WorkerCompletion = worker.Completion;
            var starterOptions = new StarterOptions { Listen = options.Api, Tokens = options.Tokens, TemporalUi = stack.Ui, ConfigureServices = logs.Requests("starter") };
            options.ConfigureStarter?.Invoke(starterOptions);
            var starter = stack.Own(await StarterHost.StartAsync(starterOptions, client, logs.For("starter"), cancellationToken));
            stack.Api = starter.Address;
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (parts.TryPop(out var part))
            await part.DisposeAsync();
    }

    private async Task StartServerAsync(StackOptions options, TemporalSettings settings, Logs logs, CancellationToken cancellationToken)
    {
        if (settings.Address is { } address)
        {
            TemporalAddress = address;
            return;
        }
        var server = Own(await TemporalServer.StartAsync(
            new TemporalServerOptions
            {
                Listen = options.Temporal,
                UiListen = options.Ui?.Listen,
                UiFiles = options.Ui?.Files,
                DataFile = DataFiles.In(options.DataDirectory, DataFiles.Temporal),
                Namespaces = [settings.Namespace],
                LoggerFactory = logs.For("server"),
            }, cancellationToken));
        IsEmbedded = true;
        StoreFailed = server.Failed;
        Ui = server.UiEndPoint is { } ui ? new Uri($"http://{ui}/") : null;
        TemporalAddress = server.EndPoint!.ToString();
    }

    private async Task<IReadOnlyDictionary<string, string?>> StartSandboxAsync(StackOptions options, CancellationToken cancellationToken)
    {
        if (!options.WithSandbox)
            return new Dictionary<string, string?>(StringComparer.Ordinal);
        var sandboxOptions = new SandboxOptions { DataFile = DataFiles.In(options.DataDirectory, DataFiles.Sandbox), FirstPort = options.SandboxPort };
        options.ConfigureSandbox?.Invoke(sandboxOptions);
        Sandbox = Own(await SandboxHost.StartAsync(sandboxOptions, cancellationToken));
        return SandboxSettings.For(Sandbox);
    }

    /// <summary>The one client that worker and starter share.</summary>
    private Task<ITemporalClient> ConnectAsync(TemporalSettings settings, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        // Settings of a cluster (API key, TLS) are for the cluster; the embedded server listens on loopback without them.
        var applicable = IsEmbedded ? settings with { ApiKey = null, Tls = null } : settings;
        return new TemporalConnector(loggers, TimeProvider.System).ConnectAsync(applicable, TemporalAddress, ConnectPatience, cancellationToken);
    }

    private T Own<T>(T part)
        where T : IAsyncDisposable
    {
        parts.Push(part);
        return part;
    }
}
