namespace Temporalio.Workflows;

/// <summary>What happens to an activity when the cancellation token it was started with is cancelled.</summary>
public enum ActivityCancellationType
{
    /// <summary>Ask the activity to cancel, and throw the cancellation in the workflow at once.</summary>
    TryCancel = 0,

    /// <summary>Ask the activity to cancel, and wait until it has ended.</summary>
    WaitCancellationCompleted = 1,

    /// <summary>Leave the activity alone, and throw the cancellation in the workflow at once.</summary>
    Abandon = 2,
}

/// <summary>What happens when a workflow ends while a handler still runs.</summary>
public enum HandlerUnfinishedPolicy
{
    /// <summary>Log a warning and give the handler up.</summary>
    WarnAndAbandon = 0,

    /// <summary>Give the handler up silently.</summary>
    Abandon = 1,
}

/// <summary>Which worker build a task that the workflow starts should go to.</summary>
public enum VersioningIntent
{
    /// <summary>The server's default for the kind of task.</summary>
    Unspecified = 0,

    /// <summary>A build compatible with the one of this workflow.</summary>
    Compatible = 1,

    /// <summary>The task queue's current default build.</summary>
    CurrentDefault = 2,
}

/// <summary>Why the server suggests to continue as new.</summary>
public enum SuggestContinueAsNewReason
{
    /// <summary>No reason known here.</summary>
    Unspecified = 0,

    /// <summary>The history takes too many bytes.</summary>
    HistorySizeTooLarge = 1,

    /// <summary>The history has too many events.</summary>
    TooManyHistoryEvents = 2,

    /// <summary>The run has had too many updates.</summary>
    TooManyUpdates = 3,
}
