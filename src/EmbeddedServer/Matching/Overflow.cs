namespace Onramp.EmbeddedServer.Matching;

/// <summary>
/// The tasks of a queue that are in the store only, because it holds as many as it may: how many of each priority, about. What they are is found by
/// looking at all open runs, see <see cref="EarliestTasks"/>. Not thread safe: its queue's lock guards it.
/// </summary>
internal sealed class Overflow
{
    private readonly long[] counts = new long[Priorities.Count];
    private readonly long[] grown = new long[Priorities.Count];

    /// <summary>How many tasks, about. Never zero while there may be one.</summary>
    public long Count { get; private set; }

    /// <summary>The first priority that has any.</summary>
    public int First => Array.FindIndex(counts, count => count > 0);

    /// <summary>The same of each priority.</summary>
    public IReadOnlyList<long> Counts => counts;

    /// <summary>Somebody is looking.</summary>
    public bool IsSearched { get; private set; }

    /// <summary>Whether there may be a task that goes before those of a priority that come later, or is of that priority.</summary>
    public bool HasThrough(int priorityIndex) => First is >= 0 and var first && first <= priorityIndex;

    /// <summary>More tasks stay in the store.</summary>
    public void Grow(int priorityIndex, long by = 1)
    {
        counts[priorityIndex] += by;
        grown[priorityIndex] += by;
        Count += by;
    }

    /// <summary>Somebody begins to look.</summary>
    public void BeginSearch()
    {
        IsSearched = true;
        Array.Clear(grown);
    }

    /// <summary>Nobody looks any more.</summary>
    public void EndSearch() => IsSearched = false;

    /// <summary>All open runs have been looked at: so many were found and stay. Those that came meanwhile may be among them or not.</summary>
    public void Found(Func<int, long> left)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = left(i) + grown[i];
        }

        Count = counts.Sum();
        EndSearch();
    }
}
