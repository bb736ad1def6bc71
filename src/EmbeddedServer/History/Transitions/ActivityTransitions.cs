using static Temporalio.Api.Enums.V1.EventType;

namespace Onramp.EmbeddedServer.History.Transitions;

internal enum ActivityStatus
{
    /// <summary>Not scheduled yet.</summary>
    None,

    /// <summary>Waits in its task queue.</summary>
    Scheduled,

    /// <summary>Waits for its next attempt.</summary>
    BackingOff,

    Started,

    /// <summary>Started, and the worker is told to cancel with its next heartbeat.</summary>
    CancelRequested,

    Closed,

    /// <summary>No worker has it, and none gets it before it is unpaused. One that is paused while a worker has it is still with that worker.</summary>
    Paused,
}

internal enum ActivityTrigger
{
    Schedule,
    Start,

    /// <summary>The started task did not reach its worker.</summary>
    Return,
    Heartbeat,
    Complete,
    Retry,
    BackOffOver,
    Fail,
    TimeOut,
    RequestCancel,
    ConfirmCancel,
    Pause,
    Unpause,

    /// <summary>An attempt of a paused activity failed: it is tried again when it is unpaused.</summary>
    Park,

    /// <summary>Its attempts are counted anew.</summary>
    Reset,
    ChangeOptions,
}

/// <summary>
/// An activity's started event is written only with its closing event, so attempts that are retried leave no trace. One that no worker has
/// is canceled at once when cancellation is requested. Whether one that a worker has is paused is told by the state, not by the status.
/// </summary>
internal static class ActivityTransitions
{
    public static readonly TransitionTable<ActivityStatus, ActivityTrigger> Table = new(
        "activity",
        new(ActivityStatus.None, ActivityTrigger.Schedule, ActivityStatus.Scheduled, ActivityTaskScheduled),
        new(ActivityStatus.Scheduled, ActivityTrigger.Start, ActivityStatus.Started),
        new(ActivityStatus.Scheduled, ActivityTrigger.Complete, ActivityStatus.Closed, ActivityTaskStarted, ActivityTaskCompleted),
        new(ActivityStatus.Scheduled, ActivityTrigger.TimeOut, ActivityStatus.Closed, ActivityTaskTimedOut),
        new(ActivityStatus.Scheduled, ActivityTrigger.RequestCancel, ActivityStatus.Closed, ActivityTaskCancelRequested, ActivityTaskCanceled),
        new(ActivityStatus.Scheduled, ActivityTrigger.Pause, ActivityStatus.Paused),
        new(ActivityStatus.Scheduled, ActivityTrigger.Reset, ActivityStatus.BackingOff),
        new(ActivityStatus.Scheduled, ActivityTrigger.ChangeOptions, ActivityStatus.BackingOff),
        new(ActivityStatus.BackingOff, ActivityTrigger.BackOffOver, ActivityStatus.Scheduled),
        new(ActivityStatus.BackingOff, ActivityTrigger.Complete, ActivityStatus.Closed, ActivityTaskStarted, ActivityTaskCompleted),
        new(ActivityStatus.BackingOff, ActivityTrigger.RequestCancel, ActivityStatus.Closed, ActivityTaskCancelRequested, ActivityTaskCanceled),
        new(ActivityStatus.BackingOff, ActivityTrigger.Pause, ActivityStatus.Paused),
        new(ActivityStatus.BackingOff, ActivityTrigger.Reset, ActivityStatus.BackingOff),
        new(ActivityStatus.BackingOff, ActivityTrigger.ChangeOptions, ActivityStatus.BackingOff),
        new(ActivityStatus.Paused, ActivityTrigger.Unpause, ActivityStatus.BackingOff),
        new(ActivityStatus.Paused, ActivityTrigger.Reset, ActivityStatus.Paused),
        new(ActivityStatus.Paused, ActivityTrigger.ChangeOptions, ActivityStatus.Paused),
        new(ActivityStatus.Paused, ActivityTrigger.Complete, ActivityStatus.Closed, ActivityTaskStarted, ActivityTaskCompleted),
        new(ActivityStatus.Paused, ActivityTrigger.RequestCancel, ActivityStatus.Closed, ActivityTaskCancelRequested, ActivityTaskCanceled),
        new(ActivityStatus.Started, ActivityTrigger.Return, ActivityStatus.Scheduled),
        new(ActivityStatus.Started, ActivityTrigger.Heartbeat, ActivityStatus.Started),
        new(ActivityStatus.Started, ActivityTrigger.Complete, ActivityStatus.Closed, ActivityTaskStarted, ActivityTaskCompleted),
        new(ActivityStatus.Started, ActivityTrigger.Retry, ActivityStatus.BackingOff),
        new(ActivityStatus.Started, ActivityTrigger.Fail, ActivityStatus.Closed, ActivityTaskStarted, ActivityTaskFailed),
        new(ActivityStatus.Started, ActivityTrigger.TimeOut, ActivityStatus.Closed, ActivityTaskStarted, ActivityTaskTimedOut),
        new(ActivityStatus.Started, ActivityTrigger.RequestCancel, ActivityStatus.CancelRequested, ActivityTaskCancelRequested),
        new(ActivityStatus.Started, ActivityTrigger.Pause, ActivityStatus.Started),
        new(ActivityStatus.Started, ActivityTrigger.Unpause, ActivityStatus.Started),
        new(ActivityStatus.Started, ActivityTrigger.Park, ActivityStatus.Paused),
        new(ActivityStatus.Started, ActivityTrigger.Reset, ActivityStatus.Started),
        new(ActivityStatus.Started, ActivityTrigger.ChangeOptions, ActivityStatus.Started),
        new(ActivityStatus.CancelRequested, ActivityTrigger.Pause, ActivityStatus.CancelRequested),
        new(ActivityStatus.CancelRequested, ActivityTrigger.Unpause, ActivityStatus.CancelRequested),
        new(ActivityStatus.CancelRequested, ActivityTrigger.Reset, ActivityStatus.CancelRequested),
        new(ActivityStatus.CancelRequested, ActivityTrigger.ChangeOptions, ActivityStatus.CancelRequested),
        new(ActivityStatus.CancelRequested, ActivityTrigger.Heartbeat, ActivityStatus.CancelRequested),
        new(ActivityStatus.CancelRequested, ActivityTrigger.Complete, ActivityStatus.Closed, ActivityTaskStarted, ActivityTaskCompleted),
        new(ActivityStatus.CancelRequested, ActivityTrigger.Fail, ActivityStatus.Closed, ActivityTaskStarted, ActivityTaskFailed),
        new(ActivityStatus.CancelRequested, ActivityTrigger.TimeOut, ActivityStatus.Closed, ActivityTaskStarted, ActivityTaskTimedOut),
        new(ActivityStatus.CancelRequested, ActivityTrigger.ConfirmCancel, ActivityStatus.Closed, ActivityTaskStarted, ActivityTaskCanceled));
}
