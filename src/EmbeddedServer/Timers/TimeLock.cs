namespace Onramp.EmbeddedServer.Timers;

/// <summary>
/// Holds time to its real pace while anybody wants it held, and wakes those who wait for a time. It begins held once. Whoever lets go more often
/// than was held isn't refused: callers count for themselves, several at a time, and none of them can know what the others did.
/// </summary>
internal sealed class TimeLock(SkippingTimeProvider time)
{
    private readonly Lock gate = new();
    private readonly SortedSet<Sleeper> sleepers = new(Comparer<Sleeper>.Create(static (a, b) => (a.Until, a.Number).CompareTo((b.Until, b.Number))));
    private int holds = 1;
    private int lettingGo;
    private long numbers;

    /// <summary>Called after each change. Default: nobody listens.</summary>
    public Action? Changed { get; set; }

    /// <summary>Whether time may be skipped: nobody holds it, and whoever it has come for has been woken.</summary>
    public bool IsOpen
    {
        get
        {
            lock (gate)
            {
                return holds <= 0 && !(sleepers.Min is { } next && next.Until <= time.GetUtcNow());
            }
        }
    }

    /// <summary>
    /// Tasks with workers that don't keep time from being skipped: an activity may sleep through the test service, and lets go of what it holds by
    /// being at work. Those who let go while they sleep, as many as nobody else holds.
    /// </summary>
    public int Idle
    {
        get
        {
            lock (gate)
            {
                return Math.Clamp(-holds, 0, lettingGo);
            }
        }
    }

    /// <summary>The next time that somebody waits for; null for none.</summary>
    public DateTimeOffset? NextAt
    {
        get
        {
            lock (gate)
            {
                return sleepers.Min?.Until;
            }
        }
    }

    /// <summary>Holds time once more.</summary>
    public void Hold() => Add(1);

    /// <summary>Lets go once.</summary>
    public void LetGo() => Add(-1);

    /// <summary>Waits until it is that time, at whatever pace.</summary>
    /// <param name="until">Passed: returns at once.</param>
    /// <param name="letsGo">Lets go once for as long as it waits; time is held again before it goes on from there.</param>
    /// <param name="cancellationToken">Ends waiting; what was let go is held again.</param>
    public async Task SleepUntilAsync(DateTimeOffset until, bool letsGo, CancellationToken cancellationToken)
    {
        var sleeper = new Sleeper(Interlocked.Increment(ref numbers), until, letsGo);
        lock (gate)
        {
            sleepers.Add(sleeper);
            holds -= letsGo ? 1 : 0;
            lettingGo += letsGo ? 1 : 0;
        }

        var wait = until - time.GetUtcNow();
        await using var timer = time.CreateTimer(_ => Wake(sleeper), state: null, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        Changed?.Invoke();
        try
        {
            await sleeper.Woken.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Wake(sleeper);
        }
    }

    /// <summary>Once, whether its time has come or it was called off.</summary>
    private void Wake(Sleeper sleeper)
    {
        lock (gate)
        {
            if (!sleepers.Remove(sleeper))
            {
                return;
            }

            holds += sleeper.LetsGo ? 1 : 0;
            lettingGo -= sleeper.LetsGo ? 1 : 0;
        }

        sleeper.Woken.SetResult();
        Changed?.Invoke();
    }

    private void Add(int count)
    {
        lock (gate)
        {
            holds += count;
        }

        Changed?.Invoke();
    }

    private sealed record Sleeper(long Number, DateTimeOffset Until, bool LetsGo)
    {
        public TaskCompletionSource Woken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
