using Microsoft.Extensions.DependencyInjection;
using Temporalio.Worker;

namespace Temporalio.Extensions.Hosting;

/// <summary>Configures a hosted worker.</summary>
public interface ITemporalWorkerServiceOptionsBuilder
{
    /// <summary>Task queue of the worker.</summary>
    string TaskQueue { get; }

    /// <summary>Build id of the worker, if it has one.</summary>
    string? BuildId { get; }

    /// <summary>Deployment of the worker, if it has one.</summary>
    WorkerDeploymentOptions? DeploymentOptions { get; }

    /// <summary>The services.</summary>
    IServiceCollection Services { get; }
}

/// <summary>Configures a hosted worker.</summary>
public class TemporalWorkerServiceOptionsBuilder : ITemporalWorkerServiceOptionsBuilder
{
    /// <summary>For a worker without version.</summary>
    /// <param name="taskQueue">Task queue.</param>
    /// <param name="services">Services.</param>
    public TemporalWorkerServiceOptionsBuilder(string taskQueue, IServiceCollection services)
    {
        TaskQueue = taskQueue;
        Services = services;
    }

    /// <summary>For a worker with a build id.</summary>
    /// <param name="taskQueue">Task queue.</param>
    /// <param name="buildId">Build id.</param>
    /// <param name="services">Services.</param>
    public TemporalWorkerServiceOptionsBuilder(string taskQueue, string? buildId, IServiceCollection services)
        : this(taskQueue, services) =>
        BuildId = buildId;

    /// <summary>For a worker of a deployment.</summary>
    /// <param name="taskQueue">Task queue.</param>
    /// <param name="deploymentOptions">Deployment.</param>
    /// <param name="services">Services.</param>
    public TemporalWorkerServiceOptionsBuilder(string taskQueue, WorkerDeploymentOptions? deploymentOptions, IServiceCollection services)
        : this(taskQueue, services) =>
        DeploymentOptions = deploymentOptions;

    /// <inheritdoc/>
    public string TaskQueue { get; private init; }

    /// <inheritdoc/>
    public string? BuildId { get; private init; }

    /// <inheritdoc/>
    public WorkerDeploymentOptions? DeploymentOptions { get; private init; }

    /// <inheritdoc/>
    public IServiceCollection Services { get; private init; }

    internal static TemporalWorkerServiceIdentifier Identify(ITemporalWorkerServiceOptionsBuilder builder) =>
        builder.DeploymentOptions?.Version is { } version
            ? new(builder.TaskQueue, version.ToCanonicalString(), VersionIsBuildId: false)
            : new(builder.TaskQueue, builder.BuildId, VersionIsBuildId: builder.BuildId is not null);
}
