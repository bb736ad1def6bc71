using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.Matching;

/// <summary>What waits in a queue: a task or a query.</summary>
internal sealed class Offer
{
    public Offer(QueuedTask task)
    {
        Task = task;
        PriorityIndex = Priorities.IndexOf(task);
    }

    public Offer(QueryTask query) => Query = query;

    public QueuedTask? Task { get; }

    public QueryTask? Query { get; }

    public int PriorityIndex { get; }

    /// <summary>Set once a poll has it; read without the queue's lock only as a hint.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Moves a query from its sticky queue to the normal one; kept here so that it lives as long as the offer.</summary>
    public ITimer? Fallback { get; set; }
}

/// <summary>Priority keys: the smaller, the sooner.</summary>
internal static class Priorities
{
    public const int First = 1;
    public const int Last = 5;
    public const int Default = 3;
    public const int Count = Last - First + 1;

    /// <summary>The place of a task's priority among them, from 0.</summary>
    public static int IndexOf(QueuedTask task) => Math.Clamp(task.Dispatch.Priority, First, Last) - First;
}
