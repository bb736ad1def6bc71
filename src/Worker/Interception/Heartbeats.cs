using Temporalio.Activities;

namespace Onramp.Worker.Interception;

/// <summary>
/// Beats for every activity that is to be heard of while it works: whether it has been cancelled comes back with a beat, and with nothing
/// else. An activity without a limit for silence is left alone; what it keeps in beats of its own would be written over.
/// </summary>
internal static class Heartbeats
{
    /// <summary>How long a cancel may take to arrive; also the least time between two beats that the worker sends on.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static async Task<T> WhileAsync<T>(Func<Task<T>> activity, TimeProvider time)
    {
        var context = ActivityExecutionContext.Current;
        if (context.Info.HeartbeatTimeout is not { Ticks: > 0 })
            return await activity();
        using var done = new CancellationTokenSource();
        var beating = BeatAsync(context, time, done.Token);
        try
        {
            return await activity();
        }
        finally
        {
            await done.CancelAsync();
            await beating;
        }
    }

    private static async Task BeatAsync(ActivityExecutionContext context, TimeProvider time, CancellationToken done)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(done))
                context.Heartbeat();
        }
        catch (OperationCanceledException)
        {
            // The activity has ended.
        }
    }
}
