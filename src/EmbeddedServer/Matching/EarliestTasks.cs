using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.Matching;

/// <summary>
/// Of all tasks that are shown to it, those that came first: so many of each priority. The store has them by run, and an index by time would have to
/// be written for each task that ever waits, when so few stay there.
/// </summary>
/// <param name="held">What the queue holds already; it isn't counted.</param>
/// <param name="mostOfEach">How many of each priority are kept.</param>
internal sealed class EarliestTasks(IReadOnlySet<QueuedTask> held, int mostOfEach)
{
    /// <summary>The latest of those that are kept goes first, when an earlier one comes.</summary>
    private static readonly Comparer<Place> LatestFirst = Comparer<Place>.Create((a, b) => b.CompareTo(a));

    private readonly PriorityQueue<QueuedTask, Place>[] kept = [.. Enumerable.Range(0, Priorities.Count).Select(_ => new PriorityQueue<QueuedTask, Place>(LatestFirst))];
    private readonly long[] counts = new long[Priorities.Count];
    private long shown;

    public void Add(QueuedTask task)
    {
        if (held.Contains(task))
        {
            return;
        }

        var priority = Priorities.IndexOf(task);
        var place = new Place(task.Dispatch.ScheduledAt, shown++);
        counts[priority]++;
        if (kept[priority].Count < mostOfEach)
        {
            kept[priority].Enqueue(task, place);
        }
        else
        {
            kept[priority].EnqueueDequeue(task, place);
        }
    }

    /// <summary>How many there were of a priority.</summary>
    public long CountOf(int priorityIndex) => counts[priorityIndex];

    /// <summary>Those of a priority that are kept, earliest first.</summary>
    public IEnumerable<QueuedTask> OfPriority(int priorityIndex) =>
        kept[priorityIndex].UnorderedItems.OrderBy(item => item.Priority).Select(item => item.Element);

    /// <summary>Of tasks that came at the same time, the one that was shown first is first.</summary>
    private readonly record struct Place(DateTimeOffset At, long Number) : IComparable<Place>
    {
        public int CompareTo(Place other) => At.CompareTo(other.At) is not 0 and var order ? order : Number.CompareTo(other.Number);
    }
}
