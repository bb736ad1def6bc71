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
            State = StateOf(activity.Status),
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
            ActivityOptions = new ActivityOptions
            {
                TaskQueue = new TaskQueue { Name = activity.Queue, NormalName = activity.Queue },
                ScheduleToCloseTimeout = activity.ScheduleToCloseTimeout.ToLimit(),
                ScheduleToStartTimeout = activity.ScheduleToStartTimeout.ToLimit(),
                StartToCloseTimeout = activity.StartToCloseTimeout.ToLimit(),
                HeartbeatTimeout = activity.HeartbeatTimeout.ToProto(),
                RetryPolicy = activity.RetryPolicy,
            },
        };
        if (activity.Status == ActivityStatus.BackingOff && activity.LastAttemptCompletedAt is { } completed)
        {
            info.CurrentRetryInterval = (activity.ScheduledAt - completed).ToProto();
            info.NextAttemptScheduleTime = activity.ScheduledAt.ToProto();
        }

        return info;
    }

    private static PendingActivityState StateOf(ActivityStatus status) => status switch
    {
        ActivityStatus.Started => PendingActivityState.Started,
        ActivityStatus.CancelRequested => PendingActivityState.CancelRequested,
        _ => PendingActivityState.Scheduled,
    };
}
