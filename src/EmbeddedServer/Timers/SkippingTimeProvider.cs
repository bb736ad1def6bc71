namespace Onramp.EmbeddedServer.Timers;

/// <summary>
/// Time at its real pace, plus what was skipped by hand. Timers that a skip passes over fire in the order in which they were due, once each,
/// with the clock at the skip's end.
/// </summary>
public sealed class SkippingTimeProvider : TimeProvider
{
    private readonly Lock gate = new();
    private readonly SortedSet<SkippingTimer> armed = new(Comparer<SkippingTimer>.Create(static (a, b) => (a.DueAt, a.Number).CompareTo((b.DueAt, b.Number))));
    private readonly TimeProvider real;
    private readonly ITimer realTimer;
    private readonly long origin;
    private TimeSpan skipped;
    private long timers;
    private bool firing;

    /// <param name="real">What time goes by between skips. Default: the system's.</param>
    public SkippingTimeProvider(TimeProvider? real = null)
    {
        this.real = real ?? System;
        origin = this.real.GetTimestamp();
        realTimer = this.real.CreateTimer(static self => ((SkippingTimeProvider)self!).FireDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>All that was skipped so far.</summary>
    public TimeSpan Skipped
    {
        get
        {
            lock (gate)
            {
                return skipped;
            }
        }
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => real.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => real.LocalTimeZone;

    /// <summary>How long this has run, what was skipped included.</summary>
    private TimeSpan Elapsed => real.GetElapsedTime(origin) + skipped;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => real.GetUtcNow() + Skipped;

    /// <inheritdoc/>
    public override long GetTimestamp() => real.GetTimestamp() + (long)(Skipped.TotalSeconds * TimestampFrequency);

    /// <summary>Moves the clock on. Returns when the timers that this makes due have fired, on this thread unless another is at it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span is negative: time doesn't go back.</exception>
    public void Skip(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        lock (gate)
        {
            skipped += by;
        }

        FireDue();
    }

    /// <summary>Moves the clock on to a time, unless that has passed.</summary>
    public void SkipTo(DateTimeOffset time)
    {
        lock (gate)
        {
            var by = time - (real.GetUtcNow() + skipped);
            skipped += by > TimeSpan.Zero ? by : TimeSpan.Zero;
        }

        FireDue();
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new SkippingTimer(this, Interlocked.Increment(ref timers), callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private static void CheckSpan(TimeSpan span)
    {
        if (span != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        }
    }

    private bool Set(SkippingTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (gate)
        {
            armed.Remove(timer);
            timer.Period = period;
            if (timer.IsDisposed)
            {
                return false;
            }

            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                timer.DueAt = Elapsed + dueTime;
                armed.Add(timer);
                ArmReal();
            }

            return true;
        }
    }

    private void Remove(SkippingTimer timer)
    {
        lock (gate)
        {
            timer.IsDisposed = true;
            armed.Remove(timer);
        }
    }

    /// <summary>One thread fires at a time, and takes what becomes due meanwhile: that keeps the order.</summary>
    private void FireDue()
    {
        lock (gate)
        {
            if (firing)
            {
                return;
            }

            firing = true;
        }

        while (TakeDue() is { } timer)
        {
            try
            {
                timer.Fire();
            }
            catch
            {
                lock (gate)
                {
                    firing = false;
                    ArmReal();
                }

                throw;
            }
        }
    }

    private SkippingTimer? TakeDue()
    {
        lock (gate)
        {
            var now = Elapsed;
            if (armed.Min is not { } timer || timer.DueAt > now)
            {
                firing = false;
                ArmReal();
                return null;
            }

            armed.Remove(timer);
            if (timer.Period > TimeSpan.Zero)
            {
                timer.DueAt = now + timer.Period;
                armed.Add(timer);
            }

            return timer;
        }
    }

    private void ArmReal()
    {
        if (armed.Min is not { } next)
        {
            return;
        }

        var wait = Math.Ceiling(Math.Clamp((next.DueAt - Elapsed).TotalMilliseconds, 0, LongestRealWaitMilliseconds));
        realTimer.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
    }

    /// <summary>A day: less than what any timer takes; one that comes too early is armed again.</summary>
    private const double LongestRealWaitMilliseconds = 86_400_000;

    private sealed class SkippingTimer(SkippingTimeProvider time, long number, TimerCallback callback, object? state) : ITimer
    {
        private readonly ExecutionContext? context = ExecutionContext.Capture();

        public long Number => number;

        public TimeSpan DueAt { get; set; }

        public TimeSpan Period { get; set; }

        public bool IsDisposed { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            CheckSpan(dueTime);
            CheckSpan(period);
            return time.Set(this, dueTime, period);
        }

        public void Fire()
        {
            if (context is null)
            {
                callback(state);
            }
            else
            {
                ExecutionContext.Run(context, callback.Invoke, state);
            }
        }

        public void Dispose() => time.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
