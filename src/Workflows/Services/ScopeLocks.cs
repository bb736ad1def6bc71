namespace Onramp.Workflows.Services;

/// <summary>Who holds which scope, and who waits for which.</summary>
public sealed record ScopeLocksState
{
    /// <summary>Change by scope.</summary>
    public SortedDictionary<string, string> Held { get; init; } = new(StringComparer.Ordinal);

    /// <summary>In order of asking.</summary>
    public IReadOnlyList<ScopeWait> Waiting { get; init; } = [];
}

public sealed record ScopeWait(string ChangeId, IReadOnlyList<string> Scopes)
{
    /// <summary>Of the asking (<see cref="ScopesAsked.Round"/>): it is given back with the scopes.</summary>
    public int? Round { get; init; }
}

/// <summary>
/// Scopes are asked for all at once and given all at once, so nobody holds one while waiting for another and nothing waits in a circle.
/// Whoever asked earlier for a scope gets it earlier; who wants other scopes goes past.
/// </summary>
public sealed class ScopeLocks
{
    private readonly SortedDictionary<string, string> held;
    private readonly List<ScopeWait> waiting;

    public ScopeLocks(ScopeLocksState state)
    {
        held = new SortedDictionary<string, string>(state.Held, StringComparer.Ordinal);
        waiting = [.. state.Waiting];
    }

    public ScopeLocksState State => new()
    {
        Held = new SortedDictionary<string, string>(held, StringComparer.Ordinal),
        Waiting = [.. waiting],
    };

    public IReadOnlyList<string> HeldBy(string changeId) => [.. held.Where(h => h.Value == changeId).Select(h => h.Key)];

    /// <summary>
    /// Asks anew: what it held before is given back, unless it is just the same. Asking again while waiting keeps the place
    /// in the queue; asking for nothing gives everything back.
    /// </summary>
    public void Ask(string changeId, IEnumerable<string> scopes, int? round = null)
    {
        var wanted = scopes.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (HeldBy(changeId).SequenceEqual(wanted, StringComparer.Ordinal) && wanted.Count > 0)
            return;
        if (wanted.Count == 0)
        {
            Release(changeId);
            return;
        }
        Free(changeId);
        var place = waiting.FindIndex(w => w.ChangeId == changeId);
        var wait = new ScopeWait(changeId, wanted) { Round = round };
        if (place < 0)
            waiting.Add(wait);
        else
            waiting[place] = wait;
    }

    /// <summary>Gives back everything, the place in the queue too.</summary>
    public void Release(string changeId)
    {
        Free(changeId);
        waiting.RemoveAll(w => w.ChangeId == changeId);
    }

    /// <summary>Gives what can be given, in order of asking.</summary>
    /// <returns>Those that got their scopes just now.</returns>
    public IReadOnlyList<ScopeWait> Grant()
    {
        var granted = new List<ScopeWait>();
        var spoken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var wait in waiting.ToList())
        {
            if (IsFree(wait, spoken))
            {
                waiting.Remove(wait);
                foreach (var scope in wait.Scopes)
                    held[scope] = wait.ChangeId;
                granted.Add(wait);
            }
            spoken.UnionWith(wait.Scopes);
        }
        return granted;
    }

    /// <summary>Nobody holds it, or waits for it since earlier; the whole takes and is taken by every scope.</summary>
    private bool IsFree(ScopeWait wait, HashSet<string> spoken) => wait.Scopes.Contains(Scopes.Whole, StringComparer.Ordinal)
        ? held.Count == 0 && spoken.Count == 0
        : !held.ContainsKey(Scopes.Whole) && !spoken.Contains(Scopes.Whole) && wait.Scopes.All(s => !held.ContainsKey(s) && !spoken.Contains(s));

    private void Free(string changeId)
    {
        foreach (var scope in HeldBy(changeId))
            held.Remove(scope);
    }
}
