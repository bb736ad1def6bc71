using Onramp.EmbeddedServer.History.Activities;
using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Transitions;

/// <summary>What the rows of <see cref="ActivityTransitions"/> do, once the activity has its new status.</summary>
internal static class ActivityEffects
{
    public static void Add(ActivityStep step) => step.Tx.Activities.Add(step.Activity);

    public static void Begin(ActivityStep step)
    {
        var activity = step.Activity;
        activity.StartedAt = step.Tx.Now;
        activity.StartedIdentity = step.Identity;
        activity.RequestId = step.RequestId;
        activity.LastWorkerIdentity = step.Identity;
        step.Tx.Activities.Change(activity);
        if (activity.CancelRequestedEventId != 0)
        {
            // Asked for before a reset took it from the worker that had it.
            (step with { RequestedEventId = activity.CancelRequestedEventId }).Take(ActivityTrigger.RequestCancel);
        }
    }

    /// <summary>The same attempt is to begin, as if it had just been scheduled.</summary>
    public static void TakeBack(ActivityStep step)
    {
        step.Activity.StartedAt = null;
        step.Activity.ScheduledAt = step.Tx.Now;
        step.Tx.Activities.Change(step.Activity);
    }

    public static void OfferAgain(ActivityStep step)
    {
        TakeBack(step);
        Offer(step);
    }

    public static void Offer(ActivityStep step) => step.Tx.DispatchActivity(step.Activity);

    public static void KeepHeartbeat(ActivityStep step)
    {
        step.Activity.HeartbeatDetails = step.Payloads;
        step.Activity.LastHeartbeatAt = step.Tx.Now;
        if (step.Activity.LastWorkerIdentity.Length == 0)
        {
            // A worker that did not say who it is when it polled may say so later.
            step.Activity.LastWorkerIdentity = step.Identity;
        }

        step.Tx.Activities.Change(step.Activity);
    }

    /// <summary>By somebody who isn't its worker, and to whom it is as if he were.</summary>
    public static void CompleteUnstarted(ActivityStep step)
    {
        step.Activity.StartedAt = step.Tx.Now;
        step.Activity.StartedIdentity = step.Identity;
        Complete(step);
    }

    public static void Complete(ActivityStep step)
    {
        WriteStarted(step);
        var completed = step.Tx.NewEvent(EventType.ActivityTaskCompleted);
        completed.ActivityTaskCompletedEventAttributes = new ActivityTaskCompletedEventAttributes
        {
            Result = step.Payloads,
            ScheduledEventId = step.Activity.ScheduledEventId,
            Identity = step.Identity,
        };
        Close(step, completed);
    }

    public static void Fail(ActivityStep step)
    {
        WriteStarted(step);
        var failed = step.Tx.NewEvent(EventType.ActivityTaskFailed);
        failed.ActivityTaskFailedEventAttributes = new ActivityTaskFailedEventAttributes
        {
            Failure = step.Failure,
            ScheduledEventId = step.Activity.ScheduledEventId,
            Identity = step.Identity,
            RetryState = step.RetryState,
        };
        Close(step, failed);
    }

    public static void TimeOut(ActivityStep step)
    {
        WriteStarted(step);
        TimeOutUnstarted(step);
    }

    public static void TimeOutUnstarted(ActivityStep step)
    {
        var timedOut = step.Tx.NewEvent(EventType.ActivityTaskTimedOut);
        timedOut.ActivityTaskTimedOutEventAttributes = new ActivityTaskTimedOutEventAttributes
        {
            Failure = step.Failure,
            ScheduledEventId = step.Activity.ScheduledEventId,
            RetryState = step.RetryState,
        };
        Close(step, timedOut);
    }

    /// <summary>Its worker is told with its next heartbeat.</summary>
    public static void KeepRequest(ActivityStep step)
    {
        step.Activity.CancelRequestedEventId = step.RequestedEventId;
        step.Tx.Activities.Change(step.Activity);
    }

    public static void CancelAtOnce(ActivityStep step)
    {
        step.Activity.CancelRequestedEventId = step.RequestedEventId;
        CloseCanceled(step);
    }

    public static void Cancel(ActivityStep step)
    {
        WriteStarted(step);
        CloseCanceled(step);
    }

    public static void BackOff(ActivityStep step)
    {
        EndAttempt(step);
        PlanNext(step.Tx, step.Activity, step.NextAt, step.Failure);
    }

    public static void Park(ActivityStep step)
    {
        EndAttempt(step);
        step.Activity.LastFailure = step.Failure;
        step.Tx.Activities.Change(step.Activity);
    }

