using Onramp.EmbeddedServer.History.Activities;
using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Activity.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
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

    /// <summary>The same of a paused activity.</summary>
    ReturnPaused,
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

/// <summary>What happens to a pending activity, and what it brings along; what a step has no use for is left out.</summary>
internal sealed record ActivityStep(ExecutionTransaction Tx, ActivityState Activity)
{
    /// <summary>Who says so.</summary>
    public string Identity { get; init; } = "";

    /// <summary>Of the poll that gets it.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>A result, or the details of a heartbeat or a cancellation.</summary>
    public Payloads? Payloads { get; init; }

    public Failure? Failure { get; init; }

    /// <summary>Why it is not tried again.</summary>
    public RetryState RetryState { get; init; }

    /// <summary>When the next attempt may begin.</summary>
    public DateTimeOffset NextAt { get; init; }

    /// <summary>The event by which the workflow asked for cancellation.</summary>
    public long RequestedEventId { get; init; }

    public ActivityPause? Pause { get; init; }

    public ActivityOptions? Options { get; init; }

    /// <summary>The next attempt is to begin without heartbeat details.</summary>
    public bool ForgetsHeartbeat { get; init; }

    public void Take(ActivityTrigger trigger) => Tx.Fire(ActivityTransitions.Table, Activity.Status, trigger, this);
}

/// <summary>
/// An activity's started event is written only with its closing event, so attempts that are retried leave no trace. One that no worker has
/// is canceled at once when cancellation is requested. Whether one that a worker has is paused is told by the state, not by the status.
/// </summary>
internal static class ActivityTransitions
{
    private static readonly ActivityStatus[] Waiting = [ActivityStatus.Scheduled, ActivityStatus.BackingOff];
    private static readonly ActivityStatus[] WithNobody = [.. Waiting, ActivityStatus.Paused];
    private static readonly ActivityStatus[] WithWorker = [ActivityStatus.Started, ActivityStatus.CancelRequested];

    public static readonly TransitionTable<ActivityStatus, ActivityTrigger, ActivityStep> Table = new(
        "activity", enter: static (step, status) => step.Activity.Status = status,
        new([ActivityStatus.None], ActivityTrigger.Schedule, ActivityStatus.Scheduled, ActivityEffects.Add, ActivityTaskScheduled),
        new([ActivityStatus.Scheduled], ActivityTrigger.Start, ActivityStatus.Started, ActivityEffects.Begin),
        new([ActivityStatus.Started], ActivityTrigger.Return, ActivityStatus.Scheduled, ActivityEffects.OfferAgain),
        new([ActivityStatus.Started], ActivityTrigger.ReturnPaused, ActivityStatus.Paused, ActivityEffects.TakeBack),
        new(WithWorker, ActivityTrigger.Heartbeat, null, ActivityEffects.KeepHeartbeat),
        new(WithNobody, ActivityTrigger.Complete, ActivityStatus.Closed, ActivityEffects.CompleteUnstarted, ActivityTaskStarted, ActivityTaskCompleted),
        new(WithWorker, ActivityTrigger.Complete, ActivityStatus.Closed, ActivityEffects.Complete, ActivityTaskStarted, ActivityTaskCompleted),
        new([ActivityStatus.Started], ActivityTrigger.Retry, ActivityStatus.BackingOff, ActivityEffects.BackOff),
        new([ActivityStatus.Started], ActivityTrigger.Park, ActivityStatus.Paused, ActivityEffects.Park),
        new([ActivityStatus.BackingOff], ActivityTrigger.BackOffOver, ActivityStatus.Scheduled, ActivityEffects.Offer),
        new(WithWorker, ActivityTrigger.Fail, ActivityStatus.Closed, ActivityEffects.Fail, ActivityTaskStarted, ActivityTaskFailed),
        new([ActivityStatus.Scheduled], ActivityTrigger.TimeOut, ActivityStatus.Closed, ActivityEffects.TimeOutUnstarted, ActivityTaskTimedOut),
        new(WithWorker, ActivityTrigger.TimeOut, ActivityStatus.Closed, ActivityEffects.TimeOut, ActivityTaskStarted, ActivityTaskTimedOut),
        new(WithNobody, ActivityTrigger.RequestCancel, ActivityStatus.Closed, ActivityEffects.CancelAtOnce, ActivityTaskCancelRequested, ActivityTaskCanceled),
        new([ActivityStatus.Started], ActivityTrigger.RequestCancel, ActivityStatus.CancelRequested, ActivityEffects.KeepRequest, ActivityTaskCancelRequested),
        new([ActivityStatus.Closed], ActivityTrigger.RequestCancel, ActivityStatus.Closed, static _ => { }, ActivityTaskCancelRequested),
        new([ActivityStatus.CancelRequested], ActivityTrigger.ConfirmCancel, ActivityStatus.Closed, ActivityEffects.Cancel, ActivityTaskStarted, ActivityTaskCanceled),
        new(Waiting, ActivityTrigger.Pause, ActivityStatus.Paused, ActivityEffects.Pause),
        new(WithWorker, ActivityTrigger.Pause, null, ActivityEffects.Pause),
        new([ActivityStatus.Paused], ActivityTrigger.Unpause, ActivityStatus.BackingOff, ActivityEffects.EndPause),
        new(WithWorker, ActivityTrigger.Unpause, null, ActivityEffects.EndPause),
        new(Waiting, ActivityTrigger.Reset, ActivityStatus.BackingOff, ActivityEffects.ResetWaiting),
        new([ActivityStatus.Paused, .. WithWorker], ActivityTrigger.Reset, null, ActivityEffects.Reset),
        new(Waiting, ActivityTrigger.ChangeOptions, ActivityStatus.BackingOff, ActivityEffects.ChangeOptionsOfWaiting),
        new([ActivityStatus.Paused], ActivityTrigger.ChangeOptions, null, ActivityEffects.ChangeOptionsOfWaiting),
        new(WithWorker, ActivityTrigger.ChangeOptions, null, ActivityEffects.ChangeOptions));
}
