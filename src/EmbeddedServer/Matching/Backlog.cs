using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.Matching;

/// <summary>
/// What waits in a task queue for polls: tasks by priority, in the order they came, and queries, which go first. Not thread-safe: its queue locks.
/// </summary>
/// <param name="room">Told of every task that comes and goes.</param>
internal sealed class Backlog(TaskRoom room)
{
    private readonly LinkedList<Offer>[] tasks = [.. Enumerable.Range(0, Priorities.Count).Select(_ => new LinkedList<Offer>())];
    private readonly LinkedList<Offer> queries = new();
    private readonly Dictionary<string, LinkedListNode<Offer>> queryPlaces = new(StringComparer.Ordinal);

    /// <summary>Tasks that wait.</summary>
    public int TaskCount { get; private set; }

    public int QueryCount => queries.Count;

    public IEnumerable<Offer> Tasks => tasks.SelectMany(offers => offers);

    /// <summary>How many tasks of a priority wait.</summary>
    public int CountOf(int priorityIndex) => tasks[priorityIndex].Count;

    /// <summary>How many tasks of a priority, or of one that goes before it, wait.</summary>
    public int CountThrough(int priorityIndex) => tasks.Take(priorityIndex + 1).Sum(offers => offers.Count);

    public void Add(Offer offer, bool inFront)
    {
        if (offer.Query is { QueryId: var id } && queryPlaces.ContainsKey(id))
        {
            return;
        }

        var list = offer.Query is null ? tasks[offer.PriorityIndex] : queries;
        var place = inFront ? list.AddFirst(offer) : list.AddLast(offer);
        if (offer.Query is { } query)
        {
            queryPlaces[query.QueryId] = place;
        }
        else
        {
            Count(1);
        }
    }

    /// <summary>Takes a query out; null when it isn't here.</summary>
    public Offer? RemoveQuery(string queryId)
    {
        if (!queryPlaces.Remove(queryId, out var place))
        {
            return null;
        }

        queries.Remove(place);
        return place.Value;
    }

    /// <summary>The query that goes first, or null.</summary>
    public Offer? TakeQuery()
    {
        var first = Take(queries);
        if (first is not null)
        {
            queryPlaces.Remove(first.Query!.QueryId);
        }

        return first;
    }

    /// <summary>The task that goes first, or null.</summary>
    public Offer? TakeTask()
    {
        if (tasks.FirstOrDefault(offers => offers.Count > 0) is not { } first)
        {
            return null;
        }

        Count(-1);
        return Take(first);
    }

    /// <summary>Everything, oldest first; nothing is left.</summary>
    public List<Offer> TakeAll()
    {
        List<Offer> all = [.. queries, .. Tasks];
        queries.Clear();
        queryPlaces.Clear();
        Array.ForEach(tasks, offers => offers.Clear());
        Count(-TaskCount);
        return all;
    }

    /// <summary>What is told of it, in all and by priority; the usual priority is told of also when nothing of it waits.</summary>
    /// <param name="overflow">Tasks of each priority that wait elsewhere.</param>
    /// <param name="now">The server's time, which is what tasks were scheduled by.</param>
    public (TaskQueueStats Total, Dictionary<int, TaskQueueStats> ByPriority) Describe(IReadOnlyList<long> overflow, DateTimeOffset now)
    {
        var byPriority = new Dictionary<int, TaskQueueStats>();
        for (var i = 0; i < tasks.Length; i++)
        {
            var priority = i + Priorities.First;
            if (tasks[i].Count + overflow[i] > 0 || priority == Priorities.Default)
            {
                byPriority[priority] = Stats(tasks[i].Count + overflow[i], Oldest(tasks[i]), now);
            }
        }

        return (Stats(TaskCount + overflow.Sum(), tasks.Min(Oldest), now), byPriority);
    }

    private void Count(int change)
    {
        TaskCount += change;
        room.Count(change);
    }

    private static Offer? Take(LinkedList<Offer> offers)
    {
        if (offers.First is not { Value: var offer })
        {
            return null;
        }

        offers.RemoveFirst();
        offer.IsTaken = true;
        return offer;
    }

    private static TaskQueueStats Stats(long count, DateTimeOffset? oldest, DateTimeOffset now) => new()
    {
        ApproximateBacklogCount = count,
        ApproximateBacklogAge = Duration.FromTimeSpan(oldest is { } since && since < now ? now - since : TimeSpan.Zero),
    };

    private static DateTimeOffset? Oldest(LinkedList<Offer> offers) => offers.First?.Value.Task!.Dispatch.ScheduledAt;
}
