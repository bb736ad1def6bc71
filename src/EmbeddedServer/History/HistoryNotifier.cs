using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History;

/// <summary>Who waits for a run to get new events. Nobody is told what they are: they read again.</summary>
internal sealed class HistoryNotifier
{
    private readonly Lock gate = new();
    private readonly Dictionary<ExecutionKey, List<TaskCompletionSource>> waiting = [];

    public TaskCompletionSource Register(ExecutionKey key)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (!waiting.TryGetValue(key, out var waiters))
            {
                waiting.Add(key, waiters = []);
            }

            waiters.Add(waiter);
        }

        return waiter;
    }

    public void Unregister(ExecutionKey key, TaskCompletionSource waiter)
    {
        lock (gate)
        {
            if (waiting.TryGetValue(key, out var waiters) && waiters.Remove(waiter) && waiters.Count == 0)
            {
                waiting.Remove(key);
            }
        }
    }

    public void Notify(ExecutionKey key)
    {
        List<TaskCompletionSource>? waiters;
        lock (gate)
        {
            waiting.Remove(key, out waiters);
        }

        foreach (var waiter in waiters ?? [])
        {
            waiter.TrySetResult();
        }
    }
}
