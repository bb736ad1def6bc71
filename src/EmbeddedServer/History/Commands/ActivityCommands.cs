using Google.Protobuf;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.History.Commands;

/// <summary>SCHEDULE_ACTIVITY_TASK and REQUEST_CANCEL_ACTIVITY_TASK.</summary>
internal sealed class ActivityCommands(CommandLimits limits, HistoryEngineOptions options)
{
    private const WorkflowTaskFailedCause Bad = WorkflowTaskFailedCause.BadScheduleActivityAttributes;

    private static readonly Payloads NotStarted = new()
    {
        Payloads_ =
        {
            new Payload
            {
                Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
                Data = ByteString.CopyFromUtf8("\"ACTIVITY_ID_NOT_STARTED\""),
            },
        },
    };

    public void Schedule(CommandContext context, Command command)
    {
        var attributes = CommandContext.Require(
            command.ScheduleActivityTaskCommandAttributes, "ScheduleActivityTaskCommandAttributes", "ScheduleActivityTaskCommand", Bad);
        var retryPolicy = RetryRules.WithDefaults(attributes.RetryPolicy);
        Check(attributes, retryPolicy, context.State.Info.TaskQueue);
        var timeouts = ActivityTimeouts.Normalize(attributes, context.State.Info.RunTimeout);
        if (attributes.UseWorkflowBuildId && attributes.TaskQueue.Name != context.State.Info.TaskQueue)
        {
            throw new CommandFailedException(Bad, "Activity with UseCompatibleVersion cannot run on different task queue.");
        }

        limits.RequireBlob(attributes.Input, Bad, "ScheduleActivityTaskCommandAttributes.Input");
        if (context.State.Activities.Count >= options.MaximumPendingActivities)
        {
            throw new CommandFailedException(
                WorkflowTaskFailedCause.PendingActivitiesLimitExceeded,
                $"the number of pending activities, {context.State.Activities.Count}, has reached the per-workflow limit of {options.MaximumPendingActivities}");
        }

        if (context.State.FindActivity(attributes.ActivityId) is not null)
        {
            throw new CommandFailedException(
                WorkflowTaskFailedCause.ScheduleActivityDuplicateId,
                $"invalid history builder state for action: add-activitytask-scheduled-event, ActivityID: {attributes.ActivityId}");
        }

        var scheduled = context.NewEvent(EventType.ActivityTaskScheduled, command);
        scheduled.ActivityTaskScheduledEventAttributes = new ActivityTaskScheduledEventAttributes
        {
            ActivityId = attributes.ActivityId,
            ActivityType = attributes.ActivityType,
            TaskQueue = new TaskQueue { Name = attributes.TaskQueue.Name, Kind = TaskQueueKind.Normal },
            Header = attributes.Header,
            Input = attributes.Input,
            ScheduleToCloseTimeout = timeouts.ScheduleToClose.ToProto(),
            ScheduleToStartTimeout = timeouts.ScheduleToStart.ToProto(),
            StartToCloseTimeout = timeouts.StartToClose.ToProto(),
            HeartbeatTimeout = timeouts.Heartbeat.ToProto(),
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            RetryPolicy = retryPolicy,
#pragma warning disable CS0612 // It is old, and still recorded as it was asked for.
            UseWorkflowBuildId = attributes.UseWorkflowBuildId,
#pragma warning restore CS0612
            Priority = attributes.Priority,
        };
        context.Tx.Append(scheduled);
        var activity = new ActivityState
        {
            ScheduledEventId = scheduled.EventId,
            ActivityId = attributes.ActivityId,
            Type = attributes.ActivityType.Name,
            Queue = attributes.TaskQueue.Name,
            ScheduleToCloseTimeout = timeouts.ScheduleToClose,
            ScheduleToStartTimeout = timeouts.ScheduleToStart,
            StartToCloseTimeout = timeouts.StartToClose,
            HeartbeatTimeout = timeouts.Heartbeat,
            RetryPolicy = retryPolicy,
            Priority = attributes.Priority,
            FirstScheduledAt = context.Tx.Now,
            ScheduledAt = context.Tx.Now,
        };
        new ActivityStep(context.Tx, activity).Take(ActivityTrigger.Schedule);
        if (attributes.RequestEagerExecution)
        {
            context.Eager.Add(activity);
        }
        else
        {
            context.Tx.DispatchActivity(activity);
        }
    }

