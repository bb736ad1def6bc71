using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History;

/// <summary>What is pending of one kind in a run, and which of it a decision has changed: each is a row of its own.</summary>
/// <param name="pending">The run's own collection; changed through this.</param>
/// <param name="idOf">By what the run knows it.</param>
/// <param name="keyOf">The row's name.</param>
/// <param name="toRow">The row as it is to be stored.</param>
/// <param name="touch">Told of every change.</param>
internal sealed class PendingSet<TId, TState>(
    Dictionary<TId, TState> pending, Func<TState, TId> idOf, Func<TState, PendingKey> keyOf, Func<PendingKey, TState, PendingRow> toRow, Action touch)
    where TId : notnull
    where TState : class
{
    private readonly Dictionary<TId, PendingKey> changed = [];

    /// <exception cref="ArgumentException">One of its id is pending.</exception>
    public void Add(TState state)
    {
        pending.Add(idOf(state), state);
        Change(state);
    }

    /// <summary>Adds it, or puts it in the place of the one of its id.</summary>
    public void Put(TState state)
    {
        pending[idOf(state)] = state;
        Change(state);
    }

    /// <summary>It differs from what is stored.</summary>
    public void Change(TState state)
    {
        changed[idOf(state)] = keyOf(state);
        touch();
    }

    /// <summary>Does nothing when none of that id is pending.</summary>
    public void Remove(TId id)
    {
        if (pending.Remove(id, out var state))
        {
            Change(state);
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
