using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History.Queries;

/// <summary>
/// How queries that wait get to a worker: with the workflow task that is pending, or by themselves when there is none. Those that travel by themselves go one after the
/// other: a worker answers a run's queries in turn anyway, and when it lets go of a run (as of every one that has closed) the official SDKs forget all but the first of
/// those that wait at them.
/// </summary>
internal sealed class QueryRoutes(QueryRegistry registry, IMatching matching, HistoryEngineOptions options, IIdSource ids)
{
    /// <summary>
    /// Follows a run after a commit: where no workflow task will take them along, they travel by themselves. A run that no worker has seen yet has its first
    /// task before it.
    /// </summary>
    public void Follow(ExecutionState state)
    {
        if (state.IsOpen && state.Task.IsPending)
        {
            return;
        }

        if (state.Task.LastCompletedStartedEventId > 0)
        {
            registry.MakeDirect(state.Key);
            OfferNext(state);
        }
        else if (!state.IsOpen)
        {
            Drop(state.Key, ClosedUnseen());
        }
    }

    /// <summary>No worker has seen the run, and none will.</summary>
    public static RefusalException ClosedUnseen() => Errors.NotReady("Workflow execution closed before WorkflowTaskStarted event");

    /// <summary>Those that went with a workflow task are asked anew: nothing is known any more of what was sent.</summary>
    public void StartOver(ExecutionKey key) => registry.RenameAttached(key, ids.NewId);

    /// <summary>Offers the next of those that travel by themselves, unless one is out.</summary>
    public void OfferNext(ExecutionState state)
    {
        if (registry.TakeNext(state.Key) is { } next)
        {
            Offer(state, next);
        }
    }

    /// <summary>Offers it, to the worker that has the run if one has.</summary>
    public void Offer(ExecutionState state, PendingQuery query) => Offer(query, TaskOf(state, query));

    /// <summary>Offers it to any worker.</summary>
    public void OfferToAny(ExecutionState state, PendingQuery query) =>
        Offer(query, TaskOf(state, query) with { Queue = state.Info.TaskQueue, StickyNormalQueue = null });

    /// <summary>Nobody waits for it any more, so that no queue keeps it for a worker.</summary>
    public void Withdraw(PendingQuery query)
    {
        if (query.End() is { } offered)
        {
            matching.Withdraw(offered);
        }
    }

    /// <summary>How long a worker may have a query, or leave it where only that worker looks.</summary>
    public TimeSpan PatienceWith(ExecutionState state) =>
        state.Task.StickyScheduleToStartTimeout > TimeSpan.Zero ? state.Task.StickyScheduleToStartTimeout : options.QueryTimeout;

    /// <summary>Forgets a run: whoever asks it is told why.</summary>
    public void Drop(ExecutionKey key, Exception reason)
    {
        foreach (var query in registry.RemoveAll(key))
        {
            query.Outcome.TrySetException(reason);
        }
    }

    private void Offer(PendingQuery query, QueryTask task)
    {
        query.IsTaken = false;
        if (!query.TryOffer(task, out var before))
        {
            return;
        }

        if (before is not null)
        {
            matching.Withdraw(before);
        }

        matching.Add(task);
    }

    private QueryTask TaskOf(ExecutionState state, PendingQuery query)
    {
        var sticky = state.Task.StickyQueue.Length > 0;
        return new QueryTask(
            state.Key, query.Id, query.Query, sticky ? state.Task.StickyQueue : state.Info.TaskQueue, sticky ? state.Info.TaskQueue : null)
        {
            StickyWait = PatienceWith(state),
        };
    }
}
