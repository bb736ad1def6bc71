namespace Onramp.EmbeddedServer.Timers;

/// <summary>
/// Skips time from one due wake-up to the next, and lets what each one sets off come to rest before it goes on: what a run does in a skipped
/// month it does at the times and in the order in which it would have done it.
/// </summary>
/// <param name="isMailQuiet">Whether runs have dealt with what they sent each other.</param>
/// <param name="change">Beats when wake-ups or work have changed.</param>
internal sealed class TimeSkipper(
    SkippingTimeProvider time, WakeUpQueue wakeUps, Func<bool> isMailQuiet, WorkUnderWay work, Pulse change, TimeProvider wallClock)
{
    /// <summary>A worker that took a task polls again at once; a queue that had no poll for so long is not served.</summary>
    public static readonly TimeSpan PollerWindow = TimeSpan.FromSeconds(2);

    /// <summary>Being served ends without an event, so it is looked up this often.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>At the end, work that takes longer in real time than this is no longer waited for.</summary>
    public static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Moves the clock on by a span. While workers are at work, time passes at its real pace: so it never takes longer than the span itself, plus
    /// at most <see cref="SettleLimit"/>.
    /// </summary>
    public async Task SkipAsync(TimeSpan by, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var until = time.GetUtcNow() + by;
        await RestAsync(by, cancellationToken).ConfigureAwait(false);
        while (time.GetUtcNow() < until)
        {
            time.SkipTo(wakeUps.NextAt is { } next && next < until ? next : until);
            var left = until - time.GetUtcNow();
            await RestAsync(left > SettleLimit ? left : SettleLimit, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Skips by itself for as long as it may: to the next wake-up, or the next time that <paramref name="lockable"/> waits for, whenever everything is
    /// at rest. Ends only when cancelled.
    /// </summary>
    public async Task FollowAsync(TimeLock lockable, CancellationToken cancellationToken)
    {
        lockable.Changed = change.Beat;
        while (!cancellationToken.IsCancellationRequested)
        {
            var changed = change.Next;
            wakeUps.Look();
            if (lockable.IsOpen && IsQuiet(lockable.Idle) && Earlier(wakeUps.NextAt, lockable.NextAt) is { } next)
            {
                time.SkipTo(next);
                continue;
            }

            await WaitAsync(changed, LookInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RestAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        var began = wallClock.GetTimestamp();
        while (true)
        {
            var changed = change.Next;
            wakeUps.Look();
            var left = atMost - wallClock.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || IsQuiet())
            {
                return;
            }

            await WaitAsync(changed, left < LookInterval ? left : LookInterval, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task WaitAsync(Task changed, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var window = new CancellationTokenSource(atMost, wallClock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(window.Token, cancellationToken);
        await changed.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;

    /// <summary>Work becomes mail and mail becomes work, so mail is looked at on both sides of it.</summary>
    private bool IsQuiet(int idle = 0) => isMailQuiet() && wakeUps.IsQuiet && !work.IsAny(idle) && isMailQuiet();
}
