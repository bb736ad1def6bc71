using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History.Inbox;

/// <summary>
/// Sees to it that what waits in an inbox is dealt with as soon as it is durable: one inbox at a time by one task, so many inboxes at once.
/// It remembers only which inboxes may have something, so many at most; others are looked for in the store once there is room, and the messages stay there anyway.
/// What fails is tried again, later and later.
/// </summary>
internal sealed partial class InboxDispatcher(
    InboxDelivery delivery, int maximumConcurrency, int maximumKnown, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<WorkflowKey, Entry> entries = [];
    private readonly Queue<Entry> ready = new();
    private TaskCompletionSource? idle;
    private int running;
    private bool disposed;

    /// <summary>Called when there is nothing left to deal with for now. Default: nobody listens.</summary>
    public Action? Done { get; set; }

    /// <summary>Whether nothing is being dealt with, save what failed and waits for its next try.</summary>
    public bool IsQuiet
    {
        get
        {
            lock (gate)
            {
                return running == 0 && ready.Count == 0;
            }
        }
    }

    /// <summary>Inboxes that it remembers.</summary>
    public int Known
    {
        get
        {
            lock (gate)
            {
                return entries.Count;
            }
        }
    }

    /// <summary>Something was put into this inbox. Returns at once.</summary>
    public void Notify(WorkflowKey to)
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            if (entries.TryGetValue(to, out var entry))
            {
                entry.HasNews = true;
            }
            else if (entries.Count < maximumKnown)
            {
                Remember(to);
            }
            else
            {
                hasUnknown = true;
            }
        }
    }

    /// <summary>Waits until nothing is being dealt with, save what failed and waits for its next try.</summary>
    public Task DrainAsync()
    {
        lock (gate)
        {
            if (running == 0 && ready.Count == 0)
            {
                return Task.CompletedTask;
            }

            idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return idle.Task;
        }
    }

    /// <summary>Begins nothing more. What is being dealt with is finished.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            ready.Clear();
            searchRetry?.Dispose();
            foreach (var entry in entries.Values)
            {
                entry.Retry?.Dispose();
            }
        }
    }

    /// <summary>Needs the gate.</summary>
    private void Remember(WorkflowKey to)
    {
        var entry = new Entry(to);
        entries.Add(to, entry);
        Enqueue(entry);
    }

    /// <summary>Needs the gate.</summary>
    private void Enqueue(Entry entry)
    {
        ready.Enqueue(entry);
        Work();
    }

    /// <summary>Needs the gate.</summary>
    private void Work()
    {
        if (running < maximumConcurrency)
        {
            running++;
            _ = Task.Run(RunAsync);
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            if (BeginSearch())
            {
                Search();
                continue;
            }

            if (Take() is not { } entry)
            {
                return;
            }

            try
            {
                var more = true;
                if (entry.Failures == 0)
                {
                    more = await delivery.DeliverAsync(entry.Key).ConfigureAwait(false);
                }
                else
                {
                    await delivery.DeliverSinglyAsync(entry.Key).ConfigureAwait(false);
                }

                Delivered(entry, more);
            }
            catch (Exception e)
            {
                Failed(entry, e);
            }
        }
    }

    private Entry? Take()
    {
        lock (gate)
        {
            if (ready.TryDequeue(out var entry))
            {
                entry.HasNews = false;
                return entry;
            }

            running--;
            if (running > 0)
            {
                return null;
            }

            idle?.TrySetResult();
            idle = null;
        }

        Done?.Invoke();
        return null;
    }

    private void Delivered(Entry entry, bool more)
    {
        lock (gate)
        {
            entry.Failures = 0;
            if (disposed)
            {
                return;
            }

            if (more || entry.HasNews)
            {
                ready.Enqueue(entry);
            }
            else
            {
                entries.Remove(entry.Key);
            }
        }
    }

    private void Failed(Entry entry, Exception e)
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            if (e is RefusalException { InnerException: StoreStoppedException })
            {
                LogStopped(logger, e, entry.Key.WorkflowId);
                return;
            }

            entry.Failures++;
            var wait = FirstRetry * Math.Pow(2, Math.Min(entry.Failures - 1, 16));
            wait = wait < LongestRetry ? wait : LongestRetry;
            LogFailed(logger, e, entry.Key.WorkflowId, wait);
            entry.Retry?.Dispose();
            entry.Retry = time.CreateTimer(_ => Retry(entry), null, wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void Retry(Entry entry)
    {
        lock (gate)
        {
            entry.Retry?.Dispose();
            entry.Retry = null;
            if (!disposed)
            {
                Enqueue(entry);
            }
        }
    }

    [LoggerMessage(10, LogLevel.Error, "What waits for workflow {WorkflowId} could not be dealt with; it is tried again in {Wait}")]
    private static partial void LogFailed(ILogger logger, Exception exception, string workflowId, TimeSpan wait);

    [LoggerMessage(11, LogLevel.Warning, "What waits for workflow {WorkflowId} can't be dealt with: the store takes no writes")]
    private static partial void LogStopped(ILogger logger, Exception exception, string workflowId);

    /// <summary>An inbox that may have something; guarded by the gate.</summary>
    private sealed class Entry(WorkflowKey key)
    {
        public WorkflowKey Key => key;

        /// <summary>Something came since it was last looked into.</summary>
        public bool HasNews { get; set; }

        /// <summary>In a row.</summary>
        public int Failures { get; set; }

        public ITimer? Retry { get; set; }
    }
}
