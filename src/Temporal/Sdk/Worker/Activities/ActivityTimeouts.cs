using Temporalio.Activities;

namespace Temporalio.Worker.Activities;

/// <summary>
/// Cancels an activity that the server must have timed out already, in case the server cannot tell: its attempt's time is over, or no
/// heartbeat came for too long.
/// </summary>
internal sealed class ActivityTimeouts : IDisposable
{
    // The server decides; we only follow, some time later.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private readonly ITimer? startToClose;
    private readonly ITimer? heartbeat;
    private readonly TimeSpan heartbeatDue;

    public ActivityTimeouts(ActivityInfo info, ActivityCancellation cancellation, TimeProvider time)
    {
        if (info.StartToCloseTimeout is { } limit && limit > TimeSpan.Zero)
        {
            startToClose = Arm(limit + Margin);
        }

        if (info.HeartbeatTimeout is { } gap && gap > TimeSpan.Zero)
        {
            heartbeatDue = gap + Margin;
            heartbeat = Arm(heartbeatDue);
        }

        ITimer? Arm(TimeSpan due) => due.TotalMilliseconds > int.MaxValue
            ? null
            : time.CreateTimer(
                _ => cancellation.Cancel(ActivityCancelReason.Timeout), state: null, due, Timeout.InfiniteTimeSpan);
    }

    public void OnHeartbeat() => heartbeat?.Change(heartbeatDue, Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        startToClose?.Dispose();
        heartbeat?.Dispose();
    }
}
