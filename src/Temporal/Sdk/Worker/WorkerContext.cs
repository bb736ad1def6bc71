using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Temporalio.Worker;

/// <summary>What all parts of a worker need to know about it.</summary>
internal sealed class WorkerContext
{
    /// <summary>Reads the options.</summary>
    /// <param name="client">Gets the client, which may be replaced while the worker runs.</param>
    /// <param name="options">The worker's own options.</param>
    public WorkerContext(Func<ITemporalClient> client, TemporalWorkerOptions options)
    {
        this.client = client;
        Options = options;
        Namespace = client().Options.Namespace;
        TaskQueue = options.TaskQueue!;
        Identity = options.Identity ?? client().Connection.Options.Identity ?? string.Empty;
        StickyQueue = options.MaxCachedWorkflows > 0 ? $"{Identity}-{InstanceKey}" : null;
        var version = options.DeploymentOptions?.Version;
        BuildId = version?.BuildId ?? options.BuildId ?? DefaultBuildId.Value;
        if (version is null)
        {
            VersionCapabilities = new() { BuildId = BuildId };
            VersionStamp = new() { BuildId = BuildId };
        }
        else
        {
            DeploymentOptions = new()
            {
                DeploymentName = version.DeploymentName,
                BuildId = version.BuildId,
                WorkerVersioningMode = options.DeploymentOptions!.UseWorkerVersioning ? WorkerVersioningMode.Versioned : WorkerVersioningMode.Unversioned,
            };
        }
    }

    private readonly Func<ITemporalClient> client;

    public TemporalWorkerOptions Options { get; }

    public string Namespace { get; }

    public string TaskQueue { get; }

    public string Identity { get; }

    /// <summary>Gets what makes this worker unique.</summary>
    public string InstanceKey { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Gets the queue of tasks for workflows that this worker holds; null if it holds none.</summary>
    public string? StickyQueue { get; }

    public string BuildId { get; }

    public WorkerVersionCapabilities? VersionCapabilities { get; }

    public WorkerVersionStamp? VersionStamp { get; }

    public Api.Deployment.V1.WorkerDeploymentOptions? DeploymentOptions { get; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Random Random { get; init; } = Random.Shared;

    public WorkflowService Service => client().Connection.WorkflowService;
}
