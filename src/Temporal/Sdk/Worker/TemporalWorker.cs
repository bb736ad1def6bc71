using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Runtime;
using Temporalio.Worker.Activities;
using Temporalio.Worker.Instance;
using Temporalio.Worker.Interceptors;
using Temporalio.Worker.Tuning;
using Temporalio.Worker.Workflows;

namespace Temporalio.Worker;

/// <summary>Runs workflows and activities of a task queue. It runs once, from <c>ExecuteAsync</c> until that ends.</summary>
public class TemporalWorker : IDisposable
{
    private const int DefaultSlots = 100;
    private static readonly TimeSpan ShutdownCallTimeout = TimeSpan.FromSeconds(5);

    private readonly WorkerContext context;
    private readonly ILogger logger;
    private readonly ActivityWorker? activities;
    private readonly WorkflowWorker? workflows;
    private readonly IReadOnlyList<ITemporalWorkerPlugin> plugins;
    private IWorkerClient client;
    private int started;

    /// <summary>Creates a worker; it does not poll yet.</summary>
    /// <param name="client">The client to work for.</param>
    /// <param name="options">How it works; a copy is taken.</param>
    /// <exception cref="ArgumentException">An option is missing or invalid.</exception>
    public TemporalWorker(IWorkerClient client, TemporalWorkerOptions options)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        this.client = client;
        Options = (TemporalWorkerOptions)options.Clone();
        plugins = [.. client.Options.Plugins?.OfType<ITemporalWorkerPlugin>() ?? [], .. Options.Plugins ?? []];
        foreach (var plugin in plugins)
        {
            plugin.ConfigureWorker(Options);
        }

        WorkerOptionsValidation.Validate(Options);
        var loggerFactory = Options.LoggerFactory ?? client.Options.LoggerFactory;
        logger = loggerFactory.CreateLogger<TemporalWorker>();
        context = new(() => TemporalClient, Options);
        IWorkerInterceptor[] interceptors = [.. client.Options.Interceptors?.OfType<IWorkerInterceptor>() ?? [], .. Options.Interceptors ?? []];
        var meter = (TemporalClient.Connection.Options.Runtime ?? TemporalRuntime.Default).MetricMeter;
        if (Options.Activities.Count > 0)
        {
            var slots = PoolOf(SlotType.Activity, Options.Tuner?.ActivityTaskSlotSupplier, Options.MaxConcurrentActivities);
            activities = new(new(TemporalClient, Options, slots, interceptors, loggerFactory, meter)
            {
                WorkerInstanceKey = context.InstanceKey,
                VersionCapabilities = context.VersionCapabilities,
                DeploymentOptions = context.DeploymentOptions,
            });
        }

