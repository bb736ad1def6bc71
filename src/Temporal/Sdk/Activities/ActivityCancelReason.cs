namespace Temporalio.Activities;

/// <summary>Why an activity was told to stop.</summary>
public enum ActivityCancelReason
{
    /// <summary>It was not.</summary>
    None = 0,

    /// <summary>The server no longer knows it: it timed out or its workflow closed.</summary>
    GoneFromServer = 1,

    /// <summary>Its workflow, or its owner, asked for it.</summary>
    CancelRequested = 2,

    /// <summary>It ran out of time.</summary>
    Timeout = 3,

    /// <summary>The worker is shutting down and the grace period is over.</summary>
    WorkerShutdown = 4,

    /// <summary>A heartbeat could not be recorded.</summary>
    HeartbeatRecordFailure = 5,

    /// <summary>It was paused.</summary>
    Paused = 6,

    /// <summary>It was reset.</summary>
    Reset = 7,
}

/// <summary>Everything that holds about a cancellation; several may at once.</summary>
public record ActivityCancellationDetails
{
    /// <summary>The server no longer knows the activity.</summary>
    public bool IsGoneFromServer { get; init; }

    /// <summary>Cancellation was asked for.</summary>
    public bool IsCancelRequested { get; init; }

    /// <summary>It ran out of time.</summary>
    public bool IsTimedOut { get; init; }

    /// <summary>The worker is shutting down.</summary>
    public bool IsWorkerShutdown { get; init; }

    /// <summary>A heartbeat could not be recorded.</summary>
    public bool IsHeartbeatRecordFailure { get; init; }

    /// <summary>It was paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>It was reset.</summary>
    public bool IsReset { get; init; }
}
