using Onramp.EmbeddedServer.History.Reads;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;

namespace Onramp.EmbeddedServer.History.Activities;

/// <summary>Who paused an activity, and why.</summary>
internal sealed record ActivityPause(string Identity, string Reason, string RequestId);

/// <summary>
/// What an operator does to a pending activity. None of it writes an event: history tells what the workflow asked for and what came of it. An
/// attempt that a worker has is never taken from it; the worker learns by its next heartbeat.
/// </summary>
internal sealed class ActivityOperations(ActivityMachine activities, EventReader reader, IIdSource ids)
{
    /// <exception cref="RefusalException">FAILED_PRECONDITION: it is paused already, by another request.</exception>
    public static void Pause(ExecutionTransaction tx, ActivityState activity, ActivityPause pause)
    {
        if (activity.IsPaused)
        {
            if (activity.PauseRequestId == pause.RequestId)
            {
                return;
            }

            throw Errors.FailedPrecondition("activity is already paused");
        }

        ActivityMachine.Take(tx, activity, ActivityTrigger.Pause);
        activity.PausedAt = tx.Now;
        activity.PausedBy = pause.Identity;
        activity.PauseReason = pause.Reason;
        activity.PauseRequestId = pause.RequestId;
        tx.ChangeActivity(activity);
        PausedActivityTypes.Show(tx);
    }

    /// <summary>One that waits is offered to workers at once, or some time within the jitter; one that isn't paused is left alone.</summary>
    public void Unpause(ExecutionTransaction tx, ActivityState activity, bool resetAttempts, bool resetHeartbeat, TimeSpan jitter)
    {
        if (!activity.IsPaused)
        {
            return;
        }

        EndPause(tx, activity);
        if (resetAttempts)
        {
            CountAnew(activity);
        }

        if (resetHeartbeat)
        {
            ActivityMachine.ForgetHeartbeat(activity);
        }

        if (!activity.IsWithWorker)
        {
            activities.PlanNext(tx, activity, Soon(tx, jitter), lastFailure: null);
        }
    }

    /// <summary>Attempts are counted anew. One that waits is offered to workers at once, or some time within the jitter, unless it stays paused.</summary>
    public void Reset(
        ExecutionTransaction tx, ActivityState activity, bool resetHeartbeat, bool keepPaused, bool restoreOptions, TimeSpan jitter)
    {
        if (restoreOptions)
        {
            tx.ChangeActivity(activity);
            ActivityOptionsChange.Apply(activity, OriginalOptions(tx, activity));
        }

        if (activity.IsPaused && !keepPaused)
        {
            EndPause(tx, activity);
        }

        ActivityMachine.Take(tx, activity, ActivityTrigger.Reset);
        CountAnew(activity);
        activity.IsReset = true;
        activity.ForgetsHeartbeat |= resetHeartbeat;
        tx.ChangeActivity(activity);
        if (activity.Status == ActivityStatus.BackingOff)
        {
            activities.PlanNext(tx, activity, Soon(tx, jitter), lastFailure: null);
        }
    }

    /// <summary>One that waits for its next attempt waits as the new options say, counted from the last one.</summary>
    public void ChangeOptions(ExecutionTransaction tx, ActivityState activity, ActivityOptionsChange options) =>
        ChangeOptions(tx, activity, options.MergedInto(tx.State, activity));

    public void RestoreOptions(ExecutionTransaction tx, ActivityState activity) => ChangeOptions(tx, activity, OriginalOptions(tx, activity));

    private void ChangeOptions(ExecutionTransaction tx, ActivityState activity, Temporalio.Api.Activity.V1.ActivityOptions options)
    {
        ActivityMachine.Take(tx, activity, ActivityTrigger.ChangeOptions);
        ActivityOptionsChange.Apply(activity, options);
        tx.ChangeActivity(activity);
        Replan(tx, activity);
    }

    private void Replan(ExecutionTransaction tx, ActivityState activity)
    {
        if (activity.IsWithWorker)
        {
            return;
        }

        var at = activity.ScheduledAt;
        if (activity.Attempt > 1 && activity.LastAttemptCompletedAt is { } completed)
        {
            at = completed.Plus(RetryRules.Interval(activity.RetryPolicy, activity.Attempt));
        }

        activities.PlanNext(tx, activity, at, lastFailure: null);
    }

    private Temporalio.Api.Activity.V1.ActivityOptions OriginalOptions(ExecutionTransaction tx, ActivityState activity) =>
        ActivityOptionsChange.Original(reader.ReadOne(tx.State, activity.ScheduledEventId).ActivityTaskScheduledEventAttributes);

    private static void EndPause(ExecutionTransaction tx, ActivityState activity)
    {
        ActivityMachine.Take(tx, activity, ActivityTrigger.Unpause);
        activity.PausedAt = null;
        activity.PausedBy = "";
        activity.PauseReason = "";
        activity.PauseRequestId = "";
        tx.ChangeActivity(activity);
        PausedActivityTypes.Show(tx);
    }

    /// <summary>What a worker has keeps its number, so that its answers are still known; it counts as the first attempt.</summary>
    private static void CountAnew(ActivityState activity)
    {
        if (activity.IsWithWorker)
        {
            activity.ForgivenAttempts = activity.Attempt - 1;
        }
        else if (activity.Attempt > 1)
        {
            activity.Attempt = 1;
            activity.Round++;
        }
    }

    private DateTimeOffset Soon(ExecutionTransaction tx, TimeSpan jitter) => tx.Now.Plus(jitter * ids.NextDouble());
}