        if (Options.Workflows.Count > 0)
        {
            var slots = PoolOf(SlotType.Workflow, Options.Tuner?.WorkflowTaskSlotSupplier, Options.MaxConcurrentWorkflowTasks);
            var runtime = new WorkflowRuntime(
                SettingsOf(interceptors, loggerFactory, meter),
                Options.Workflows,
                Options.DebugMode ? Timeout.InfiniteTimeSpan : DeadlockDetector.DefaultTimeout);
            workflows = new(context, runtime, slots, activities, loggerFactory);
        }
    }

    /// <summary>Gets the options; not to be changed.</summary>
    public TemporalWorkerOptions Options { get; }

    /// <summary>
    /// Gets or sets the client. A new one takes over with the next call, polls under way excepted. It must be of the same namespace.
    /// </summary>
    /// <exception cref="ArgumentException">The client is of another namespace, or of a kind that a worker can't use.</exception>
    public IWorkerClient Client
    {
        get => client;
        set
        {
            if (value is not ITemporalClient replacement)
            {
                throw new ArgumentException("Client must be a Temporal client", nameof(value));
            }

            if (replacement.Options.Namespace != context.Namespace)
            {
                throw new ArgumentException($"Client is of namespace {replacement.Options.Namespace}, not of {context.Namespace}", nameof(value));
            }

            client = value;
            activities?.UseClient(replacement);
        }
    }

    private ITemporalClient TemporalClient =>
        client as ITemporalClient ?? throw new ArgumentException("Client must be a Temporal client", nameof(client));

    /// <summary>Runs until the token is cancelled or the worker fails.</summary>
    /// <param name="stoppingToken">Stops the worker, gracefully.</param>
    /// <returns>Never ends without an exception.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled, and the worker has stopped.</exception>
    /// <exception cref="InvalidOperationException">The worker has been run already.</exception>
    /// <exception cref="RpcException">The server refuses the worker.</exception>
    public Task ExecuteAsync(CancellationToken stoppingToken) =>
        ExecuteAsync(() => Task.Delay(Timeout.Infinite, stoppingToken), stoppingToken);

    /// <summary>Runs until a function has ended, the token is cancelled or the worker fails.</summary>
    /// <param name="untilComplete">Started with the worker; the worker stops when it has ended.</param>
    /// <param name="stoppingToken">Stops the worker, gracefully.</param>
    /// <returns>Ends when both have.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled, and the worker has stopped.</exception>
    /// <exception cref="InvalidOperationException">The worker has been run already.</exception>
    /// <exception cref="RpcException">The server refuses the worker.</exception>
    public Task ExecuteAsync(Func<Task> untilComplete, CancellationToken stoppingToken = default) => ExecuteAsync(
        async () =>
        {
            await untilComplete().ConfigureAwait(false);
            return default(ValueTuple);
        },
        stoppingToken);

    /// <summary>Runs until a function has ended, the token is cancelled or the worker fails.</summary>
    /// <typeparam name="TResult">Type of the function's result.</typeparam>
    /// <param name="untilComplete">Started with the worker; the worker stops when it has ended.</param>
    /// <param name="stoppingToken">Stops the worker, gracefully.</param>
    /// <returns>The function's result.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled, and the worker has stopped.</exception>
    /// <exception cref="InvalidOperationException">The worker has been run already.</exception>
    /// <exception cref="RpcException">The server refuses the worker.</exception>
    public Task<TResult> ExecuteAsync<TResult>(Func<Task<TResult>> untilComplete, CancellationToken stoppingToken = default)
    {
        if (Interlocked.Exchange(ref started, 1) != 0)
        {
            throw new InvalidOperationException("Already started");
        }

        Func<TemporalWorker, CancellationToken, Task<TResult>> run = (worker, token) => worker.RunAsync(untilComplete, token);
        foreach (var plugin in plugins.Reverse())
        {
            var next = run;
            run = (worker, token) => plugin.RunWorkerAsync(worker, next, token);
        }

        return run(this, stoppingToken);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the worker holds. It must not be running.</summary>
    /// <param name="disposing">Whether called by <see cref="Dispose()" />.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            activities?.Dispose();
            workflows?.Dispose();
        }
    }

    private async Task<TResult> RunAsync<TResult>(Func<Task<TResult>> untilComplete, CancellationToken stoppingToken)
    {
        await TemporalClient.Connection.ConnectAsync().WaitAsync(stoppingToken).ConfigureAwait(false);
        await RequireNamespaceAsync(stoppingToken).ConfigureAwait(false);
        using var listening = workflows is null || Options.DisableWorkflowTracingEventListener ? null : WorkflowTracingEventListener.Listen();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var workflowTasks = workflows?.ExecuteAsync() ?? Task.CompletedTask;
        var activityTasks = activities?.ExecuteAsync() ?? Task.CompletedTask;
        var function = Task.Run(untilComplete, CancellationToken.None);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = stop.Token.Register(stopped.SetResult);

        // A part that ends by itself has failed.
        Task[] ends = [function, stopped.Task, .. Running(workflows, workflowTasks), .. Running(activities, activityTasks)];
        await Task.WhenAny(ends).ConfigureAwait(false);
        await ShutDownAsync(workflowTasks, activityTasks).ConfigureAwait(false);
        if (!function.IsCompleted && stoppingToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("Worker was stopped", stoppingToken);
        }

        return await function.ConfigureAwait(false);
    }

    private static IEnumerable<Task> Running(object? part, Task task) => part is null ? [] : [task];

    private async Task ShutDownAsync(Task workflowTasks, Task activityTasks)
    {
        workflows?.StopPolling();
        activities?.StopPolling();
        await TellServerAsync().ConfigureAwait(false);
        Exception? failure = null;
        foreach (var part in new[] { workflowTasks, activities?.ShutdownAsync() ?? Task.CompletedTask, activityTasks })
        {
            try
            {
                await part.ConfigureAwait(false);
            }
            catch (Exception e)
            {
                failure ??= e;
            }
        }

        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    private async Task RequireNamespaceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await context.Service.DescribeNamespaceAsync(
                new DescribeNamespaceRequest { Namespace = context.Namespace },
                new RpcOptions { Retry = true, CancellationToken = cancellationToken }).ConfigureAwait(false);
        }
        catch (RpcException e) when (e.Code is RpcException.StatusCode.Unimplemented or RpcException.StatusCode.PermissionDenied)
        {
            // Whoever may not look may still work; polls tell if not.
            logger.LogDebug(e, "Namespace {Namespace} can't be described", context.Namespace);
        }
    }

    /// <summary>Lets the server send tasks of this worker's workflows to others at once. Whether it does is of no consequence here.</summary>
    private async Task TellServerAsync()
    {
        try
        {
            await context.Service.ShutdownWorkerAsync(
                new ShutdownWorkerRequest
                {
                    Namespace = context.Namespace,
                    Identity = context.Identity,
                    StickyTaskQueue = context.StickyQueue ?? string.Empty,
                    TaskQueue = context.TaskQueue,
                    WorkerInstanceKey = context.InstanceKey,
                    Reason = "graceful shutdown",
                    TaskQueueTypes = { TaskQueueTypes() },
                },
                new RpcOptions { Retry = false, Timeout = ShutdownCallTimeout }).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            logger.LogDebug(e, "Server was not told that the worker shuts down");
        }
    }

    private IEnumerable<TaskQueueType> TaskQueueTypes()
    {
        if (workflows is not null)
        {
            yield return TaskQueueType.Workflow;
        }

        if (activities is not null)
        {
            yield return TaskQueueType.Activity;
        }
    }

    private SlotPool PoolOf(SlotType type, SlotSupplier? supplier, int? maximum) => SlotPool.Create(
        supplier ?? new FixedSizeSlotSupplier(maximum ?? DefaultSlots),
        new(type, context.TaskQueue, context.Identity, context.BuildId, IsSticky: false),
        logger);

    private WorkflowInstanceSettings SettingsOf(IReadOnlyList<IWorkerInterceptor> interceptors, ILoggerFactory loggerFactory, Common.MetricMeter meter) => new()
    {
        Namespace = context.Namespace,
        TaskQueue = context.TaskQueue,
        DataConverter = client.Options.DataConverter,
        LoggerFactory = loggerFactory,
        MetricMeter = meter,
        BuildId = context.BuildId,
        DeploymentVersion = Options.DeploymentOptions?.Version,
        Interceptors = interceptors,
        FailureExceptionTypes = Options.WorkflowFailureExceptionTypes ?? [],
        StackTrace = Options.WorkflowStackTrace,
        PatchActivation = Options.PatchActivationCallback,
        TaskStarting = Options.OnWorkflowTaskStarting,
        TaskCompleted = Options.OnWorkflowTaskCompleted,
    };
}
