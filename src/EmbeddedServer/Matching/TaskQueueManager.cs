using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.Matching;

/// <summary>All task queues. They come to be on first use and go when nobody has used them for a while, or others need their room.</summary>
public sealed partial class TaskQueueManager : IMatching, IDisposable
{
    private readonly ConcurrentDictionary<QueueKey, TaskQueue> queues = new();
    private readonly ConcurrentDictionary<(string NamespaceId, string WorkerInstanceKey), DateTimeOffset> shutDownWorkers = new();
    private readonly MatchingOptions options;
    private readonly TimeProvider time;
    private readonly TimeProvider wallClock;
    private readonly TaskRoom room;
    private int count;
    private long sweptAt;
    private volatile bool closed;

    /// <summary>Whether there may be tasks in the store for which there is no queue here, which none but a new queue would look for.</summary>
    private volatile bool leftTasks;

    /// <param name="time">The server's time (it may skip); tasks are scheduled by it.</param>
    /// <param name="wallClock">Real time: polls, pollers and rate limits go by it.</param>
    public TaskQueueManager(MatchingOptions options, TimeProvider time, TimeProvider wallClock)
    {
        this.options = options;
        this.time = time;
        this.wallClock = wallClock;
        room = new TaskRoom(options, () => Volatile.Read(ref count));
        sweptAt = wallClock.GetTimestamp();
    }

    /// <summary>Where tasks stay that queues have no room for. Null: queues hold all of them.</summary>
    public IStore? Store { get; init; }

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Tasks that all queues hold in memory.</summary>
    internal long HeldTasks => room.Held;

    /// <summary>Queues in memory.</summary>
    internal int QueueCount => Volatile.Read(ref count);

    /// <summary>The search for tasks in the store that began last.</summary>
    internal Task LastSearch { get; private set; } = Task.CompletedTask;

    /// <inheritdoc/>
    public void Add(QueuedTask task)
    {
        var offer = new Offer(task);
        var dispatch = task.Dispatch;
        Place(offer, new QueueKey(task.Key.NamespaceId, dispatch.Queue, dispatch.Kind), dispatch.StickyNormalQueue, inFront: false);
    }

