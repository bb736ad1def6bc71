using System.Diagnostics.CodeAnalysis;
using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.Timers;

/// <summary>
/// When each run wants to be woken: one time a run, all of them in one heap, one timer for the earliest. It knows nothing that the store does
/// not know too. Runs that are due stay in the heap until their turn comes, so that a crowd of them costs no more than when it waited.
/// </summary>
internal sealed class WakeUpQueue : IDisposable
{
    /// <summary>
    /// Timers count neither the time that the machine slept nor a clock that was set, so the clock is looked at this often: what is due is
    /// never later than that.
    /// </summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>How many runs are woken at the same time: enough to fill the commits that share one write to the disk.</summary>
    public const int MaximumAtWork = 256;

    private readonly Lock gate = new();
    private readonly PriorityQueue<WakeUp, long> heap = new();
    private readonly Dictionary<ExecutionKey, DateTimeOffset> wanted = [];
    private readonly TimeProvider time;
    private readonly long origin;
    private readonly Func<ExecutionKey, Task> wake;
    private readonly ITimer timer;
    private TimeSpan? looksAt;
    private TaskCompletionSource? idle;
    private int atWork;
    private bool disposed;

    /// <param name="wake">Wakes a run that is due. It deals with its own failures.</param>
    public WakeUpQueue(TimeProvider time, Func<ExecutionKey, Task> wake)
    {
        this.time = time;
        this.wake = wake;
        origin = time.GetTimestamp();
        timer = time.CreateTimer(static queue => ((WakeUpQueue)queue!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called when something that was at work is done. Default: nobody listens.</summary>
    public Action? Done { get; set; }

    /// <summary>How many runs want to be woken.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return wanted.Count;
            }
        }
    }

    /// <summary>When the next run wants to be woken, which may have passed; null for never.</summary>
    public DateTimeOffset? NextAt
    {
        get
        {
            lock (gate)
            {
                return TryPeek(out var next) ? next.At : null;
            }
        }
    }

    /// <summary>Whether nothing is at work and nothing due.</summary>
    public bool IsQuiet
    {
        get
        {
            lock (gate)
            {
                return atWork == 0 && !(TryPeek(out var next) && next.At <= time.GetUtcNow());
            }
        }
    }

    /// <summary>Replaces what the run wanted before; null for nothing.</summary>
    public void Set(ExecutionKey key, DateTimeOffset? at)
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            if (at is not { } due)
            {
                wanted.Remove(key);
                return;
            }

            if (wanted.TryGetValue(key, out var before) && before == due)
            {
                return;
            }

            wanted[key] = due;
            heap.Enqueue(new WakeUp(key, due), due.UtcTicks);
            Compact();
            Arm();
        }
    }

    /// <summary>The same, unless the run wants to be woken already. What the run did in the meantime may make this one come in vain.</summary>
    public void SetIfUnknown(ExecutionKey key, DateTimeOffset at)
    {
        lock (gate)
        {
            if (!wanted.ContainsKey(key))
            {
                Set(key, at);
            }
        }
    }

    /// <summary>Begins with what is due by the clock. The timer calls it; whoever moves the clock by hand may, too.</summary>
    public void Look()
    {
        List<ExecutionKey> first = [];
        lock (gate)
        {
            looksAt = null;
            while (!disposed && atWork < MaximumAtWork && TryTake(out var due))
            {
                atWork++;
                first.Add(due.Key);
            }

            Arm();
        }

        foreach (var key in first)
        {
            _ = Task.Run(() => WorkAsync(key));
        }
    }

    /// <summary>Waits until nothing is at work.</summary>
    public Task WhenIdleAsync()
    {
        lock (gate)
        {
            if (atWork == 0)
            {
                return Task.CompletedTask;
            }

            idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return idle.Task;
        }
    }

    /// <summary>Takes up nothing more. What is at work is finished.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
        }

        timer.Dispose();
    }

    /// <summary>Wakes one run, and then others that are due, for as long as there are any.</summary>
    private async Task WorkAsync(ExecutionKey first)
    {
        for (ExecutionKey? key = first; key is { } due; key = NextDue())
        {
            await wake(due).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private ExecutionKey? NextDue()
    {
        lock (gate)
        {
            if (!disposed && TryTake(out var next))
            {
                return next.Key;
            }

            atWork--;
            Arm();
            if (atWork == 0)
            {
                idle?.SetResult();
                idle = null;
            }
        }

        Done?.Invoke();
        return null;
    }

    private bool TryTake([NotNullWhen(true)] out WakeUp? due)
    {
        if (!TryPeek(out due) || due.At > time.GetUtcNow())
        {
            return false;
        }

        heap.Dequeue();
        wanted.Remove(due.Key);
        return true;
    }

    /// <summary>The earliest that is still wanted.</summary>
    private bool TryPeek([NotNullWhen(true)] out WakeUp? next)
    {
        while (heap.TryPeek(out next, out _))
        {
            if (wanted.TryGetValue(next.Key, out var at) && at == next.At)
            {
                return true;
            }

            heap.Dequeue();
        }

        return false;
    }

    /// <summary>Sees to it that the clock is looked at in time. An earlier look that is already set does no harm.</summary>
    private void Arm()
    {
        if (disposed || atWork >= MaximumAtWork || !TryPeek(out var next))
        {
            return;
        }

        var wait = next.At - time.GetUtcNow();
        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;

        // Timers count whole milliseconds and must not come early.
        wait = TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
        var at = time.GetElapsedTime(origin) + wait;
        if (looksAt is { } sooner && sooner <= at)
        {
            return;
        }

        looksAt = at;
        timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Entries that were replaced stay in the heap until they surface; when they are most of it, it is built anew.</summary>
    private void Compact()
    {
        if (heap.Count < 1024 || heap.Count < wanted.Count * 4)
        {
            return;
        }

        heap.Clear();
        foreach (var (key, at) in wanted)
        {
            heap.Enqueue(new WakeUp(key, at), at.UtcTicks);
        }
    }
}
