namespace Temporalio.Worker.Activities;

/// <summary>Spaces things out evenly to so many a second.</summary>
internal sealed class RateLimit(double perSecond, TimeProvider time)
{
    private readonly TimeSpan interval = TimeSpan.FromSeconds(1 / perSecond);
    private readonly long origin = time.GetTimestamp();
    private readonly Lock gate = new();
    private TimeSpan next;

    /// <summary>Waits for the next turn.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (gate)
        {
            var now = time.GetElapsedTime(origin);
            var turn = next > now ? next : now;
            next = turn + interval;
            wait = turn - now;
        }

        return wait <= TimeSpan.Zero ? Task.CompletedTask : Task.Delay(wait, time, cancellationToken);
    }
}
