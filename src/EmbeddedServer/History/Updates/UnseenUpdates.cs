using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History.Updates;

/// <summary>
/// Updates whose runs ended before a worker looked at them. Nothing is stored of them; who asks for one by its id is told what became of it as long as
/// it is remembered: until a call about the run is refused, or as many runs have ended so since. Not for use by several at a time.
/// </summary>
internal sealed class UnseenUpdates
{
    /// <summary>Runs of which it is remembered; each has a few, and what was asked is not kept.</summary>
    public const int Runs = 1_000;

    private readonly Dictionary<ExecutionKey, IReadOnlyList<PendingUpdate>> updates = [];
    private readonly LinkedList<ExecutionKey> oldestFirst = [];

    public PendingUpdate? Find(ExecutionKey key, string id) => updates.TryGetValue(key, out var known) ? known.FirstOrDefault(update => update.Id == id) : null;

    public void Keep(ExecutionKey key, IReadOnlyList<PendingUpdate> left)
    {
        if (left.Count == 0)
        {
            return;
        }

        Forget(key);
        updates[key] = left;
        oldestFirst.AddLast(key);
        while (oldestFirst.Count > Runs)
        {
            updates.Remove(oldestFirst.First!.Value);
            oldestFirst.RemoveFirst();
        }
    }

    public void Forget(ExecutionKey key)
    {
        if (updates.Remove(key))
        {
            oldestFirst.Remove(key);
        }
    }
}
