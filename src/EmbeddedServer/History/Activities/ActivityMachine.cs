using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;

namespace Onramp.EmbeddedServer.History.Activities;

/// <summary>
/// Decides what an attempt's failure or timeout means for its activity. What happens then, and which steps are legal, is in
/// <see cref="ActivityTransitions"/>; the workflow is woken by the caller.
/// </summary>
internal sealed class ActivityMachine(HistoryEngineOptions options)
{
    private const string NotEnoughTime = "Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying";

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

        new ActivityStep(tx, activity) { Failure = failure, RetryState = retryState, Identity = identity }.Take(ActivityTrigger.Fail);
        return true;
    }

    /// <summary>A timeout is due: of an attempt that is tried again later, or for good.</summary>
    /// <returns>Whether the workflow has to know.</returns>
    public bool TimeOut(ExecutionTransaction tx, ActivityState activity, TimeoutType type)
    {
        var failure = TimeoutFailure($"activity {type} timeout", type);
        var retryState = Evaluate(tx, activity, failure, out var interval);
        if (retryState == RetryState.InProgress)
        {
            Retry(tx, activity, failure, interval);
            return false;
        }

        if (retryState == RetryState.Timeout && type != TimeoutType.ScheduleToStart)
        {
            // It is the activity's whole time that does not suffice.
            failure = TimeoutFailure(NotEnoughTime, TimeoutType.ScheduleToClose);
        }

        failure.TimeoutFailureInfo.LastHeartbeatDetails = activity.HeartbeatDetails;
        failure.Cause = activity.LastFailure;
        new ActivityStep(tx, activity) { Failure = failure, RetryState = retryState }.Take(ActivityTrigger.TimeOut);
        return true;
    }

    private static RetryState Evaluate(ExecutionTransaction tx, ActivityState activity, Failure? failure, out TimeSpan interval)
    {
        interval = TimeSpan.Zero;
        if (activity.Status == ActivityStatus.CancelRequested)
        {
            return RetryState.CancelRequested;
        }

        if (failure?.TimeoutFailureInfo?.TimeoutType is TimeoutType.ScheduleToStart or TimeoutType.ScheduleToClose)
        {
            // A limit of the server's, and no attempt that failed.
            return RetryState.Timeout;
        }

        if (activity.IsPaused && RetryRules.IsRetryable(failure, activity.RetryPolicy))
        {
            return RetryState.InProgress;
        }

        return RetryRules.Evaluate(
            activity.RetryPolicy, failure, activity.Attempt, tx.Now, activity.Expiration, RequestedDelay.Prevails, out interval);
    }

    private void Retry(ExecutionTransaction tx, ActivityState activity, Failure? failure, TimeSpan interval) =>
        new ActivityStep(tx, activity) { Failure = Truncate(failure), NextAt = tx.Now.Plus(interval) }
            .Take(activity.IsPaused ? ActivityTrigger.Park : ActivityTrigger.Retry);

    private static Failure TimeoutFailure(string message, TimeoutType type) => new()
    {
        Message = message,
        Source = "Server",
        TimeoutFailureInfo = new TimeoutFailureInfo { TimeoutType = type },
    };

    /// <summary>A failure that is kept only to be shown is kept short.</summary>
    private Failure? Truncate(Failure? failure) =>
        failure is null || failure.CalculateSize() <= options.MaximumKeptFailureBytes
            ? failure
            : new Failure
            {
                Message = FailureTruncation.TooLarge,
                Cause = FailureTruncation.Truncate(failure, options.MaximumKeptFailureBytes),
                ServerFailureInfo = new ServerFailureInfo(),
            };
}
