using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History;

/// <summary>What is pending of one kind in a run, and which of it a decision has changed: each is a row of its own.</summary>
/// <param name="pending">The run's own collection; changed through this.</param>
/// <param name="keyOf">The row's name.</param>
/// <param name="toRow">The row as it is to be stored.</param>
/// <param name="touch">Told of every change.</param>
internal sealed class PendingSet<TId, TState>(
    Dictionary<TId, TState> pending, Func<TState, PendingKey> keyOf, Func<PendingKey, TState, PendingRow> toRow, Action touch)
    where TId : notnull
    where TState : class
{
    private readonly Dictionary<TId, PendingKey> changed = [];

    public void Add(TId id, TState state)
    {
        pending.Add(id, state);
        Change(id, state);
    }

    public void Change(TId id, TState state)
    {
        changed[id] = keyOf(state);
        touch();
    }

    public void Remove(TId id)
    {
        if (pending.Remove(id, out var state))
        {
            Change(id, state);
        }
    }

    public void Collect(List<PendingRow> upserted, List<PendingKey> deleted)
    {
        foreach (var (id, key) in changed)
        {
            if (pending.TryGetValue(id, out var state))
            {
                upserted.Add(toRow(key, state));
            }
            else
            {
                deleted.Add(key);
            }
        }
    }
}
