using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Onramp.Starter.Services;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Starter.Events;

/// <summary>
/// Follows one run. The run's history (long poll) says when to look again; a slow tick catches what history leaves out:
/// attempts of a step that is being retried.
/// </summary>
internal sealed partial class EventStream(ITemporalClient client, ServiceReader reader, StarterOptions options, ILogger<EventStream> logger)
{
    /// <summary>Least time between two looks, so that a burst of history is one question to the workflow.</summary>
    private static readonly TimeSpan LookGap = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Yields every event from the cursor on, and null after a silence of <see cref="StarterOptions.EventKeepAlive"/>; ends
    /// with the run.
    /// </summary>
    public async IAsyncEnumerable<ServiceEvent?> FollowAsync(
        string id, ServiceView first, EventCursor? seen, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var runId = first.Progress.RunId;
        var cursor = seen?.RunId == runId ? seen : EventCursor.Start(runId);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var wakeUps = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        var follower = first.IsClosed ? Task.CompletedTask : FollowHistoryAsync(ServiceIds.ToWorkflowId(id), runId, wakeUps.Writer, stop.Token);
        try
        {
            var view = first;
            var lastSent = options.TimeProvider.GetTimestamp();
            while (true)
            {
                var closed = view.IsClosed;
                foreach (var happened in ServiceEvents.CatchUp(cursor, view.Progress, closed))
                {
                    lastSent = options.TimeProvider.GetTimestamp();
                    yield return happened;
                }
                if (closed)
                    yield break;
                if (options.TimeProvider.GetElapsedTime(lastSent) >= options.EventKeepAlive)
                {
                    lastSent = options.TimeProvider.GetTimestamp();
                    yield return null;
                }
                await Task.Delay(LookGap, options.TimeProvider, cancellationToken);
                await WaitAsync(wakeUps.Reader, cancellationToken);
                view = await LookAsync(id, runId, view, cancellationToken);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await follower.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WaitAsync(ChannelReader<bool> wakeUps, CancellationToken cancellationToken)
    {
        using var tick = new CancellationTokenSource(options.EventRefresh, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tick.Token);
        try
        {
            await wakeUps.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The tick: nothing new in history, so only attempts may have changed.
        }
    }

    /// <summary>What is now; while no worker can be asked, what was seen last stays true.</summary>
    private async Task<ServiceView> LookAsync(string id, string runId, ServiceView last, CancellationToken cancellationToken)
    {
        try
        {
            var view = await reader.GetAsync(id, runId, cancellationToken);
            return view.IsComplete || view.IsClosed ? view : last;
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNoLook(e, id);
            return last;
        }
    }

    private async Task FollowHistoryAsync(string workflowId, string runId, ChannelWriter<bool> wakeUps, CancellationToken cancellationToken)
    {
        var handle = client.GetWorkflowHandle(workflowId, runId);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var _ in handle.FetchHistoryEventsAsync(new WorkflowHistoryEventFetchOptions
                {
                    WaitNewEvent = true,
                    Rpc = new RpcOptions { CancellationToken = cancellationToken },
                }))
                {
                    wakeUps.TryWrite(true);
                }
                return;
            }
            catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                LogLostHistory(e, workflowId);
                await Task.Delay(options.EventRefresh, options.TimeProvider, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "Progress of {Id} could not be read; trying again")]
    private partial void LogNoLook(Exception exception, string id);

    [LoggerMessage(LogLevel.Debug, "History of {WorkflowId} broke off; following it again")]
    private partial void LogLostHistory(Exception exception, string workflowId);
}
