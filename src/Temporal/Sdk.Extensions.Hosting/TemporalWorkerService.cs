using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Temporalio.Client;
using Temporalio.Worker;

namespace Temporalio.Extensions.Hosting;

/// <summary>Runs a worker as long as the host runs.</summary>
public class TemporalWorkerService : BackgroundService
{
    private readonly TemporalWorkerOptions workerOptions;
    private readonly TemporalClientConnectOptions? newClientOptions;
    private readonly ITemporalClient? existingClient;
    private readonly TemporalWorkerClientUpdater? clientUpdater;

    /// <summary>With a client to be connected.</summary>
    /// <param name="clientOptions">How to connect.</param>
    /// <param name="workerOptions">How to work.</param>
    public TemporalWorkerService(TemporalClientConnectOptions clientOptions, TemporalWorkerOptions workerOptions)
    {
        newClientOptions = clientOptions;
        this.workerOptions = workerOptions;
    }

    /// <summary>With a client.</summary>
    /// <param name="client">Client; connected at the start if it is not yet.</param>
    /// <param name="workerOptions">How to work.</param>
    public TemporalWorkerService(ITemporalClient client, TemporalWorkerOptions workerOptions)
    {
        existingClient = client;
        this.workerOptions = workerOptions;
    }

    /// <summary>With a client to be connected.</summary>
    /// <param name="options">Options; those of the client are required.</param>
    public TemporalWorkerService(TemporalWorkerServiceOptions options)
        : this(options.ClientOptions ?? throw new ArgumentException("Client options must be set", nameof(options)), options) =>
        clientUpdater = options.WorkerClientUpdater;

    /// <summary>Of a host.</summary>
    /// <param name="taskQueue">Task queue.</param>
    /// <param name="buildId">Build id, if there is one.</param>
    /// <param name="optionsMonitor">Options.</param>
    /// <param name="existingClient">Client, unless the options say how to connect.</param>
    /// <param name="loggerFactory">Loggers.</param>
    public TemporalWorkerService(
        string taskQueue,
        string? buildId,
        IOptionsMonitor<TemporalWorkerServiceOptions> optionsMonitor,
        ITemporalClient? existingClient = null,
        ILoggerFactory? loggerFactory = null)
        : this(new TemporalWorkerServiceIdentifier(taskQueue, buildId, VersionIsBuildId: buildId is not null), optionsMonitor, existingClient, loggerFactory)
    {
    }

    /// <summary>Of a host.</summary>
    /// <param name="taskQueueAndBuildId">Task queue and build id.</param>
    /// <param name="optionsMonitor">Options.</param>
    /// <param name="existingClient">Client, unless the options say how to connect.</param>
    /// <param name="loggerFactory">Loggers.</param>
    public TemporalWorkerService(
        (string TaskQueue, string? BuildId) taskQueueAndBuildId,
        IOptionsMonitor<TemporalWorkerServiceOptions> optionsMonitor,
        ITemporalClient? existingClient = null,
        ILoggerFactory? loggerFactory = null)
        : this(taskQueueAndBuildId.TaskQueue, taskQueueAndBuildId.BuildId, optionsMonitor, existingClient, loggerFactory)
    {
    }

    /// <summary>Of a host.</summary>
    /// <param name="serviceId">Which worker.</param>
    /// <param name="optionsMonitor">Options.</param>
    /// <param name="existingClient">Client, unless the options say how to connect.</param>
    /// <param name="loggerFactory">Loggers.</param>
    /// <exception cref="InvalidOperationException">There is no client and no options to connect one.</exception>
    public TemporalWorkerService(
        TemporalWorkerServiceIdentifier serviceId,
        IOptionsMonitor<TemporalWorkerServiceOptions> optionsMonitor,
        ITemporalClient? existingClient = null,
        ILoggerFactory? loggerFactory = null)
    {
        var options = (TemporalWorkerServiceOptions)optionsMonitor.Get(serviceId.OptionsName).Clone();
        newClientOptions = options.ClientOptions;
        this.existingClient = newClientOptions is null ? existingClient : null;
        if (newClientOptions is null && existingClient is null)
        {
            throw new InvalidOperationException("Cannot start a worker service without a client or options to connect one");
        }

        // Loggers that were chosen stay; those of the host replace only the silent default.
        options.LoggerFactory ??= loggerFactory;
        if (newClientOptions is not null && loggerFactory is not null && newClientOptions.LoggerFactory is NullLoggerFactory)
        {
            newClientOptions.LoggerFactory = loggerFactory;
        }

        workerOptions = options;
        clientUpdater = options.WorkerClientUpdater;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var client = existingClient ?? await TemporalClient.ConnectAsync(newClientOptions!).ConfigureAwait(false);
        await client.Connection.ConnectAsync().ConfigureAwait(false);
        using var worker = new TemporalWorker(client, workerOptions);
        void Update(IWorkerClient updated) => worker.Client = updated;
        clientUpdater?.Subscribe(Update);
        try
        {
            await worker.ExecuteAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops, and so does the worker.
        }
        finally
        {
            clientUpdater?.Unsubscribe(Update);
        }
    }
}
