using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Activities;

/// <summary>
/// What happens to a pending activity, and the events of it. Its started event is written together with its closing one; the workflow is
/// woken by the caller. Which steps are legal is in <see cref="ActivityTransitions"/>.
/// </summary>
internal sealed class ActivityMachine(HistoryEngineOptions options)
{
    private const string NotEnoughTime = "Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying";

    public void Start(ExecutionTransaction tx, ActivityState activity, string identity, string requestId)
    {
        Take(tx, activity, ActivityTrigger.Start);
        activity.StartedAt = tx.Now;
        activity.StartedIdentity = identity;
        activity.RequestId = requestId;
        activity.LastWorkerIdentity = identity;
        if (activity.CancelRequestedEventId != 0)
        {
            // Asked for before a reset took it from the worker that had it.
            Take(tx, activity, ActivityTrigger.RequestCancel);
        }

        tx.ChangeActivity(activity);
    }

    /// <summary>The worker never saw it: the same attempt is offered again.</summary>
    public void Return(ExecutionTransaction tx, ActivityState activity)
    {
        Take(tx, activity, ActivityTrigger.Return);
        activity.StartedAt = null;
        activity.ScheduledAt = tx.Now;
        if (activity.IsPaused)
        {
            Take(tx, activity, ActivityTrigger.Pause);
            tx.ChangeActivity(activity);
            return;
        }

        tx.DispatchActivity(activity);
    }

    public void Heartbeat(ExecutionTransaction tx, ActivityState activity, Payloads? details)
    {
        Take(tx, activity, ActivityTrigger.Heartbeat);
        activity.HeartbeatDetails = details;
        activity.LastHeartbeatAt = tx.Now;
        tx.ChangeActivity(activity);
    }

    public void BackOffOver(ExecutionTransaction tx, ActivityState activity)
    {
        Take(tx, activity, ActivityTrigger.BackOffOver);
        tx.DispatchActivity(activity);
    }

    public void Complete(ExecutionTransaction tx, ActivityState activity, Payloads? result, string identity)
    {
        var neverStarted = !activity.IsWithWorker;
        Take(tx, activity, ActivityTrigger.Complete);
        if (neverStarted)
        {
            activity.StartedAt = tx.Now;
            activity.StartedIdentity = identity;
        }

        BufferStarted(tx, activity);
        var completed = tx.NewEvent(EventType.ActivityTaskCompleted);
        completed.ActivityTaskCompletedEventAttributes = new ActivityTaskCompletedEventAttributes
        {
            Result = result,
            ScheduledEventId = activity.ScheduledEventId,
            Identity = identity,
        };
        Close(tx, activity, completed);
    }

    /// <summary>An attempt failed: tried again later, or failed for good.</summary>
    /// <returns>Whether the workflow has to know.</returns>
    public bool Fail(ExecutionTransaction tx, ActivityState activity, Failure? failure, string identity)
    {
        var retryState = Evaluate(tx, activity, failure, out var interval);
        if (retryState == RetryState.InProgress)
        {
            Retry(tx, activity, failure, interval);
            return false;
        }

        Take(tx, activity, ActivityTrigger.Fail);
        BufferStarted(tx, activity);
        var failed = tx.NewEvent(EventType.ActivityTaskFailed);
        failed.ActivityTaskFailedEventAttributes = new ActivityTaskFailedEventAttributes
        {
            Failure = failure,
            ScheduledEventId = activity.ScheduledEventId,
            Identity = identity,
            RetryState = retryState,
        };
        Close(tx, activity, failed);
        return true;
    }

    /// <summary>A timeout is due: of an attempt that is tried again later, or for good.</summary>
    /// <returns>Whether the workflow has to know.</returns>
    public bool TimeOut(ExecutionTransaction tx, ActivityState activity, TimeoutType type)
    {
        var failure = TimeoutFailure($"activity {type} timeout", type);
        var retryState = RetryState.Timeout;
        if (type is TimeoutType.StartToClose or TimeoutType.Heartbeat)
        {
            retryState = Evaluate(tx, activity, failure, out var interval);
            if (retryState == RetryState.InProgress)
            {
                Retry(tx, activity, failure, interval);
                return false;
            }

            if (retryState == RetryState.Timeout)
            {
                // It is the activity's whole time that does not suffice.
                failure = TimeoutFailure(NotEnoughTime, TimeoutType.ScheduleToClose);
            }
        }

        failure.TimeoutFailureInfo.LastHeartbeatDetails = activity.HeartbeatDetails;
        failure.Cause = activity.LastFailure;
        var wasWithWorker = activity.IsWithWorker;
        Take(tx, activity, ActivityTrigger.TimeOut);
        if (wasWithWorker)
        {
            BufferStarted(tx, activity);
        }

        var timedOut = tx.NewEvent(EventType.ActivityTaskTimedOut);
        timedOut.ActivityTaskTimedOutEventAttributes = new ActivityTaskTimedOutEventAttributes
        {
            Failure = failure,
            ScheduledEventId = activity.ScheduledEventId,
            RetryState = retryState,
        };
        Close(tx, activity, timedOut);
        return true;
    }

    /// <summary>The workflow asks for cancellation. An activity that no worker has is canceled at once.</summary>
    /// <returns>Whether it was canceled at once.</returns>
    public bool RequestCancel(ExecutionTransaction tx, ActivityState activity, long requestedEventId, string identity, Payloads notStarted)
    {
        var wasWithWorker = activity.IsWithWorker;
        Take(tx, activity, ActivityTrigger.RequestCancel);
        activity.CancelRequestedEventId = requestedEventId;
        if (wasWithWorker)
        {
            tx.ChangeActivity(activity);
            return false;
        }

        BufferCanceled(tx, activity, notStarted, identity);
        return true;
    }

