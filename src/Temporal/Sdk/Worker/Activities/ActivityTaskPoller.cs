using Microsoft.Extensions.Logging;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker.Tuning;

namespace Temporalio.Worker.Activities;

/// <summary>Keeps a number of polls for activity tasks under way. A slot is taken before polling, so that a task never has to wait.</summary>
internal sealed class ActivityTaskPoller(
    ActivityWorkerContext context, ILogger logger, Action<PollActivityTaskQueueResponse, SlotPermit> start)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    // A namespace or a permission may take a moment to get to all hosts of a cluster.
    private static readonly TimeSpan TolerateRefusalFor = TimeSpan.FromSeconds(60);

    private readonly RateLimit? rate =
        context.Options.MaxActivitiesPerSecond is { } perSecond ? new RateLimit(perSecond, context.Time) : null;

    private readonly PollActivityTaskQueueRequest request = new()
    {
        Namespace = context.Namespace,
        TaskQueue = new() { Name = context.TaskQueue, Kind = TaskQueueKind.Normal },
        Identity = context.Identity,
        WorkerInstanceKey = context.WorkerInstanceKey,
        TaskQueueMetadata = context.Options.MaxTaskQueueActivitiesPerSecond is { } maximum
            ? new TaskQueueMetadata { MaxTasksPerSecond = maximum }
            : null,
        DeploymentOptions = context.DeploymentOptions,
    };

    /// <summary>Polls until cancelled.</summary>
    /// <exception cref="RpcException">The server keeps refusing for good.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
#pragma warning disable CS0612, CS0618 // Older servers know no deployments.
        request.WorkerVersionCapabilities = context.VersionCapabilities;
#pragma warning restore CS0612, CS0618
        var pollers = context.Options.ActivityTaskPollerBehavior is PollerBehavior.SimpleMaximum simple
            ? simple.Maximum
            : context.Options.MaxConcurrentActivityTaskPolls;

        // If one fails for good the others have to end too.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAll(Enumerable.Range(0, pollers).Select(_ => Task.Run(async () =>
        {
            try
            {
                await PollAsync(ending.Token).ConfigureAwait(false);
            }
            catch
            {
                await ending.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }))).ConfigureAwait(false);
    }

    private async Task PollAsync(CancellationToken stop)
    {
        var backoff = new PollBackoff(context.Random, FirstPause, LongestPause);
        long? refusedSince = null;
        while (!stop.IsCancellationRequested)
        {
            SlotPermit? permit = null;
            try
            {
                permit = await context.Slots.AcquireAsync(isSticky: false, stop).ConfigureAwait(false);
                if (rate is not null)
                {
                    await rate.WaitAsync(stop).ConfigureAwait(false);
                }

                var task = await context.Service.PollActivityTaskQueueAsync(
                    request, new RpcOptions { Retry = false, CancellationToken = stop }).ConfigureAwait(false);
                backoff.Reset();
                refusedSince = null;
                if (!task.TaskToken.IsEmpty)
                {
                    start(task, permit);
                    permit = null;
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (RpcException e) when (e.Code is RpcException.StatusCode.DeadlineExceeded or RpcException.StatusCode.Cancelled)
            {
                // Nothing came in time; the next poll follows at once, unless the server does that all the time.
                logger.LogDebug(e, "Poll for activity tasks ended without answer");
                await PauseAsync(backoff, stop).ConfigureAwait(false);
            }
            catch (RpcException e)
            {
                if (!PollBackoff.IsTransient(e.Code))
                {
                    refusedSince ??= context.Time.GetTimestamp();
                    if (context.Time.GetElapsedTime(refusedSince.Value) >= TolerateRefusalFor)
                    {
                        throw;
                    }
                }

                logger.LogWarning(e, "Poll for activity tasks failed, trying again");
                await PauseAsync(backoff, stop).ConfigureAwait(false);
            }
            finally
            {
                if (permit is not null)
                {
                    context.Slots.Release(permit);
                }
            }
        }
    }

    private async Task PauseAsync(PollBackoff backoff, CancellationToken stop)
    {
        try
        {
            await Task.Delay(backoff.Next(), context.Time, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The loop ends with its own condition.
        }
    }
}
