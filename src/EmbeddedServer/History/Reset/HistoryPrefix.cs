using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Reset;

#pragma warning disable CS0612 // Events still have the control field.

/// <summary>
/// What a run was at an earlier point of its history, worked out again from its events. Everything that is pending by then is pending in the
/// new run, under the same ids.
/// </summary>
internal sealed class HistoryPrefix(ExecutionTransaction tx)
{
    private ExecutionState State => tx.State;

    public void Replay(HistoryEvent @event)
    {
        switch (@event.AttributesCase)
        {
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionStartedEventAttributes:
                Start(@event.WorkflowExecutionStartedEventAttributes);
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionSignaledEventAttributes:
                State.SignalCount++;
                if (@event.WorkflowExecutionSignaledEventAttributes.RequestId is { Length: > 0 } requestId)
                {
                    tx.AddSignalRequestId(requestId);
                }

                break;
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionCancelRequestedEventAttributes:
                State.CancelRequested = true;
                break;
            case HistoryEvent.AttributesOneofCase.UpsertWorkflowSearchAttributesEventAttributes:
                var upserted = @event.UpsertWorkflowSearchAttributesEventAttributes.SearchAttributes;
                State.SearchAttributes = SearchAttributeRules.Merge(State.SearchAttributes, upserted) ?? new SearchAttributes();
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowPropertiesModifiedEventAttributes:
                var memo = State.Memo.Clone();
                MemoRules.Merge(memo.Fields, @event.WorkflowPropertiesModifiedEventAttributes.UpsertedMemo.Fields);
                State.Memo = memo;
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionOptionsUpdatedEventAttributes:
                var options = @event.WorkflowExecutionOptionsUpdatedEventAttributes;
                if (options.AttachedRequestId.Length > 0)
                {
                    State.RequestIds[options.AttachedRequestId] = StoredRequestIdUse.Of(@event.EventType, @event.EventId);
                }

                State.Priority = options.Priority ?? State.Priority;

                break;
            default:
                ReplayTask(@event);
                break;
        }
    }

    private void Start(WorkflowExecutionStartedEventAttributes started)
    {
        State.Memo = started.Memo ?? new Memo();
        State.SearchAttributes = started.SearchAttributes;
        State.RequestIds[State.Info.StartRequestId] = StoredRequestIdUse.Of(EventType.WorkflowExecutionStarted, 1);
    }

    private void ReplayTask(HistoryEvent @event)
    {
        var task = State.Task;
        switch (@event.AttributesCase)
        {
            case HistoryEvent.AttributesOneofCase.WorkflowTaskScheduledEventAttributes:
                var scheduled = @event.WorkflowTaskScheduledEventAttributes;
                task.Status = WorkflowTaskStatus.Scheduled;
                task.Attempt = 1;
                task.ScheduledEventId = @event.EventId;
                task.ScheduledAt = @event.EventTime.ToDateTimeOffset();
                task.OriginalScheduledAt = task.ScheduledAt;
                task.Queue = scheduled.TaskQueue.Name;
                task.StartToCloseTimeout = scheduled.StartToCloseTimeout.ToSpan();
                State.AwaitsFirstTask = false;
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowTaskStartedEventAttributes:
                task.Status = WorkflowTaskStatus.Started;
                task.StartedEventId = @event.EventId;
                task.StartedAt = @event.EventTime.ToDateTimeOffset();
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowTaskCompletedEventAttributes:
                task.Status = WorkflowTaskStatus.None;
                task.LastCompletedStartedEventId = @event.WorkflowTaskCompletedEventAttributes.StartedEventId;
                BuildIds.Track(State, @event.WorkflowTaskCompletedEventAttributes.WorkerVersion);
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowTaskFailedEventAttributes:
                TryAgain();
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowTaskTimedOutEventAttributes:
                if (@event.WorkflowTaskTimedOutEventAttributes.TimeoutType == TimeoutType.ScheduleToStart)
                {
                    task.Status = WorkflowTaskStatus.None;
                }
                else
                {
                    TryAgain();
                }

                break;
            default:
                ReplayActivity(@event);
                break;
        }
    }

    /// <summary>Failed tasks are followed by one that has no events yet. A run can be reset to where only that one is: it gets them then.</summary>
    private void TryAgain()
    {
        State.Task.Status = WorkflowTaskStatus.Scheduled;
        State.Task.Attempt = 2;
        State.Task.ScheduledEventId = 0;
    }

    private void ReplayActivity(HistoryEvent @event)
    {
        switch (@event.AttributesCase)
        {
            case HistoryEvent.AttributesOneofCase.ActivityTaskScheduledEventAttributes:
                new ActivityStep(tx, Scheduled(@event)).Take(ActivityTrigger.Schedule);
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskCancelRequestedEventAttributes:
                if (State.Activities.TryGetValue(@event.ActivityTaskCancelRequestedEventAttributes.ScheduledEventId, out var activity))
                {
                    activity.CancelRequestedEventId = @event.EventId;
                }

                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskCompletedEventAttributes:
                End(@event.ActivityTaskCompletedEventAttributes.ScheduledEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskFailedEventAttributes:
                End(@event.ActivityTaskFailedEventAttributes.ScheduledEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskTimedOutEventAttributes:
                End(@event.ActivityTaskTimedOutEventAttributes.ScheduledEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskCanceledEventAttributes:
                End(@event.ActivityTaskCanceledEventAttributes.ScheduledEventId);
                break;
            case HistoryEvent.AttributesOneofCase.TimerStartedEventAttributes:
                var timer = @event.TimerStartedEventAttributes;
                tx.Timers.Add(new TimerState(timer.TimerId, @event.EventId, @event.EventTime.ToDateTimeOffset().Plus(timer.StartToFireTimeout.ToSpan())));
                break;
            case HistoryEvent.AttributesOneofCase.TimerFiredEventAttributes:
                tx.Timers.Remove(@event.TimerFiredEventAttributes.TimerId);
                break;
            case HistoryEvent.AttributesOneofCase.TimerCanceledEventAttributes:
                tx.Timers.Remove(@event.TimerCanceledEventAttributes.TimerId);
                break;
            default:
                new CallsPrefix(tx).Replay(@event);
                break;
        }
    }

    private static ActivityState Scheduled(HistoryEvent @event)
    {
        var scheduled = @event.ActivityTaskScheduledEventAttributes;
        return new ActivityState
        {
            ScheduledEventId = @event.EventId,
            ActivityId = scheduled.ActivityId,
            Type = scheduled.ActivityType.Name,
            Queue = scheduled.TaskQueue.Name,
            ScheduleToCloseTimeout = scheduled.ScheduleToCloseTimeout.ToSpan(),
            ScheduleToStartTimeout = scheduled.ScheduleToStartTimeout.ToSpan(),
            StartToCloseTimeout = scheduled.StartToCloseTimeout.ToSpan(),
            HeartbeatTimeout = scheduled.HeartbeatTimeout.ToSpan(),
            RetryPolicy = scheduled.RetryPolicy ?? RetryRules.WithDefaults(null),
            Priority = scheduled.Priority,
            FirstScheduledAt = @event.EventTime.ToDateTimeOffset(),
            ScheduledAt = @event.EventTime.ToDateTimeOffset(),
        };
    }

    private void End(long scheduledEventId)
    {
        if (State.Activities.TryGetValue(scheduledEventId, out var activity))
        {
            tx.Activities.Remove(activity.ScheduledEventId);
        }
    }
}