    public void ConfirmCancel(ExecutionTransaction tx, ActivityState activity, Payloads? details, string identity)
    {
        Take(tx, activity, ActivityTrigger.ConfirmCancel);
        BufferStarted(tx, activity);
        BufferCanceled(tx, activity, details, identity);
    }

    private static RetryState Evaluate(ExecutionTransaction tx, ActivityState activity, Failure? failure, out TimeSpan interval)
    {
        interval = TimeSpan.Zero;
        if (activity.Status == ActivityStatus.CancelRequested)
        {
            return RetryState.CancelRequested;
        }

        if (activity.IsPaused && RetryRules.IsRetryable(failure, activity.RetryPolicy))
        {
            return RetryState.InProgress;
        }

        return RetryRules.Evaluate(
            activity.RetryPolicy, failure, activity.CountedAttempt, tx.Now, activity.Expiration, capsRequestedDelay: false, out interval);
    }

    private void Retry(ExecutionTransaction tx, ActivityState activity, Failure? failure, TimeSpan interval)
    {
        CountNext(activity);
        activity.LastAttemptCompletedAt = tx.Now;
        activity.StartedAt = null;
        activity.StartedIdentity = "";
        activity.RequestId = "";
        if (activity.IsPaused)
        {
            Take(tx, activity, ActivityTrigger.Park);
            activity.LastFailure = Truncate(failure);
            tx.ChangeActivity(activity);
            return;
        }

        Take(tx, activity, ActivityTrigger.Retry);
        PlanNext(tx, activity, tx.Now.Plus(interval), Truncate(failure));
    }

    private static void CountNext(ActivityState activity)
    {
        activity.Round += activity.ForgivenAttempts > 0 ? 1 : 0;
        activity.Attempt = activity.CountedAttempt + 1;
        activity.ForgivenAttempts = 0;
    }

    /// <summary>When the next attempt of a waiting activity may begin; the other one is forgotten, and what was asked for it takes effect.</summary>
    public void PlanNext(ExecutionTransaction tx, ActivityState activity, DateTimeOffset at, Failure? lastFailure)
    {
        activity.ScheduledAt = at;
        activity.LastFailure = lastFailure;
        activity.IsReset = false;
        if (activity.ForgetsHeartbeat)
        {
            ForgetHeartbeat(activity);
        }

        tx.ChangeActivity(activity);
        if (activity.Status == ActivityStatus.BackingOff && at <= tx.Now)
        {
            BackOffOver(tx, activity);
        }
    }

    public static void ForgetHeartbeat(ActivityState activity)
    {
        activity.HeartbeatDetails = null;
        activity.LastHeartbeatAt = null;
        activity.ForgetsHeartbeat = false;
    }

    private static void BufferStarted(ExecutionTransaction tx, ActivityState activity)
    {
        var started = tx.NewEvent(EventType.ActivityTaskStarted);
        started.EventTime = activity.StartedAt!.Value.ToProto();
        started.ActivityTaskStartedEventAttributes = new ActivityTaskStartedEventAttributes
        {
            ScheduledEventId = activity.ScheduledEventId,
            Identity = activity.StartedIdentity,
            RequestId = activity.RequestId,
            Attempt = activity.Attempt,
            LastFailure = activity.LastFailure,
        };
        tx.BufferEvent(started);
    }

    private static void BufferCanceled(ExecutionTransaction tx, ActivityState activity, Payloads? details, string identity)
    {
        var canceled = tx.NewEvent(EventType.ActivityTaskCanceled);
        canceled.ActivityTaskCanceledEventAttributes = new ActivityTaskCanceledEventAttributes
        {
            Details = details,
            LatestCancelRequestedEventId = activity.CancelRequestedEventId,
            ScheduledEventId = activity.ScheduledEventId,
            Identity = identity,
        };
        Close(tx, activity, canceled);
    }

    private static void Close(ExecutionTransaction tx, ActivityState activity, HistoryEvent closing)
    {
        tx.BufferEvent(closing);
        tx.RemoveActivity(activity);
    }

    public static void Take(ExecutionTransaction tx, ActivityState activity, ActivityTrigger trigger) =>
        activity.Status = tx.Take(ActivityTransitions.Table, activity.Status, trigger);

    private static Failure TimeoutFailure(string message, TimeoutType type) => new()
    {
        Message = message,
        Source = "Server",
        TimeoutFailureInfo = new TimeoutFailureInfo { TimeoutType = type },
    };

    /// <summary>A failure that is kept only to be shown is kept short.</summary>
    private Failure? Truncate(Failure? failure)
    {
        var size = failure?.CalculateSize() ?? 0;
        if (failure is null || size <= options.MaximumKeptFailureBytes)
        {
            return failure;
        }

        var kept = failure.Message.Length > options.MaximumKeptFailureBytes / 2 ? failure.Message[..(options.MaximumKeptFailureBytes / 2)] : failure.Message;
        return new Failure
        {
            Message = $"Failure exceeds size limit for activity state. Failure size: {size}, Original failure message: {kept}",
            Source = failure.Source,
            ServerFailureInfo = new ServerFailureInfo(),
        };
    }
}
