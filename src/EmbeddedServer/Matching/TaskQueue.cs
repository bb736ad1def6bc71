using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.Matching;

/// <summary>
/// One task queue: offers that wait for a poll, or polls that wait for an offer, never both (unless a rate limit holds offers
/// back). Queries go first: their askers are waiting. Of tasks it holds a bounded number; those that come later stay in the store until it has
/// room, and whatever is to go after them does, too, so that nothing is overtaken.
/// </summary>
internal sealed partial class TaskQueue : IDisposable
{
    private readonly Lock gate = new();
    private readonly MatchingOptions options;
    private readonly TimeProvider wallClock;
    private readonly TaskRoom room;
    private readonly Backlog backlog;
    private readonly LinkedList<ParkedPoll> parked = new();
    private readonly PollerHistory pollers = new();
    private readonly DispatchLimiter limiter = new();
    private readonly RateCounter added = new();
    private readonly RateCounter dispatched = new();
    private readonly RateCounter heldBack = new();
    private readonly Overflow overflow = new();
    private ITimer? limiterTimer;
    private bool retired;

    public TaskQueue(QueueKey key, MatchingOptions options, TaskRoom room, TimeProvider wallClock)
    {
        Key = key;
        this.options = options;
        this.room = room;
        this.wallClock = wallClock;
        backlog = new Backlog(room);
    }

    public QueueKey Key { get; }

    /// <summary>Called, without the queue's lock, when there is room for tasks that stayed in the store. Null: all are held in memory.</summary>
    public Action<TaskQueue>? HasRoom { get; init; }

    /// <summary>Hands the offer to a parked poll or keeps it. False when this queue has been retired: ask for its successor.</summary>
    public bool TryAdd(Offer offer, bool inFront)
    {
        lock (gate)
        {
            if (retired)
            {
                return false;
            }

            if (offer.Query is { IsWithdrawn: true })
            {
                return true;
            }

            var now = wallClock.GetUtcNow();
            if (!inFront)
            {
                added.Add(now);
            }

            if (!inFront && StaysInStore(offer))
            {
                overflow.Grow(offer.PriorityIndex);
                return true;
            }

            backlog.Add(offer, inFront);
            HandOut(now);
            return true;
        }
    }

    /// <summary>Tells of tasks that are in the store only, without saying which. False when this queue has been retired.</summary>
    public bool TryOverflow(IReadOnlyList<long> counts)
    {
        lock (gate)
        {
            if (retired)
            {
                return false;
            }

            for (var i = 0; i < counts.Count; i++)
            {
                overflow.Grow(i, counts[i]);
            }
        }

        OfferRoom();
        return true;
    }

    /// <summary>There may be tasks of this queue in the store of which nobody knows here: they are looked for as soon as somebody polls.</summary>
    public void ExpectMore()
    {
        bool searches;
        lock (gate)
        {
            for (var i = 0; i < Priorities.Count; i++)
            {
                overflow.Grow(i);
            }

            searches = parked.Count > 0 && BeginSearchIfNeeded();
        }

        if (searches)
        {
            HasRoom!(this);
        }
    }

    /// <summary>Takes an offer, or parks. False when this queue has been retired.</summary>
    public bool TryPoll(PollerIdentity poller, out MatchedTask? matched, out ParkedPoll? parkedPoll)
    {
        bool searches;
        lock (gate)
        {
            matched = null;
            parkedPoll = null;
            if (retired)
            {
                return false;
            }

            var now = wallClock.GetUtcNow();
            pollers.Saw(poller, now, options.PollerRetention);
            if (Key.Kind == TaskKind.Activity)
            {
                limiter.SetPollerLimit(poller.MaxTasksPerSecond, now);
            }

            searches = BeginSearchIfNeeded();
            matched = TakeFirst(now);
            if (matched is null)
            {
                parkedPoll = new ParkedPoll(this, poller);
                parkedPoll.Place = parked.AddLast(parkedPoll);
            }
        }

        if (searches)
        {
            HasRoom!(this);
        }

        return true;
    }

    /// <summary>Ends a poll with nothing, unless it has its outcome already.</summary>
    public void Withdraw(ParkedPoll poll)
    {
        lock (gate)
        {
            if (poll.Place is not null)
            {
                End(poll, wallClock.GetUtcNow());
            }
        }
    }

    /// <summary>Ends the parked polls that <paramref name="which"/> selects, with nothing.</summary>
    public void EndPolls(Func<PollerIdentity, bool> which)
    {
        lock (gate)
        {
            var now = wallClock.GetUtcNow();
            for (var node = parked.First; node is not null;)
            {
                var next = node.Next;
                if (which(node.Value.Poller))
                {
                    End(node.Value, now);
                }

                node = next;
            }
        }
    }

    /// <summary>How many tasks of each priority are in the store only, about.</summary>
    public IReadOnlyList<long> OverflowCounts
    {
        get
        {
            lock (gate)
            {
                return [.. overflow.Counts];
            }
        }
    }

    /// <summary>Whether all that waits in it goes elsewhere when nobody has polled it for a while.</summary>
    public bool IsDeserted(DateTimeOffset unusedSince)
    {
        lock (gate)
        {
            return parked.Count == 0 && backlog.QueryCount == 0 && pollers.LastAccess < unusedSince && backlog.TaskCount > 0
                && backlog.Tasks.All(offer => offer.Task!.Dispatch.StickyNormalQueue is not null);
        }
    }

