using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;

namespace Onramp.EmbeddedServer.Matching;

/// <content>How queues, and what is remembered of workers, come and go.</content>
public sealed partial class TaskQueueManager
{
    /// <summary>How much of the room for queues is made free at once, so that it isn't looked for again with each of them.</summary>
    private const double FreedAtOnce = 0.1;

    /// <summary>How long it isn't looked for room again where there was none.</summary>
    private static readonly TimeSpan NoRoomInterval = TimeSpan.FromSeconds(1);

    private readonly Lock makingRoom = new();
    private long? foundNoRoomAt;

    /// <summary>The queue, which comes to be if there is room for it; null if there isn't.</summary>
    /// <param name="isNeeded">Whether it has to come to be all the same.</param>
    private TaskQueue? QueueOf(QueueKey key, bool isNeeded = false)
    {
        while (true)
        {
            if (queues.TryGetValue(key, out var found))
            {
                return found;
            }

            if (!isNeeded && !HasRoom())
            {
                return null;
            }

            var created = new TaskQueue(key, options, room, wallClock) { HasRoom = Store is null ? null : queue => LastSearch = Task.Run(() => Refill(queue)) };
            if (queues.TryAdd(key, created))
            {
                Interlocked.Increment(ref count);
                if (leftTasks && Store is not null)
                {
                    created.ExpectMore();
                }

                return created;
            }
        }
    }

    /// <summary>Whether this one is removed by the caller, and not by somebody else before.</summary>
    private bool TryRemove(TaskQueue queue)
    {
        var removed = queues.TryRemove(new KeyValuePair<QueueKey, TaskQueue>(queue.Key, queue));
        if (removed)
        {
            Interlocked.Decrement(ref count);
        }

        return removed;
    }

    /// <summary>Whether there is room for another queue, which those that nobody polls make if there is none.</summary>
    private bool HasRoom()
    {
        if (QueueCount < options.MaximumQueues)
        {
            return true;
        }

        lock (makingRoom)
        {
            if (QueueCount < options.MaximumQueues)
            {
                return true;
            }

            if (foundNoRoomAt is { } last && wallClock.GetElapsedTime(last) < NoRoomInterval)
            {
                return false;
            }

            var unusedSince = wallClock.GetUtcNow() - options.StickyPollerWindow;
            var enough = (int)(options.MaximumQueues * (1 - FreedAtOnce));
            foreach (var queue in Store is null ? [] : queues.Values)
            {
                // Said before it is retired: whoever makes the queue anew is to know.
                if (queue.TryRetireUnpolled(unusedSince, () => leftTasks = true) && TryRemove(queue) && QueueCount <= enough)
                {
                    break;
                }
            }

            foundNoRoomAt = QueueCount < options.MaximumQueues ? null : wallClock.GetTimestamp();
            return foundNoRoomAt is null;
        }
    }

    private static RefusalException NoRoom() => new(
        RefusalKind.ResourceExhausted,
        "too many task queues are polled",
        new ResourceExhaustedFailure { Cause = ResourceExhaustedCause.SystemOverloaded, Scope = ResourceExhaustedScope.System });

    private void RememberShutDown(string namespaceId, string workerInstanceKey)
    {
        if (shutDownWorkers.Count >= options.MaximumShutDownWorkers)
        {
            ForgetShutDown();
        }

        if (shutDownWorkers.Count < options.MaximumShutDownWorkers)
        {
            shutDownWorkers[(namespaceId, workerInstanceKey)] = wallClock.GetUtcNow();
        }
    }

    private void ForgetShutDown()
    {
        var now = wallClock.GetUtcNow();
        foreach (var (worker, at) in shutDownWorkers)
        {
            if (now - at >= options.ShutdownWorkerRetention)
            {
                shutDownWorkers.TryRemove(worker, out _);
            }
        }
    }

    /// <summary>Drops what has gone unused, now and then, on the way of a poll.</summary>
    private void Sweep()
    {
        var last = Interlocked.Read(ref sweptAt);
        if (wallClock.GetElapsedTime(last) < options.SweepInterval || Interlocked.CompareExchange(ref sweptAt, wallClock.GetTimestamp(), last) != last)
        {
            return;
        }

        var unusedSince = wallClock.GetUtcNow() - options.PollerRetention;
        foreach (var queue in queues.Values)
        {
            // Retired first, removed second: whoever holds it meanwhile is told to ask again.
            if (queue.TryRetireIdle(unusedSince))
            {
                TryRemove(queue);
            }
            else if (queue.IsDeserted(unusedSince) && TryRemove(queue))
            {
                Desert(queue);
            }
        }

        ForgetShutDown();
    }
}
