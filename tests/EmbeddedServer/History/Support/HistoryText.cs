using System.Text;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.Tests.History.Support;

/// <summary>Histories as numbered lines: what an event is, and those of its attributes that tell events of a kind apart.</summary>
public static class HistoryText
{
    public static string Show(this IEnumerable<HistoryEvent> events)
    {
        var text = new StringBuilder();
        foreach (var @event in events)
        {
            text.Append(@event.EventId).Append(' ').Append(@event.EventType).Append(Detail(@event)).Append('\n');
        }

        return text.ToString().TrimEnd();
    }

    private static string Detail(HistoryEvent e) => e.AttributesCase switch
    {
        HistoryEvent.AttributesOneofCase.WorkflowExecutionStartedEventAttributes =>
            e.WorkflowExecutionStartedEventAttributes.Attempt > 1 ? $" attempt={e.WorkflowExecutionStartedEventAttributes.Attempt}" : "",
        HistoryEvent.AttributesOneofCase.WorkflowExecutionSignaledEventAttributes => $" {e.WorkflowExecutionSignaledEventAttributes.SignalName}",
        HistoryEvent.AttributesOneofCase.WorkflowExecutionUpdateAdmittedEventAttributes =>
            $" {e.WorkflowExecutionUpdateAdmittedEventAttributes.Request.Meta.UpdateId}",
        HistoryEvent.AttributesOneofCase.WorkflowTaskScheduledEventAttributes =>
            (e.WorkflowTaskScheduledEventAttributes.Attempt > 1 ? $" attempt={e.WorkflowTaskScheduledEventAttributes.Attempt}" : "")
            + (e.WorkflowTaskScheduledEventAttributes.TaskQueue.NormalName.Length > 0 ? " sticky" : ""),
        HistoryEvent.AttributesOneofCase.WorkflowTaskFailedEventAttributes => $" {e.WorkflowTaskFailedEventAttributes.Cause}",
        HistoryEvent.AttributesOneofCase.WorkflowTaskTimedOutEventAttributes =>
            $" {e.WorkflowTaskTimedOutEventAttributes.TimeoutType} started={e.WorkflowTaskTimedOutEventAttributes.StartedEventId}",
        HistoryEvent.AttributesOneofCase.ActivityTaskScheduledEventAttributes => $" {e.ActivityTaskScheduledEventAttributes.ActivityId}",
        HistoryEvent.AttributesOneofCase.ActivityTaskStartedEventAttributes =>
            $" {e.ActivityTaskStartedEventAttributes.ScheduledEventId} attempt={e.ActivityTaskStartedEventAttributes.Attempt}",
        HistoryEvent.AttributesOneofCase.ActivityTaskCompletedEventAttributes =>
            Pair(e.ActivityTaskCompletedEventAttributes.ScheduledEventId, e.ActivityTaskCompletedEventAttributes.StartedEventId),
        HistoryEvent.AttributesOneofCase.ActivityTaskFailedEventAttributes =>
            Pair(e.ActivityTaskFailedEventAttributes.ScheduledEventId, e.ActivityTaskFailedEventAttributes.StartedEventId)
            + $" {e.ActivityTaskFailedEventAttributes.RetryState}",
        HistoryEvent.AttributesOneofCase.ActivityTaskTimedOutEventAttributes =>
            Pair(e.ActivityTaskTimedOutEventAttributes.ScheduledEventId, e.ActivityTaskTimedOutEventAttributes.StartedEventId)
            + $" {e.ActivityTaskTimedOutEventAttributes.Failure.TimeoutFailureInfo.TimeoutType} {e.ActivityTaskTimedOutEventAttributes.RetryState}",
        HistoryEvent.AttributesOneofCase.ActivityTaskCanceledEventAttributes =>
            Pair(e.ActivityTaskCanceledEventAttributes.ScheduledEventId, e.ActivityTaskCanceledEventAttributes.StartedEventId)
            + $" requested={e.ActivityTaskCanceledEventAttributes.LatestCancelRequestedEventId}",
        HistoryEvent.AttributesOneofCase.ActivityTaskCancelRequestedEventAttributes => $" {e.ActivityTaskCancelRequestedEventAttributes.ScheduledEventId}",
        HistoryEvent.AttributesOneofCase.TimerStartedEventAttributes => $" {e.TimerStartedEventAttributes.TimerId}",
        HistoryEvent.AttributesOneofCase.TimerFiredEventAttributes => $" {e.TimerFiredEventAttributes.TimerId}",
        HistoryEvent.AttributesOneofCase.TimerCanceledEventAttributes => $" {e.TimerCanceledEventAttributes.TimerId}",
        HistoryEvent.AttributesOneofCase.MarkerRecordedEventAttributes => $" {e.MarkerRecordedEventAttributes.MarkerName}",
        HistoryEvent.AttributesOneofCase.WorkflowExecutionFailedEventAttributes => $" {e.WorkflowExecutionFailedEventAttributes.RetryState}",
        HistoryEvent.AttributesOneofCase.WorkflowExecutionTimedOutEventAttributes => $" {e.WorkflowExecutionTimedOutEventAttributes.RetryState}",
        HistoryEvent.AttributesOneofCase.WorkflowExecutionTerminatedEventAttributes => $" {e.WorkflowExecutionTerminatedEventAttributes.Reason}",
        HistoryEvent.AttributesOneofCase.StartChildWorkflowExecutionInitiatedEventAttributes => $" {e.StartChildWorkflowExecutionInitiatedEventAttributes.WorkflowId}",
        HistoryEvent.AttributesOneofCase.StartChildWorkflowExecutionFailedEventAttributes =>
            $" {e.StartChildWorkflowExecutionFailedEventAttributes.InitiatedEventId} {e.StartChildWorkflowExecutionFailedEventAttributes.Cause}",
        HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionStartedEventAttributes => $" {e.ChildWorkflowExecutionStartedEventAttributes.InitiatedEventId}",
        HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionCompletedEventAttributes =>
            Pair(e.ChildWorkflowExecutionCompletedEventAttributes.InitiatedEventId, e.ChildWorkflowExecutionCompletedEventAttributes.StartedEventId),
        HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionFailedEventAttributes =>
            Pair(e.ChildWorkflowExecutionFailedEventAttributes.InitiatedEventId, e.ChildWorkflowExecutionFailedEventAttributes.StartedEventId)
            + $" {e.ChildWorkflowExecutionFailedEventAttributes.RetryState}",
        HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionCanceledEventAttributes =>
            Pair(e.ChildWorkflowExecutionCanceledEventAttributes.InitiatedEventId, e.ChildWorkflowExecutionCanceledEventAttributes.StartedEventId),
        HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionTimedOutEventAttributes =>
            Pair(e.ChildWorkflowExecutionTimedOutEventAttributes.InitiatedEventId, e.ChildWorkflowExecutionTimedOutEventAttributes.StartedEventId)
            + $" {e.ChildWorkflowExecutionTimedOutEventAttributes.RetryState}",
        HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionTerminatedEventAttributes =>
            Pair(e.ChildWorkflowExecutionTerminatedEventAttributes.InitiatedEventId, e.ChildWorkflowExecutionTerminatedEventAttributes.StartedEventId),
        _ => "",
    };

    private static string Pair(long scheduled, long started) => $" {scheduled} started={started}";
}
