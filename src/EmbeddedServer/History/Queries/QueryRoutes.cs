using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History.Queries;

/// <summary>How queries that wait get to a worker: with the workflow task that is pending, or by themselves when there is none.</summary>
internal sealed class QueryRoutes(QueryRegistry registry, IMatching matching)
{
    /// <summary>Follows a run after a commit: where no workflow task will take them along, they travel by themselves.</summary>
    public void Follow(ExecutionState state)
    {
        if (state.IsOpen && state.Task.IsPending)
        {
            return;
        }

        foreach (var query in registry.MakeDirect(state.Key))
        {
            matching.Add(TaskOf(state, query));
        }
    }

    /// <summary>Forgets a run: whoever asks it is told why.</summary>
    public void Drop(ExecutionKey key, Exception reason)
    {
        foreach (var query in registry.RemoveAll(key))
        {
            query.Outcome.TrySetException(reason);
        }
    }

    public static QueryTask TaskOf(ExecutionState state, PendingQuery query)
    {
        var sticky = state.Task.StickyQueue.Length > 0;
        return new QueryTask(
            state.Key, query.Id, query.Query, sticky ? state.Task.StickyQueue : state.Info.TaskQueue, sticky ? state.Info.TaskQueue : null);
    }
}
