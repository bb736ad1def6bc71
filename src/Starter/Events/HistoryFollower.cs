using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Starter.Events;

/// <summary>
/// Says when to look at a run again: its history (long poll) tells that something happened, and a slow tick catches what history leaves out.
/// </summary>
internal sealed partial class HistoryFollower(ITemporalClient client, StarterOptions options, ILogger<HistoryFollower> logger)
{
    /// <summary>Least time between two looks, so that a burst of history is one question to the workflow.</summary>
    private static readonly TimeSpan LookGap = TimeSpan.FromMilliseconds(50);

    public static Channel<bool> WakeUps() => Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Waits until it is worth looking again.</summary>
    public async Task WaitAsync(ChannelReader<bool> wakeUps, CancellationToken cancellationToken)
    {
        await Task.Delay(LookGap, options.TimeProvider, cancellationToken);
        using var tick = new CancellationTokenSource(options.EventRefresh, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tick.Token);
        try
        {
            await wakeUps.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The tick: nothing new in history, so only what it leaves out may have changed.
        }
    }

    /// <summary>Follows until the run ends; what breaks off is taken up again.</summary>
    public async Task FollowAsync(string workflowId, string? runId, ChannelWriter<bool> wakeUps, CancellationToken cancellationToken)
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

    [LoggerMessage(LogLevel.Debug, "History of {WorkflowId} broke off; following it again")]
    private partial void LogLostHistory(Exception exception, string workflowId);
}