    public static void Pause(ActivityStep step)
    {
        var activity = step.Activity;
        activity.PausedAt = step.Tx.Now;
        activity.PausedBy = step.Pause!.Identity;
        activity.PauseReason = step.Pause.Reason;
        activity.PauseRequestId = step.Pause.RequestId;
        step.Tx.Activities.Change(activity);
        PausedActivityTypes.Show(step.Tx);
    }

    public static void EndPause(ActivityStep step)
    {
        var activity = step.Activity;
        activity.PausedAt = null;
        activity.PausedBy = "";
        activity.PauseReason = "";
        activity.PauseRequestId = "";
        step.Tx.Activities.Change(activity);
        PausedActivityTypes.Show(step.Tx);
    }

    public static void Reset(ActivityStep step)
    {
        step.Activity.Attempt = 1;
        step.Activity.IsReset = true;
        step.Activity.ForgetsHeartbeat |= step.ForgetsHeartbeat;
        step.Tx.Activities.Change(step.Activity);
    }

    public static void ResetWaiting(ActivityStep step)
    {
        Reset(step);
        PlanNext(step.Tx, step.Activity, step.NextAt, lastFailure: null);
    }

    public static void ChangeOptions(ActivityStep step)
    {
        ActivityOptionsChange.Apply(step.Activity, step.Options!);
        step.Tx.Activities.Change(step.Activity);
    }

    /// <summary>One that waits for its next attempt waits as the new options say, counted from the last one.</summary>
    public static void ChangeOptionsOfWaiting(ActivityStep step)
    {
        ChangeOptions(step);
        var activity = step.Activity;
        var interval = RetryRules.Interval(activity.RetryPolicy, activity.Attempt);
        var at = activity.Attempt > 1 && interval > TimeSpan.Zero && activity.LastAttemptCompletedAt is { } completed
            ? completed.Plus(interval)
            : activity.ScheduledAt;
        PlanNext(step.Tx, activity, at, lastFailure: null);
    }

    /// <summary>When the next attempt of a waiting activity may begin; the other one is forgotten, and what was asked for it takes effect.</summary>
    public static void PlanNext(ExecutionTransaction tx, ActivityState activity, DateTimeOffset at, Failure? lastFailure)
    {
        activity.ScheduledAt = at;
        activity.LastFailure = lastFailure;
        activity.IsReset = false;
        if (activity.ForgetsHeartbeat)
        {
            ForgetHeartbeat(activity);
        }

        tx.Activities.Change(activity);
        if (activity.Status == ActivityStatus.BackingOff && at <= tx.Now)
        {
            new ActivityStep(tx, activity).Take(ActivityTrigger.BackOffOver);
        }
    }

    public static void ForgetHeartbeat(ActivityState activity)
    {
        activity.HeartbeatDetails = null;
        activity.LastHeartbeatAt = null;
        activity.ForgetsHeartbeat = false;
    }

    private static void EndAttempt(ActivityStep step)
    {
        var activity = step.Activity;
        activity.Attempt++;
        activity.LastAttemptCompletedAt = step.Tx.Now;
        activity.StartedAt = null;
        activity.StartedIdentity = "";
        activity.RequestId = "";
    }

    private static void WriteStarted(ActivityStep step)
    {
        var activity = step.Activity;
        var started = step.Tx.NewEvent(EventType.ActivityTaskStarted);
        started.EventTime = activity.StartedAt!.Value.ToProto();
        started.ActivityTaskStartedEventAttributes = new ActivityTaskStartedEventAttributes
        {
            ScheduledEventId = activity.ScheduledEventId,
            Identity = activity.StartedIdentity,
            RequestId = activity.RequestId,
            Attempt = activity.Attempt,
            LastFailure = activity.LastFailure,
        };
        step.Tx.BufferEvent(started);
    }

    private static void CloseCanceled(ActivityStep step)
    {
        var canceled = step.Tx.NewEvent(EventType.ActivityTaskCanceled);
        canceled.ActivityTaskCanceledEventAttributes = new ActivityTaskCanceledEventAttributes
        {
            Details = step.Payloads,
            LatestCancelRequestedEventId = step.Activity.CancelRequestedEventId,
            ScheduledEventId = step.Activity.ScheduledEventId,
            Identity = step.Identity,
        };
        Close(step, canceled);
    }

    private static void Close(ActivityStep step, HistoryEvent closing)
    {
        step.Tx.BufferEvent(closing);
        step.Tx.Activities.Remove(step.Activity.ScheduledEventId);
    }
}
