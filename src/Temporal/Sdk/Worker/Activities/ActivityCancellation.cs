using Temporalio.Activities;

namespace Temporalio.Worker.Activities;

/// <summary>Whether one activity is to stop, and why. The first reason counts; further ones only add to the details.</summary>
internal sealed class ActivityCancellation : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly Lock gate = new();
    private bool disposed;
    private ActivityCancelReason reason;
    private ActivityCancellationDetails? details;

    public CancellationToken Token => source.Token;

    public (ActivityCancelReason Reason, ActivityCancellationDetails? Details) Current
    {
        get
        {
            lock (gate)
            {
                return (reason, details);
            }
        }
    }

    public void Cancel(ActivityCancelReason newReason) => Cancel(newReason, DetailsOf(newReason));

    public void Cancel(ActivityCancelReason newReason, ActivityCancellationDetails newDetails)
    {
        lock (gate)
        {
            if (disposed || reason != ActivityCancelReason.None)
            {
                return;
            }

            reason = newReason;
            details = newDetails;
        }

        // Not under the lock: what the activity registered runs here. If the activity ends meanwhile there is nobody left to tell.
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
        }

        source.Dispose();
    }

    private static ActivityCancellationDetails DetailsOf(ActivityCancelReason reason) => new()
    {
        IsCancelRequested = reason == ActivityCancelReason.CancelRequested,
        IsGoneFromServer = reason == ActivityCancelReason.GoneFromServer,
        IsTimedOut = reason == ActivityCancelReason.Timeout,
        IsWorkerShutdown = reason == ActivityCancelReason.WorkerShutdown,
        IsHeartbeatRecordFailure = reason == ActivityCancelReason.HeartbeatRecordFailure,
        IsPaused = reason == ActivityCancelReason.Paused,
        IsReset = reason == ActivityCancelReason.Reset,
    };
}