    /// <inheritdoc/>
    public void Add(QueryTask query)
    {
        var offer = new Offer(query);
        var key = new QueueKey(query.Key.NamespaceId, query.Queue, TaskKind.Workflow);
        if (Place(offer, key, query.StickyNormalQueue, inFront: false) is { } sticky && !offer.IsTaken)
        {
            offer.Fallback = wallClock.CreateTimer(_ => MoveStuckQuery(sticky, offer), state: null, query.StickyWait, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public void Withdraw(QueryTask query)
    {
        query.Withdraw();
        foreach (var name in new[] { query.Queue, query.StickyNormalQueue }.OfType<string>())
        {
            if (queues.TryGetValue(new QueueKey(query.Key.NamespaceId, name, TaskKind.Workflow), out var queue) && queue.RemoveQuery(query.QueryId) is { } offer)
            {
                offer.Fallback?.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Return(MatchedTask task)
    {
        if (task.Query is { } query)
        {
            Place(new Offer(query), new QueueKey(query.Key.NamespaceId, query.Queue, TaskKind.Workflow), query.StickyNormalQueue, inFront: true);
        }
        else
        {
            var dispatch = task.Task!.Dispatch;
            var key = new QueueKey(task.Task.Key.NamespaceId, dispatch.Queue, dispatch.Kind);
            Place(new Offer(task.Task), key, dispatch.StickyNormalQueue, inFront: true);
        }
    }

    /// <inheritdoc/>
    public async Task<MatchedTask?> PollAsync(QueueKey queue, PollerIdentity poller, TimeSpan wait, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (closed || WasShutDown(queue.NamespaceId, poller.WorkerInstanceKey))
        {
            return null;
        }

        Sweep();
        MatchedTask? matched;
        ParkedPoll? parked;
        while (!(QueueOf(queue) ?? throw NoRoom()).TryPoll(poller, out matched, out parked))
        {
        }

        if (parked is not null)
        {
            if (closed)
            {
                parked.Withdraw();
            }

            matched = await parked.WaitAsync(wait, wallClock, cancellationToken).ConfigureAwait(false);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            if (matched is not null)
            {
                Return(matched);
            }

            throw new OperationCanceledException(cancellationToken);
        }

        return matched;
    }

    /// <inheritdoc/>
    public bool HasRecentPoller(QueueKey queue) => HasPollerWithin(queue, options.StickyPollerWindow);

    /// <summary>Whether a poll on it is waiting now or was within the window before now.</summary>
    public bool HasPollerWithin(QueueKey queue, TimeSpan window) =>
        queues.TryGetValue(queue, out var found) && found.HasPollerSince(wallClock.GetUtcNow() - window);

    /// <inheritdoc/>
    public void ForgetWorker(string namespaceId, string? stickyQueue, string? workerInstanceKey)
    {
        if (!string.IsNullOrEmpty(workerInstanceKey))
        {
            RememberShutDown(namespaceId, workerInstanceKey);
            foreach (var (key, queue) in queues)
            {
                if (string.Equals(key.NamespaceId, namespaceId, StringComparison.Ordinal))
                {
                    queue.EndPolls(poller => string.Equals(poller.WorkerInstanceKey, workerInstanceKey, StringComparison.Ordinal));
                }
            }
        }

        if (!string.IsNullOrEmpty(stickyQueue)
            && queues.TryGetValue(new QueueKey(namespaceId, stickyQueue, TaskKind.Workflow), out var sticky) && TryRemove(sticky))
        {
            Desert(sticky);
        }
    }

    /// <inheritdoc/>
    public (IReadOnlyList<PollerInfo> Pollers, TaskQueueStats Stats) Describe(QueueKey queue)
    {
        var (pollers, total, _) = DescribeByPriority(queue);
        return (pollers, total);
    }

    /// <summary>The same with the backlog of each priority key that has one (and of the default key).</summary>
    public (IReadOnlyList<PollerInfo> Pollers, TaskQueueStats Total, IReadOnlyDictionary<int, TaskQueueStats> ByPriority) DescribeByPriority(QueueKey queue)
    {
        if (queues.TryGetValue(queue, out var found))
        {
            return found.Describe(time.GetUtcNow());
        }

        using var empty = new TaskQueue(queue, options, room, wallClock);
        return empty.Describe(time.GetUtcNow());
    }

    /// <summary>Limits how many tasks a second the queue gives out; null lifts the limit.</summary>
    public void SetRateLimit(QueueKey queue, double? perSecond) => QueueOf(queue, isNeeded: true)!.SetConfiguredLimit(perSecond);

    /// <summary>The limit that is effective now, and whether it was set by call.</summary>
    public (double? PerSecond, bool IsConfigured) RateLimit(QueueKey queue) =>
        queues.TryGetValue(queue, out var found) ? found.Limit() : (null, false);

    /// <summary>A namespace has gone: its queues go with all that is in them.</summary>
    public void ForgetNamespace(string namespaceId)
    {
        foreach (var (key, queue) in queues)
        {
            if (string.Equals(key.NamespaceId, namespaceId, StringComparison.Ordinal) && TryRemove(queue))
            {
                queue.Retire();
            }
        }
    }

    /// <summary>Ends all parked polls with nothing, and every later one at once.</summary>
    public void Close()
    {
        closed = true;
        foreach (var queue in queues.Values)
        {
            queue.EndPolls(_ => true);
        }
    }

    public void Dispose()
    {
        closed = true;
        foreach (var queue in queues.Values)
        {
            // Removed, too: whoever still has something for it would ask for its successor for ever.
            TryRemove(queue);
            queue.Retire();
        }
    }

    /// <summary>Puts an offer where it belongs; returns the sticky queue that took it, or null when a normal one did.</summary>
    private TaskQueue? Place(Offer offer, QueueKey key, string? stickyNormalQueue, bool inFront)
    {
        if (stickyNormalQueue is not null)
        {
            if (HasRecentPoller(key) && queues.TryGetValue(key, out var sticky) && sticky.TryAdd(offer, inFront))
            {
                return sticky;
            }

            key = key with { Name = stickyNormalQueue };
        }

        // Who waits for an answer to a query counts among the calls; a task is in the store.
        while (QueueOf(key, isNeeded: offer.Query is not null || Store is null) is { } queue)
        {
            if (queue.TryAdd(offer, inFront))
            {
                return null;
            }
        }

        leftTasks = true;

        // Who has made the queue meanwhile may have looked just before.
        if (queues.TryGetValue(key, out var made))
        {
            made.ExpectMore();
        }

        return null;
    }

    /// <summary>What waits in a queue that nobody polls any more goes where it belongs now.</summary>
    private void Desert(TaskQueue queue)
    {
        var offers = queue.Retire();
        if (queue.OverflowCounts is var counts && counts.Any(count => count > 0))
        {
            foreach (var normal in offers.Select(offer => offer.Task?.Dispatch.StickyNormalQueue).OfType<string>().Distinct().ToList())
            {
                leftTasks |= QueueOf(queue.Key with { Name = normal }) is null;
                while (QueueOf(queue.Key with { Name = normal }) is { } left && !left.TryOverflow(counts))
                {
                }
            }
        }

        foreach (var offer in offers)
        {
            if (offer.Query is { } query)
            {
                Add(query);
            }
            else
            {
                Add(offer.Task!);
            }
        }
    }

    private void MoveStuckQuery(TaskQueue sticky, Offer offer)
    {
        offer.Fallback?.Dispose();
        var query = offer.Query!;
        if (!closed && sticky.RemoveQuery(query.QueryId) is not null)
        {
            Place(offer, new QueueKey(query.Key.NamespaceId, query.StickyNormalQueue!, TaskKind.Workflow), stickyNormalQueue: null, inFront: false);
        }
    }

    /// <summary>Looks in the store for the tasks of a queue whose turn comes first, until it holds enough or there are no more.</summary>
    private void Refill(TaskQueue queue)
    {
        try
        {
            while (queue.BeginSearch() is { } held && Search(queue.Key, held) is { } found)
            {
                queue.Refill(found);
            }
        }
        catch (Exception e)
        {
            // The next poll has it tried again.
            queue.EndSearch();
            if (!closed)
            {
                LogRefillFailed(Logger, queue.Key.Name, e);
            }
        }
    }

    /// <summary>All open runs are looked at, some at a time; null when the server stops meanwhile.</summary>
    private EarliestTasks? Search(QueueKey key, IReadOnlySet<QueuedTask> held)
    {
        var found = new EarliestTasks(held, options.MaximumBacklog);
        for (long? place = WaitingPage.Start; place is { } from;)
        {
            if (closed)
            {
                return null;
            }

            var page = Store!.ReadWaiting(from, options.RefillRuns, new QueueFilter(key.NamespaceId, key.Name, key.Kind));
            foreach (var task in page.Tasks.Where(task => BelongsTo(key, task)))
            {
                found.Add(task);
            }

            place = page.Next;
        }

        return found;
    }

    /// <summary>A sticky task is found under its normal queue, too, and belongs there when its own isn't polled any more.</summary>
    private bool BelongsTo(QueueKey key, QueuedTask task) =>
        task.Dispatch.Queue == key.Name || !HasRecentPoller(key with { Name = task.Dispatch.Queue });

    private bool WasShutDown(string namespaceId, string? workerInstanceKey) =>
        !string.IsNullOrEmpty(workerInstanceKey)
        && shutDownWorkers.TryGetValue((namespaceId, workerInstanceKey), out var at)
        && wallClock.GetUtcNow() - at < options.ShutdownWorkerRetention;

    [LoggerMessage(1, LogLevel.Warning, "Tasks of queue {Queue} could not be read from the data file; the next poll tries again")]
    private static partial void LogRefillFailed(ILogger logger, string queue, Exception exception);
}
