using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.Timers;

/// <summary>
/// When each run wants to be woken: one time a run, all of them in one heap, one timer for the earliest. It knows nothing that the store does
/// not know too.
/// </summary>
internal sealed class WakeUpQueue : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(12);
    private readonly Lock gate = new();
    private readonly PriorityQueue<WakeUp, long> heap = new();
    private readonly Dictionary<ExecutionKey, DateTimeOffset> wanted = [];
    private readonly TimeProvider time;
    private readonly Action<ExecutionKey> wake;
    private readonly ITimer timer;
    private DateTimeOffset armedFor = DateTimeOffset.MaxValue;
    private bool disposed;

    /// <param name="wake">Called for each run that is due, from a timer's thread; it must not block.</param>
    public WakeUpQueue(TimeProvider time, Action<ExecutionKey> wake)
    {
        this.time = time;
        this.wake = wake;
        timer = time.CreateTimer(static queue => ((WakeUpQueue)queue!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

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
            if (due < armedFor)
            {
                Arm(due);
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
        }

        timer.Dispose();
    }

    private void Fire()
    {
        List<ExecutionKey> due = [];
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            var now = time.GetUtcNow();
            armedFor = DateTimeOffset.MaxValue;
            while (heap.TryPeek(out var next, out _))
            {
                if (!IsCurrent(next))
                {
                    heap.Dequeue();
                }
                else if (next.At <= now)
                {
                    heap.Dequeue();
                    wanted.Remove(next.Key);
                    due.Add(next.Key);
                }
                else
                {
                    Arm(next.At);
                    break;
                }
            }
        }

        foreach (var key in due)
        {
            wake(key);
        }
    }

    private bool IsCurrent(WakeUp entry) => wanted.TryGetValue(entry.Key, out var at) && at == entry.At;

    private void Arm(DateTimeOffset due)
    {
        armedFor = due;
        var wait = due - time.GetUtcNow();
        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;

        // Timers count whole milliseconds and must not come early.
        timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
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
