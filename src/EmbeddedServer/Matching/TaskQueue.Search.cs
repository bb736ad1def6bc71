using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.Matching;

/// <content>Tasks that stay in the store, and how they come back.</content>
internal sealed partial class TaskQueue
{
    /// <summary>What it holds, for one who is to look for more in the store; null when that isn't needed now.</summary>
    public IReadOnlySet<QueuedTask>? BeginSearch()
    {
        lock (gate)
        {
            if (!NeedsMore())
            {
                overflow.EndSearch();
                HandOut(wallClock.GetUtcNow());
                return null;
            }

            overflow.BeginSearch();
            return backlog.Tasks.Select(offer => offer.Task!).ToHashSet();
        }
    }

    /// <summary>The looking failed; it begins again with the next poll.</summary>
    public void EndSearch()
    {
        lock (gate)
        {
            overflow.EndSearch();
            HandOut(wallClock.GetUtcNow());
        }
    }

    /// <summary>Takes in, for as long as there is room, what all of the store was searched for, save what it holds already.</summary>
    public void Refill(EarliestTasks found)
    {
        lock (gate)
        {
            if (retired)
            {
                return;
            }

            var now = wallClock.GetUtcNow();
            var held = backlog.Tasks.Select(offer => offer.Task!).ToHashSet();
            overflow.Found(priority => found.CountOf(priority) - TakeIn(found.OfPriority(priority), priority, held));
            HandOut(now);
        }
    }

    /// <summary>What goes before all that stays in the store needn't wait for that.</summary>
    private bool StaysInStore(Offer offer) => HasRoom is not null && offer.Task is not null
        && (backlog.CountOf(offer.PriorityIndex) >= room.Share || overflow.HasThrough(offer.PriorityIndex));

    /// <summary>Whether few tasks are left here that go before what is in the store.</summary>
    private bool NeedsMore() => !retired && overflow.First is >= 0 and var first && backlog.CountThrough(first) <= room.Share / 2;

    /// <summary>Has the store searched when few tasks are left here. Not under the lock.</summary>
    private void OfferRoom()
    {
        bool searches;
        lock (gate)
        {
            searches = BeginSearchIfNeeded();
        }

        if (searches)
        {
            HasRoom!(this);
        }
    }

    /// <summary>Whether the caller is to have the store searched, once it has let go of the lock.</summary>
    private bool BeginSearchIfNeeded()
    {
        var begins = HasRoom is not null && !overflow.IsSearched && NeedsMore();
        if (begins)
        {
            overflow.BeginSearch();
        }

        return begins;
    }

    /// <summary>Takes tasks of a priority in until there is no more room. How many of them are here, then or before.</summary>
    private int TakeIn(IEnumerable<QueuedTask> found, int priority, HashSet<QueuedTask> held)
    {
        var count = 0;
        foreach (var task in found)
        {
            if (held.Contains(task))
            {
                count++;
            }
            else if (backlog.CountOf(priority) < room.Share)
            {
                backlog.Add(new Offer(task), inFront: false);
                count++;
            }
        }

        return count;
    }

    /// <summary>Whether what is here has to wait for more urgent tasks that are just being read from the store.</summary>
    private bool IsOutOfTurn() => overflow is { IsSearched: true, First: >= 0 and var first } && backlog.CountThrough(first) == 0;
}
