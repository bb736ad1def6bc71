using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Temporalio.Activities;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker.Tuning;

namespace Temporalio.Worker.Activities;

/// <summary>
/// Takes activity tasks from the queue, runs them and reports how they ended. Starts with <see cref="ExecuteAsync"/>; ends with
/// <see cref="ShutdownAsync"/>, after which nothing of it is running.
/// </summary>
internal sealed class ActivityWorker : IDisposable
{
    private readonly ActivityWorkerContext context;
    private readonly ActivityTaskPoller poller;
    private readonly ActivityReporter reporter;
    private readonly ActivityExecutor executor;
    private readonly ILogger logger;
    private readonly Dictionary<string, ActivityDefinition> definitions = new(StringComparer.Ordinal);
    private readonly ActivityDefinition? dynamicDefinition;
    private readonly ConcurrentDictionary<RunningActivity, Task> running = new();
    private readonly CancellationTokenSource stopPolling = new();
    private readonly CancellationTokenSource workerShutdown = new();
    private readonly ConcurrentQueue<SlotPermit> eagerPermits = new();

    /// <exception cref="ArgumentException">Two activities have the same name, or two are dynamic.</exception>
    public ActivityWorker(ActivityWorkerContext context)
    {
        this.context = context;
        logger = context.LoggerFactory.CreateLogger("Temporalio.Activity");
        foreach (var definition in context.Options.Activities)
        {
            if (definition.Name is null)
            {
                dynamicDefinition = dynamicDefinition is null
                    ? definition
                    : throw new ArgumentException("Multiple dynamic activities provided");
            }
            else if (!definitions.TryAdd(definition.Name, definition))
            {
                throw new ArgumentException($"Duplicate activity named {definition.Name}");
            }
        }

        reporter = new(context, logger);
        executor = new(
            () => context.Client,
            context.Options.ActivityTaskFactory ?? Task.Factory,
            context.Interceptors,
            logger,
            context.MetricMeter,
            workerShutdown.Token);
        poller = new(context, logger, Start);
    }

    /// <summary>Cancelled when the worker begins to shut down.</summary>
    public CancellationToken WorkerShutdownToken => workerShutdown.Token;

    /// <summary>Replaces the client. Polls under way still end with the old one.</summary>
    public void UseClient(ITemporalClient client) => context.Client = client;

    /// <summary>Polls until told to stop, then waits for the activities that run.</summary>
    /// <exception cref="RpcException">The server keeps refusing polls for good: no such namespace, no permission.</exception>
    public async Task ExecuteAsync()
    {
        await poller.RunAsync(stopPolling.Token).ConfigureAwait(false);
        await WhenIdleAsync().ConfigureAwait(false);
    }

    /// <summary>Ends polling, those under way included. Running activities go on.</summary>
    public void StopPolling() => stopPolling.Cancel();

    /// <summary>
    /// Ends polling, tells activities that the worker shuts down, cancels those that are not done after the grace period and waits for all.
    /// </summary>
    public async Task ShutdownAsync()
    {
        StopPolling();
        await workerShutdown.CancelAsync().ConfigureAwait(false);
        var idle = WhenIdleAsync();
        var grace = context.Options.GracefulShutdownTimeout;
        if (grace > TimeSpan.Zero)
        {
            await Task.WhenAny(idle, Task.Delay(grace, context.Time)).ConfigureAwait(false);
        }

        foreach (var activity in running.Keys)
        {
            activity.Cancel(ActivityCancelReason.WorkerShutdown);
        }

        await idle.ConfigureAwait(false);
    }

    /// <summary>
    /// Reserves a slot for an activity that the answer to a workflow task may bring. Each reservation ends with
    /// <see cref="ReleaseEagerSlot"/> or <see cref="StartEager"/>.
    /// </summary>
    public bool TryReserveEagerSlot()
    {
        if (stopPolling.IsCancellationRequested || context.Slots.TryAcquire() is not { } permit)
        {
            return false;
        }

        eagerPermits.Enqueue(permit);
        return true;
    }

    /// <summary>Gives a reserved slot back.</summary>
    public void ReleaseEagerSlot()
    {
        if (eagerPermits.TryDequeue(out var permit))
        {
            context.Slots.Release(permit);
        }
    }

    /// <summary>Runs a task in a reserved slot.</summary>
    public void StartEager(PollActivityTaskQueueResponse task)
    {
        if (!eagerPermits.TryDequeue(out var permit))
        {
            throw new InvalidOperationException("No slot is reserved");
        }

        Start(task, permit);
    }

    /// <summary>The definition that runs a type, or null.</summary>
    public ActivityDefinition? Find(string activityType) => definitions.GetValueOrDefault(activityType) ?? dynamicDefinition;

    public void Dispose()
    {
        stopPolling.Dispose();
        workerShutdown.Dispose();
    }

    private void Start(PollActivityTaskQueueResponse task, SlotPermit permit)
    {
        var info = new SlotInfo.ActivitySlotInfo(task.ActivityType.Name);
        context.Slots.MarkUsed(permit, info);
        var activity = new RunningActivity(context, task, Find(task.ActivityType.Name), definitions.Keys, executor, reporter, logger);

        // Registered before it can end, so that it is not left behind.
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        running[activity] = RunAsync();
        begin.SetResult();

        async Task RunAsync()
        {
            await begin.Task.ConfigureAwait(false);
            try
            {
                await activity.RunAsync().ConfigureAwait(false);
            }
            catch (Exception e)
            {
                logger.LogError(e, "Activity {ActivityId} could not be run", task.ActivityId);
            }
            finally
            {
                context.Slots.Release(permit, info);
                running.TryRemove(activity, out _);
            }
        }
    }

    private async Task WhenIdleAsync()
    {
        while (!running.IsEmpty)
        {
            await Task.WhenAll(running.Values).ConfigureAwait(false);
        }
    }
}
