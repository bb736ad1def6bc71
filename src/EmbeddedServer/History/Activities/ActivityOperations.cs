using Onramp.EmbeddedServer.History.Reads;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Activity.V1;

namespace Onramp.EmbeddedServer.History.Activities;

/// <summary>Who paused an activity, and why.</summary>
internal sealed record ActivityPause(string Identity, string Reason, string RequestId);

/// <summary>
/// What an operator does to a pending activity. None of it writes an event: history tells what the workflow asked for and what came of it. An
/// attempt that a worker has is never taken from it; the worker learns by its next heartbeat.
/// </summary>
internal sealed class ActivityOperations(EventReader reader, IIdSource ids)
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

        new ActivityStep(tx, activity) { Pause = pause }.Take(ActivityTrigger.Pause);
    }

    /// <summary>One that waits is offered to workers at once, or some time within the jitter; one that isn't paused is left alone.</summary>
    public void Unpause(ExecutionTransaction tx, ActivityState activity, bool resetAttempts, bool resetHeartbeat, TimeSpan jitter)
    {
        if (!activity.IsPaused)
        {
            return;
        }

        new ActivityStep(tx, activity).Take(ActivityTrigger.Unpause);
        if (resetAttempts)
        {
            activity.Attempt = 1;
        }

        if (resetHeartbeat)
        {
            ActivityEffects.ForgetHeartbeat(activity);
        }

        if (!activity.IsWithWorker)
        {
            ActivityEffects.PlanNext(tx, activity, Soon(tx, jitter), lastFailure: null);
        }
    }

    /// <summary>
    /// Attempts are counted anew. One that waits is offered to workers at once, or some time within the jitter, unless it stays paused. One that a worker has
    /// stays paused if it is.
    /// </summary>
    public void Reset(
        ExecutionTransaction tx, ActivityState activity, bool resetHeartbeat, bool keepPaused, bool restoreOptions, TimeSpan jitter)
    {
        if (restoreOptions)
        {
            tx.Activities.Change(activity);
            ActivityOptionsChange.Apply(activity, OriginalOptions(tx, activity));
        }

        if (activity.IsPaused && !keepPaused && activity.Status != ActivityStatus.Started)
        {
            new ActivityStep(tx, activity).Take(ActivityTrigger.Unpause);
        }

        new ActivityStep(tx, activity) { ForgetsHeartbeat = resetHeartbeat, NextAt = Soon(tx, jitter) }.Take(ActivityTrigger.Reset);
    }

    public static ActivityOptions ChangeOptions(ExecutionTransaction tx, ActivityState activity, ActivityOptionsChange options) =>
        ChangeOptions(tx, activity, options.MergedInto(activity));

    public ActivityOptions RestoreOptions(ExecutionTransaction tx, ActivityState activity) =>
        ChangeOptions(tx, activity, OriginalOptions(tx, activity));

    private static ActivityOptions ChangeOptions(ExecutionTransaction tx, ActivityState activity, ActivityOptions options)
    {
        new ActivityStep(tx, activity) { Options = options }.Take(ActivityTrigger.ChangeOptions);
        return ActivityOptionsChange.Of(activity);
    }

    private ActivityOptions OriginalOptions(ExecutionTransaction tx, ActivityState activity) =>
        ActivityOptionsChange.Original(reader.ReadOne(tx.State, activity.ScheduledEventId).ActivityTaskScheduledEventAttributes);

    private DateTimeOffset Soon(ExecutionTransaction tx, TimeSpan jitter) => tx.Now.Plus(jitter * ids.NextDouble());
}
