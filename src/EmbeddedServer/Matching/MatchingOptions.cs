namespace Onramp.EmbeddedServer.Matching;

/// <summary>The windows and bounds of task queues.</summary>
public sealed class MatchingOptions
{
    /// <summary>How long after its last poll a sticky queue still counts as served. Default 10 s.</summary>
    public TimeSpan StickyPollerWindow { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a poller is remembered for descriptions. Default 5 min.</summary>
    public TimeSpan PollerRetention { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long polls of a worker that was shut down are answered at once. Default 1 min.</summary>
    public TimeSpan ShutdownWorkerRetention { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many such workers are remembered; of more nothing is known. Default 10,000.</summary>
    public int MaximumShutDownWorkers { get; init; } = 10_000;

    /// <summary>How many tasks of one priority a queue holds in memory; more stay in the store until it is their turn. Default 10,000.</summary>
    public int MaximumBacklog { get; init; } = 10_000;

    /// <summary>
    /// How many tasks all queues together hold in memory. When there are so many, each queue takes in no more than its share of that, or
    /// <see cref="LeastShare"/>. Default 200,000.
    /// </summary>
    public int MaximumTasks { get; init; } = 200_000;

    /// <summary>How many tasks of one priority a queue may always hold, so that it needn't look into the store for each of them. Default 10.</summary>
    public int LeastShare { get; init; } = 10;

    /// <summary>
    /// How many queues are in memory. When there are so many, those that nobody polls make room: their tasks stay in the store. Where all are polled, polls of
    /// others are refused. Default 20,000.
    /// </summary>
    public int MaximumQueues { get; init; } = 20_000;

    /// <summary>How many runs are read at once when all are looked at for tasks that stayed in the store. Default 5,000.</summary>
    public int RefillRuns { get; init; } = 5_000;

    /// <summary>How often queues without pollers and tasks are looked for and dropped. Default 1 min.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromMinutes(1);
}
