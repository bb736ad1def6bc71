using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.Timers;

/// <summary>What one run expects from workers.</summary>
/// <param name="IsWithWorker">A worker has a task of it.</param>
/// <param name="Waiting">Queues in which tasks of it wait.</param>
internal readonly record struct RunWork(bool IsWithWorker, IReadOnlyList<QueueKey> Waiting);

/// <summary>
/// The tasks of all runs that are waiting for workers or with them. Kept only where time can be skipped: it costs memory for every run in a
/// backlog. A run counts from its first change in this process on.
/// </summary>
/// <param name="changed">Called after each change.</param>
internal sealed class WorkUnderWay(Action changed)
{
    private readonly Lock gate = new();
    private readonly Dictionary<ExecutionKey, RunWork> runs = [];

    /// <summary>Replaces what is known about a run.</summary>
    public void Set(ExecutionKey key, RunWork work)
    {
        lock (gate)
        {
            if (work.IsWithWorker || work.Waiting.Count > 0)
            {
                runs[key] = work;
            }
            else
            {
                runs.Remove(key);
            }
        }

        changed();
    }

    /// <summary>Whether a worker is at work, or will be: a task that waits where nobody polls counts as nothing.</summary>
    public bool IsAny(Func<QueueKey, bool> isServed)
    {
        lock (gate)
        {
            foreach (var work in runs.Values)
            {
                if (work.IsWithWorker || work.Waiting.Any(isServed))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
