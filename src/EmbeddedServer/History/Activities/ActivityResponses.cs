using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History.Reads;
using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Activities;

/// <summary>What a worker gets with an activity task.</summary>
internal sealed class ActivityResponses(EventReader reader)
{
    public PollActivityTaskQueueResponse For(ExecutionState state, ActivityState activity)
    {
        var scheduled = reader.ReadOne(state, activity.ScheduledEventId).ActivityTaskScheduledEventAttributes;
        return new PollActivityTaskQueueResponse
        {
            TaskToken = TaskToken.ForActivity(state, activity).ToBytes(),
            WorkflowNamespace = state.Info.NamespaceName,
            WorkflowType = new WorkflowType { Name = state.Info.WorkflowType },
            WorkflowExecution = new WorkflowExecution { WorkflowId = state.Key.WorkflowId, RunId = state.Key.RunId },
            ActivityType = new ActivityType { Name = activity.Type },
            ActivityId = activity.ActivityId,
            Header = scheduled.Header,
            Input = scheduled.Input,
            HeartbeatDetails = activity.HeartbeatDetails,
            ScheduledTime = activity.FirstScheduledAt.ToProto(),
            CurrentAttemptScheduledTime = activity.ScheduledAt.ToProto(),
            StartedTime = activity.StartedAt.ToProto(),
            Attempt = activity.Attempt,

            // A worker is told what the workflow asked for, also when an operator has changed it since. Those of the TypeScript SDK refuse a
            // task without the first two, zero or not. Events of old leave zeros out.
            ScheduleToCloseTimeout = scheduled.ScheduleToCloseTimeout ?? new Duration(),
            StartToCloseTimeout = scheduled.StartToCloseTimeout ?? new Duration(),
            HeartbeatTimeout = scheduled.HeartbeatTimeout ?? new Duration(),
            RetryPolicy = activity.RetryPolicy,
            Priority = Merge(state.Priority, activity.Priority),
        };
    }

    /// <summary>A task that goes to the worker that asked for it with its commands. What priority its workflow has, that worker knows.</summary>
    public PollActivityTaskQueueResponse ForEager(ExecutionState state, ActivityState activity)
    {
        var response = For(state, activity);
        response.Priority = activity.Priority;
        return response;
    }

    /// <summary>What the command leaves out comes from the workflow.</summary>
    private static Priority? Merge(Priority? workflow, Priority? activity)
    {
        if (workflow is null || activity is null)
        {
            return activity ?? workflow;
        }

        return new Priority
        {
            PriorityKey = activity.PriorityKey != 0 ? activity.PriorityKey : workflow.PriorityKey,
            FairnessKey = activity.FairnessKey.Length > 0 ? activity.FairnessKey : workflow.FairnessKey,
            FairnessWeight = activity.FairnessWeight != 0 ? activity.FairnessWeight : workflow.FairnessWeight,
        };
    }
}
