using Microsoft.Extensions.Logging;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Deployment.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Worker.Interceptors;
using Temporalio.Worker.Tuning;

namespace Temporalio.Worker.Activities;

/// <summary>What an activity worker needs from the worker that it is part of.</summary>
internal sealed record ActivityWorkerContext(
    ITemporalClient Client,
    TemporalWorkerOptions Options,
    SlotPool Slots,
    IReadOnlyCollection<IWorkerInterceptor> Interceptors,
    ILoggerFactory LoggerFactory,
    MetricMeter MetricMeter)
{
    private volatile ITemporalClient client = Client;

    /// <summary>Client in use; a new one takes over with the next call.</summary>
    public ITemporalClient Client
    {
        get => client;
        set => client = value;
    }

    /// <summary>Source of time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Source of jitter.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>Unique for this worker instance.</summary>
    public string WorkerInstanceKey { get; init; } = Guid.NewGuid().ToString();

    /// <summary>Build id and whether to use it, if the worker has one.</summary>
    public WorkerVersionCapabilities? VersionCapabilities { get; init; }

    /// <summary>Deployment, if the worker has one.</summary>
    public Api.Deployment.V1.WorkerDeploymentOptions? DeploymentOptions { get; init; }

    public string Namespace => Client.Options.Namespace;

    public string TaskQueue => Options.TaskQueue!;

    public string Identity => Options.Identity ?? Client.Connection.Options.Identity!;

    public WorkflowService Service => Client.Connection.WorkflowService;
}
