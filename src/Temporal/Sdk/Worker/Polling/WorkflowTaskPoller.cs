using Microsoft.Extensions.Logging;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker.Activities;
using Temporalio.Worker.Tuning;

namespace Temporalio.Worker.Polling;

/// <summary>
/// Keeps a number of polls for workflow tasks under way, on the worker's own sticky queue and on the one all workers share. A slot is taken
/// before polling, so that a task never has to wait.
/// </summary>
internal sealed class WorkflowTaskPoller(
    WorkerContext context, ILogger logger, SlotPool slots, Action<PollWorkflowTaskQueueResponse, SlotPermit, bool> start)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    // A namespace or a permission may take a moment to get to all hosts of a cluster.
    private static readonly TimeSpan TolerateRefusalFor = TimeSpan.FromSeconds(60);

    /// <summary>Polls until cancelled.</summary>
    /// <exception cref="RpcException">The server keeps refusing for good.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        var (sticky, normal) = PollerCounts();
        // If one fails for good the others have to end too.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAll(Enumerable.Repeat(true, sticky).Concat(Enumerable.Repeat(false, normal)).Select(isSticky => Task.Run(async () =>
        {
            try
            {
                await PollAsync(isSticky, ending.Token).ConfigureAwait(false);
            }
            catch
            {
                await ending.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }))).ConfigureAwait(false);
    }

    private (int Sticky, int Normal) PollerCounts()
    {
        var total = context.Options.WorkflowTaskPollerBehavior is PollerBehavior.SimpleMaximum simple
            ? simple.Maximum
            : context.Options.MaxConcurrentWorkflowTaskPolls;
        if (context.StickyQueue is null)
        {
            return (0, total);
        }

        var normal = Math.Clamp((int)Math.Round(total * context.Options.NonStickyToStickyPollRatio), 1, total - 1);
        return (total - normal, normal);
    }

    private PollWorkflowTaskQueueRequest RequestFor(bool isSticky)
    {
        var request = new PollWorkflowTaskQueueRequest
        {
            Namespace = context.Namespace,
            TaskQueue = isSticky
                ? new TaskQueue { Name = context.StickyQueue, Kind = TaskQueueKind.Sticky, NormalName = context.TaskQueue }
                : new TaskQueue { Name = context.TaskQueue, Kind = TaskQueueKind.Normal },
            Identity = context.Identity,
            WorkerInstanceKey = context.InstanceKey,
            DeploymentOptions = context.DeploymentOptions,
        };
#pragma warning disable CS0612, CS0618 // Older servers know no deployments.
        request.WorkerVersionCapabilities = context.VersionCapabilities;
#pragma warning restore CS0612, CS0618
        return request;
    }

    private async Task PollAsync(bool isSticky, CancellationToken stop)
    {
        var request = RequestFor(isSticky);
        var backoff = new PollBackoff(context.Random, FirstPause, LongestPause);
        long? refusedSince = null;
        while (!stop.IsCancellationRequested)
        {
            SlotPermit? permit = null;
            try
            {
                permit = await slots.AcquireAsync(isSticky, stop).ConfigureAwait(false);
                var task = await context.Service.PollWorkflowTaskQueueAsync(
                    request, new RpcOptions { Retry = false, CancellationToken = stop }).ConfigureAwait(false);
                backoff.Reset();
                refusedSince = null;
                if (!task.TaskToken.IsEmpty)
                {
                    start(task, permit, isSticky);
                    permit = null;
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
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

                // Time that ran out is how a poll without task may end; everything else is worth telling.
                var level = e.Code is RpcException.StatusCode.DeadlineExceeded or RpcException.StatusCode.Cancelled ? LogLevel.Debug : LogLevel.Warning;
                logger.Log(level, e, "Poll for workflow tasks failed, trying again");
                await PauseAsync(backoff, stop).ConfigureAwait(false);
            }
            finally
            {
                if (permit is not null)
                {
                    slots.Release(permit);
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
