using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Temporalio.Client;
using Temporalio.Extensions.Hosting;
using Temporalio.Worker;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Temporal clients and workers to a host.</summary>
public static class TemporalHostingServiceCollectionExtensions
{
    /// <summary>Adds a worker that connects a client of its own.</summary>
    /// <param name="services">Services.</param>
    /// <param name="clientTargetHost">Where to connect to.</param>
    /// <param name="clientNamespace">Namespace.</param>
    /// <param name="taskQueue">Task queue.</param>
    /// <param name="buildId">Build id, if there is one.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddHostedTemporalWorker(
        this IServiceCollection services, string clientTargetHost, string clientNamespace, string taskQueue, string? buildId = null) =>
        services.AddHostedTemporalWorker(taskQueue, buildId).ConfigureOptions(
            options => options.ClientOptions = new(clientTargetHost) { Namespace = clientNamespace });

    /// <summary>Adds a worker of a deployment that connects a client of its own.</summary>
    /// <param name="services">Services.</param>
    /// <param name="clientTargetHost">Where to connect to.</param>
    /// <param name="clientNamespace">Namespace.</param>
    /// <param name="taskQueue">Task queue.</param>
    /// <param name="deploymentOptions">Deployment.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddHostedTemporalWorker(
        this IServiceCollection services,
        string clientTargetHost,
        string clientNamespace,
        string taskQueue,
        WorkerDeploymentOptions deploymentOptions) =>
        services.AddHostedTemporalWorker(taskQueue, deploymentOptions).ConfigureOptions(
            options => options.ClientOptions = new(clientTargetHost) { Namespace = clientNamespace });

    /// <summary>Adds a worker that uses the client among the services, unless it is given options to connect one.</summary>
    /// <param name="services">Services.</param>
    /// <param name="taskQueue">Task queue.</param>
    /// <param name="buildId">Build id, if there is one.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddHostedTemporalWorker(
        this IServiceCollection services, string taskQueue, string? buildId = null)
    {
        var builder = new TemporalWorkerServiceOptionsBuilder(taskQueue, buildId, services).ConfigureOptions(
            options =>
            {
                options.TaskQueue = taskQueue;
                options.BuildId = buildId;
            },
            disallowDuplicates: true);
        return AddWorkerService(builder);
    }

    /// <summary>Adds a worker of a deployment that uses the client among the services, unless it is given options to connect one.</summary>
    /// <param name="services">Services.</param>
    /// <param name="taskQueue">Task queue.</param>
    /// <param name="deploymentOptions">Deployment.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddHostedTemporalWorker(
        this IServiceCollection services, string taskQueue, WorkerDeploymentOptions deploymentOptions)
    {
        var builder = new TemporalWorkerServiceOptionsBuilder(taskQueue, deploymentOptions, services).ConfigureOptions(
            options =>
            {
                options.TaskQueue = taskQueue;
                options.DeploymentOptions = deploymentOptions;
            },
            disallowDuplicates: true);
        return AddWorkerService(builder);
    }

    /// <summary>Adds a client that connects with its first call, unless there is a client.</summary>
    /// <param name="services">Services.</param>
    /// <param name="configureClient">Changes the options.</param>
    public static IServiceCollection AddTemporalClient(
        this IServiceCollection services, Action<TemporalClientConnectOptions> configureClient)
    {
        services.AddTemporalClient().Configure(configureClient);
        return services;
    }

    /// <summary>Adds a client that connects with its first call, unless there is a client.</summary>
    /// <param name="services">Services.</param>
    /// <param name="clientTargetHost">Where to connect to.</param>
    /// <param name="clientNamespace">Namespace.</param>
    public static OptionsBuilder<TemporalClientConnectOptions> AddTemporalClient(
        this IServiceCollection services, string? clientTargetHost = null, string? clientNamespace = null)
    {
        services.TryAddSingleton<ITemporalClient>(provider =>
            TemporalClient.CreateLazy(provider.GetRequiredService<IOptions<TemporalClientConnectOptions>>().Value));
        return services.AddOptions<TemporalClientConnectOptions>().Configure<IServiceProvider>((options, provider) =>
        {
            if (options.LoggerFactory is NullLoggerFactory && provider.GetService<ILoggerFactory>() is { } loggerFactory)
            {
                options.LoggerFactory = loggerFactory;
            }

            options.TargetHost = clientTargetHost ?? options.TargetHost;
            options.Namespace = clientNamespace ?? options.Namespace;
        });
    }

    // Not AddHostedService: it adds a type only once, and there may be several workers.
    private static ITemporalWorkerServiceOptionsBuilder AddWorkerService(ITemporalWorkerServiceOptionsBuilder builder)
    {
        var id = TemporalWorkerServiceOptionsBuilder.Identify(builder);
        builder.Services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<TemporalWorkerService>(provider, id));
        return builder;
    }
}