    /// <summary>Takes this queue out of use: parked polls end with nothing, and what waited is returned, oldest first.</summary>
    public List<Offer> Retire()
    {
        lock (gate)
        {
            retired = true;
            var now = wallClock.GetUtcNow();
            while (parked.First is { } poll)
            {
                End(poll.Value, now);
            }

            limiterTimer?.Dispose();
            limiterTimer = null;
            return backlog.TakeAll();
        }
    }

    /// <summary>Retires the queue if nobody has used it for a while and nothing waits in it.</summary>
    public bool TryRetireIdle(DateTimeOffset unusedSince)
    {
        lock (gate)
        {
            var idle = parked.Count == 0 && backlog is { TaskCount: 0, QueryCount: 0 } && overflow.Count == 0 && pollers.LastAccess < unusedSince && !limiter.IsConfigured;
            retired |= idle;
            return idle;
        }
    }

    /// <summary>Retires the queue if nobody polls it or has lately, and nobody waits for a query in it. Its tasks are in the store only, then.</summary>
    /// <param name="leavesTasks">Called before it is retired, if there are any.</param>
    public bool TryRetireUnpolled(DateTimeOffset unusedSince, Action leavesTasks)
    {
        lock (gate)
        {
            if (retired || parked.Count > 0 || backlog.QueryCount > 0 || pollers.LastAccess >= unusedSince || limiter.IsConfigured)
            {
                return false;
            }

            if (backlog.TaskCount + overflow.Count > 0)
            {
                leavesTasks();
            }

            retired = true;
            backlog.TakeAll();
            return true;
        }
    }

    /// <summary>Takes the query out; null if it isn't here.</summary>
    public Offer? RemoveQuery(string queryId)
    {
        lock (gate)
        {
            return backlog.RemoveQuery(queryId);
        }
    }

    public bool HasPollerSince(DateTimeOffset since)
    {
        lock (gate)
        {
            return !retired && (parked.Count > 0 || pollers.LastAccess >= since);
        }
    }

    public void SetConfiguredLimit(double? perSecond)
    {
        lock (gate)
        {
            var now = wallClock.GetUtcNow();
            limiter.SetConfiguredLimit(perSecond, now);
            HandOut(now);
        }
    }

    /// <summary>The poller's and the configured limit, whichever is effective, and whether it was configured.</summary>
    public (double? PerSecond, bool IsConfigured) Limit()
    {
        lock (gate)
        {
            return (limiter.PerSecond, limiter.IsConfigured);
        }
    }

    /// <param name="serverNow">The server's time, which is what tasks were scheduled by.</param>
    public (IReadOnlyList<PollerInfo> Pollers, TaskQueueStats Total, IReadOnlyDictionary<int, TaskQueueStats> ByPriority) Describe(DateTimeOffset serverNow)
    {
        lock (gate)
        {
            var now = wallClock.GetUtcNow();
            var (total, byPriority) = backlog.Describe(overflow.Counts, serverNow);
            total.TasksAddRate = added.PerSecond(now);
            total.TasksDispatchRate = dispatched.PerSecond(now);
            byPriority[Priorities.Default].TasksAddRate = total.TasksAddRate;
            byPriority[Priorities.Default].TasksDispatchRate = total.TasksDispatchRate;
            total.RateLimitingActive = heldBack.PerSecond(now) > 0;
            foreach (var stats in byPriority.Values)
            {
                stats.RateLimitingActive = total.RateLimitingActive;
            }

            foreach (var poll in parked)
            {
                pollers.Saw(poll.Poller, now, options.PollerRetention);
            }

            return (pollers.List(now - options.PollerRetention), total, byPriority);
        }
    }

    public void Dispose() => Retire();

    private void HandOut(DateTimeOffset now)
    {
        while (parked.First is { } poll && TakeFirst(now) is { } matched)
        {
            parked.RemoveFirst();
            poll.Value.Place = null;
            pollers.Saw(poll.Value.Poller, now, options.PollerRetention);
            poll.Value.SetResult(matched);
        }
    }

    private MatchedTask? TakeFirst(DateTimeOffset now)
    {
        if (backlog.TakeQuery() is { Query: { } query })
        {
            return new MatchedTask(Task: null, query, backlog.TaskCount + overflow.Count);
        }

        if (backlog.TaskCount == 0 || IsOutOfTurn() || !MayDispatch(now) || backlog.TakeTask() is not { Task: { } task })
        {
            return null;
        }

        dispatched.Add(now);
        return new MatchedTask(task, Query: null, backlog.TaskCount + overflow.Count);
    }

    private bool MayDispatch(DateTimeOffset now)
    {
        if (limiter.TryTake(now, out var retryAfter))
        {
            return true;
        }

        heldBack.Add(now);
        if (retryAfter is { } wait)
        {
            limiterTimer ??= wallClock.CreateTimer(static state => ((TaskQueue)state!).OnLimiterTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            limiterTimer.Change(wait, Timeout.InfiniteTimeSpan);
        }

        return false;
    }

    private void OnLimiterTimer()
    {
        lock (gate)
        {
            if (!retired)
            {
                HandOut(wallClock.GetUtcNow());
            }
        }
    }

    private void End(ParkedPoll poll, DateTimeOffset now)
    {
        parked.Remove(poll.Place!);
        poll.Place = null;
        pollers.Saw(poll.Poller, now, options.PollerRetention);
        poll.SetResult(null);
    }
}
