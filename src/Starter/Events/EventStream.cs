using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Onramp.Starter.Services;
using Temporalio.Exceptions;

namespace Onramp.Starter.Events;

/// <summary>
/// Follows one run. Its history says when to look again, and a slow tick when history says nothing: attempts of a step that is being retried
/// leave no trace in it.
/// </summary>
internal sealed partial class EventStream(ServiceReader reader, HistoryFollower history, StarterOptions options, ILogger<EventStream> logger)
{
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
        var wakeUps = HistoryFollower.WakeUps();
        var follower = first.IsClosed ? Task.CompletedTask : history.FollowAsync(ServiceIds.ToWorkflowId(id), runId, wakeUps.Writer, stop.Token);
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
                await history.WaitAsync(wakeUps.Reader, cancellationToken);
                view = await LookAsync(id, runId, view, cancellationToken);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await follower.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

    [LoggerMessage(LogLevel.Debug, "Progress of {Id} could not be read; trying again")]
    private partial void LogNoLook(Exception exception, string id);
}
