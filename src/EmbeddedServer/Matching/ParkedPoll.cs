namespace Onramp.EmbeddedServer.Matching;

/// <summary>
/// A poll that waits. Its queue completes it, under the queue's lock: with an offer, or with nothing when time is up, the caller
/// has gone, or the worker was shut down. Only one of these wins, so no offer is given to a poll that has ended.
/// </summary>
internal sealed class ParkedPoll(TaskQueue queue, PollerIdentity poller)
    : TaskCompletionSource<MatchedTask?>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public PollerIdentity Poller => poller;

    /// <summary>Its place among the queue's parked polls; guarded by the queue's lock.</summary>
    public LinkedListNode<ParkedPoll>? Place { get; set; }

    /// <summary>Waits for the outcome at most as long as said.</summary>
    public async Task<MatchedTask?> WaitAsync(TimeSpan wait, TimeProvider wallClock, CancellationToken cancellationToken)
    {
        using var timer = wallClock.CreateTimer(static state => ((ParkedPoll)state!).Withdraw(), this, wait, Timeout.InfiniteTimeSpan);
        using var registration = cancellationToken.UnsafeRegister(static state => ((ParkedPoll)state!).Withdraw(), this);
        return await Task.ConfigureAwait(false);
    }

    /// <summary>Ends it with nothing, unless it has its outcome already.</summary>
    public void Withdraw() => queue.Withdraw(this);
}
