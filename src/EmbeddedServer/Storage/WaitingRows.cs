namespace Onramp.EmbeddedServer.Storage;

/// <summary>What open runs wait for, a number of runs at a time, in the order in which they began.</summary>
/// <param name="WakeUps">Of those that want to be woken.</param>
/// <param name="Tasks">Workflow and activity tasks that wait for a poller, oldest first within the page.</param>
/// <param name="Next">Where to go on; null when there are no more runs.</param>
public sealed record WaitingPage(IReadOnlyList<WakeUp> WakeUps, IReadOnlyList<QueuedTask> Tasks, long? Next)
{
    /// <summary>Where the first page is.</summary>
    public const long Start = 0;

    /// <summary>Activity tasks after which a page ends, with the run that they are of: a run may have thousands.</summary>
    public const int UsualActivities = 20_000;
}

/// <summary>Which tasks to read: those of a queue, and those of sticky queues that fall back to it.</summary>
public readonly record struct QueueFilter(string NamespaceId, string Name, TaskKind Kind);
