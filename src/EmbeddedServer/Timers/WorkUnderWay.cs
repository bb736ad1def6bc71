using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.Timers;

/// <summary>What one run expects from workers.</summary>
/// <param name="WithWorkers">Tasks of it that workers have.</param>
/// <param name="Waiting">Queues in which tasks of it wait.</param>
internal readonly record struct RunWork(int WithWorkers, IReadOnlyList<QueueKey> Waiting);

/// <summary>
/// The tasks of all runs that are waiting for workers or with them. Kept only where time can be skipped: it costs memory for every run in a
/// backlog. A run counts from its first change in this process on.
/// </summary>
/// <param name="isServed">Whether a queue has a poll now, or had one lately.</param>
/// <param name="changed">Called after each change.</param>
internal sealed class WorkUnderWay(Func<QueueKey, bool> isServed, Action changed, TimeProvider wallClock)
{
    /// <summary>How long a task counts that waits in a queue that nobody polls: its worker may be starting.</summary>
    public static readonly TimeSpan StartWindow = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly Dictionary<ExecutionKey, Entry> runs = [];

    /// <summary>Replaces what is known about a run.</summary>
    public void Set(ExecutionKey key, RunWork work)
    {
        lock (gate)
        {
            if (work.WithWorkers > 0 || work.Waiting.Count > 0)
            {
                runs[key] = new Entry(work.WithWorkers, Since(work.Waiting, runs.GetValueOrDefault(key)));
            }
            else
            {
                runs.Remove(key);
            }
        }

        changed();
    }

    /// <summary>Whether a worker is at work, or will be.</summary>
    /// <param name="idle">Tasks with workers that don't count.</param>
    public bool IsAny(int idle = 0)
    {
        lock (gate)
        {
            var withWorkers = 0;
            foreach (var run in runs.Values)
            {
                withWorkers += run.WithWorkers;
                if (withWorkers > idle || run.WaitingSince.Any(queue => wallClock.GetElapsedTime(queue.Value) < StartWindow || isServed(queue.Key)))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Since when something of the run has been waiting in each of these queues.</summary>
    private Dictionary<QueueKey, long> Since(IReadOnlyList<QueueKey> queues, Entry? before)
    {
        var since = new Dictionary<QueueKey, long>();
        foreach (var queue in queues)
        {
            since[queue] = before is not null && before.WaitingSince.TryGetValue(queue, out var earlier) ? earlier : wallClock.GetTimestamp();
        }

        return since;
    }

    private sealed record Entry(int WithWorkers, Dictionary<QueueKey, long> WaitingSince);
}
