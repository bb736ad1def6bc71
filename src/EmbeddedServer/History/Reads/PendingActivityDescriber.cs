using Onramp.EmbeddedServer.History.Activities;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Activity.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.Workflow.V1;

namespace Onramp.EmbeddedServer.History.Reads;

/// <summary>A pending activity as DescribeWorkflowExecution shows it.</summary>
internal static class PendingActivityDescriber
{
    public static PendingActivityInfo Describe(ActivityState activity)
    {
        var info = new PendingActivityInfo
        {
            ActivityId = activity.ActivityId,
            ActivityType = new ActivityType { Name = activity.Type },
            State = StateOf(activity),
            HeartbeatDetails = activity.HeartbeatDetails,
            LastHeartbeatTime = activity.LastHeartbeatAt.ToProto(),
            LastStartedTime = activity.StartedAt.ToProto(),
            Attempt = activity.Attempt,
            MaximumAttempts = activity.RetryPolicy.MaximumAttempts,
            ScheduledTime = activity.ScheduledAt.ToProto(),
            ExpirationTime = activity.Expiration.ToProto(),
            LastFailure = activity.LastFailure,
            LastWorkerIdentity = activity.LastWorkerIdentity,
            LastAttemptCompleteTime = activity.LastAttemptCompletedAt.ToProto(),
            Priority = activity.Priority,
            Paused = activity.IsPaused,
            PauseInfo = PauseOf(activity),
            ActivityOptions = new ActivityOptions
            {
                TaskQueue = new TaskQueue { Name = activity.Queue, NormalName = activity.Queue },
                ScheduleToCloseTimeout = activity.ScheduleToCloseTimeout.ToProto(),
                ScheduleToStartTimeout = activity.ScheduleToStartTimeout.ToProto(),
                StartToCloseTimeout = activity.StartToCloseTimeout.ToProto(),
                HeartbeatTimeout = activity.HeartbeatTimeout.ToProto(),
                RetryPolicy = ActivityOptionsChange.WithoutErrorTypes(activity.RetryPolicy),
                Priority = activity.Priority,
            },
        };
        if (activity.Status == ActivityStatus.BackingOff)
        {
            info.CurrentRetryInterval = activity.LastAttemptCompletedAt is { } completed ? (activity.ScheduledAt - completed).ToProto() : null;
            info.NextAttemptScheduleTime = activity.ScheduledAt.ToProto();
        }

        return info;
    }

    private static PendingActivityInfo.Types.PauseInfo? PauseOf(ActivityState activity) => activity.IsPaused
        ? new PendingActivityInfo.Types.PauseInfo
        {
            PauseTime = activity.PausedAt.ToProto(),
            Manual = new PendingActivityInfo.Types.PauseInfo.Types.Manual { Identity = activity.PausedBy, Reason = activity.PauseReason },
        }
        : null;

    private static PendingActivityState StateOf(ActivityState activity) => activity.Status switch
    {
        ActivityStatus.Started when activity.IsPaused => PendingActivityState.PauseRequested,
        ActivityStatus.Started => PendingActivityState.Started,
        ActivityStatus.Paused => PendingActivityState.Paused,
        ActivityStatus.CancelRequested => PendingActivityState.CancelRequested,
        _ when activity.CancelRequestedEventId != 0 => PendingActivityState.CancelRequested,
        _ => PendingActivityState.Scheduled,
    };
}