    public void RequestCancel(CommandContext context, Command command)
    {
        const WorkflowTaskFailedCause Cause = WorkflowTaskFailedCause.BadRequestCancelActivityAttributes;
        var attributes = CommandContext.Require(
            command.RequestCancelActivityTaskCommandAttributes, "RequestCancelActivityTaskCommandAttributes", "RequestCancelActivityTaskCommand", Cause);
        var id = attributes.ScheduledEventId;
        if (id <= 0)
        {
            throw new CommandFailedException(Cause, "ScheduledEventId is not set on RequestCancelActivityTaskCommand.");
        }

        if (context.State.Activities.TryGetValue(id, out var activity))
        {
            if (!ActivityTransitions.Table.Allows(activity.Status, ActivityTrigger.RequestCancel))
            {
                throw Unknown(Cause, id);
            }

            var requested = AppendRequested(context, command, id);
            new ActivityStep(context.Tx, activity) { RequestedEventId = requested.EventId, Payloads = NotStarted, Identity = context.Identity }
                .Take(ActivityTrigger.RequestCancel);
            context.NeedsNewTask |= activity.Status == ActivityStatus.Closed;
        }
        else if (context.Tx.BufferedEvents.Any(held => ClosedActivity(held) == id))
        {
            // It is over, and the workflow could not know yet.
            context.Tx.Note(ActivityTransitions.Table, ActivityStatus.Closed, ActivityTrigger.RequestCancel);
            AppendRequested(context, command, id);
        }
        else
        {
            throw Unknown(Cause, id);
        }
    }

    private static HistoryEvent AppendRequested(CommandContext context, Command command, long scheduledEventId)
    {
        var requested = context.NewEvent(EventType.ActivityTaskCancelRequested, command);
        requested.ActivityTaskCancelRequestedEventAttributes = new ActivityTaskCancelRequestedEventAttributes
        {
            ScheduledEventId = scheduledEventId,
            WorkflowTaskCompletedEventId = context.CompletedEventId,
        };
        return context.Tx.Append(requested);
    }

    private static CommandFailedException Unknown(WorkflowTaskFailedCause cause, long id) =>
        new(cause, $"invalid history builder state for action: add-activitytask-cancel-requested-event, ScheduledEventID: {id}");

    private static long ClosedActivity(HistoryEvent held) => held.AttributesCase switch
    {
        HistoryEvent.AttributesOneofCase.ActivityTaskCompletedEventAttributes => held.ActivityTaskCompletedEventAttributes.ScheduledEventId,
        HistoryEvent.AttributesOneofCase.ActivityTaskFailedEventAttributes => held.ActivityTaskFailedEventAttributes.ScheduledEventId,
        HistoryEvent.AttributesOneofCase.ActivityTaskTimedOutEventAttributes => held.ActivityTaskTimedOutEventAttributes.ScheduledEventId,
        HistoryEvent.AttributesOneofCase.ActivityTaskCanceledEventAttributes => held.ActivityTaskCanceledEventAttributes.ScheduledEventId,
        _ => 0,
    };

    /// <summary>In the reference's order: the first fault is the one told.</summary>
    private void Check(ScheduleActivityTaskCommandAttributes attributes, RetryPolicy retryPolicy, string queueOfWorkflow)
    {
        var type = attributes.ActivityType?.Name ?? "";
        if ((limits.FaultOfQueue(attributes.TaskQueue, queueOfWorkflow)
            ?? (attributes.ActivityId.Length == 0 ? "activityId is not set" : null)
            ?? (type.Length == 0 ? "activityType is not set" : null)
            ?? RetryRules.Validate(retryPolicy)
            ?? FaultOfLength(attributes.ActivityId, "activityId")
            ?? FaultOfLength(type, "activityType")
            ?? (PriorityRules.Fault(attributes.Priority) is { } priority ? $"invalid priorities: {priority}" : null)) is { } fault)
        {
            throw new CommandFailedException(Bad, fault);
        }
    }

    private string? FaultOfLength(string value, string what) => limits.IsTooLong(value)
        ? $"{what} exceeds length limit. Length={System.Text.Encoding.UTF8.GetByteCount(value)} Limit={limits.MaximumIdBytes}"
        : null;
}
