using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>
/// The order in which held back events enter history: as they arrived, but closing events of activities and children go behind all others,
/// so that a worker sees a signal that came before a result first.
/// </summary>
internal static class EventFlush
{
    public static List<HistoryEvent> Order(IEnumerable<HistoryEvent> held)
    {
        var first = new List<HistoryEvent>();
        var last = new List<HistoryEvent>();
        foreach (var @event in held)
        {
            (Closes(@event.EventType) ? last : first).Add(@event);
        }

        first.AddRange(last);
        return first;
    }

    /// <summary>
    /// Links a closing event to its started event, whose id is known only now. A child's start may have been written long before; an activity's
    /// comes with its end.
    /// </summary>
    /// <param name="startedEvents">Started events of this flush, by the event that scheduled or initiated what started.</param>
    public static void Link(HistoryEvent @event, Dictionary<long, long> startedEvents)
    {
        switch (@event.AttributesCase)
        {
            case HistoryEvent.AttributesOneofCase.ActivityTaskStartedEventAttributes:
                startedEvents[@event.ActivityTaskStartedEventAttributes.ScheduledEventId] = @event.EventId;
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskCompletedEventAttributes:
                var completed = @event.ActivityTaskCompletedEventAttributes;
                completed.StartedEventId = startedEvents.GetValueOrDefault(completed.ScheduledEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskFailedEventAttributes:
                var failed = @event.ActivityTaskFailedEventAttributes;
                failed.StartedEventId = startedEvents.GetValueOrDefault(failed.ScheduledEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskTimedOutEventAttributes:
                var timedOut = @event.ActivityTaskTimedOutEventAttributes;
                timedOut.StartedEventId = startedEvents.GetValueOrDefault(timedOut.ScheduledEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskCanceledEventAttributes:
                var canceled = @event.ActivityTaskCanceledEventAttributes;
                canceled.StartedEventId = startedEvents.GetValueOrDefault(canceled.ScheduledEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionStartedEventAttributes:
                startedEvents[@event.ChildWorkflowExecutionStartedEventAttributes.InitiatedEventId] = @event.EventId;
                break;
            case HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionCompletedEventAttributes:
                var childCompleted = @event.ChildWorkflowExecutionCompletedEventAttributes;
                childCompleted.StartedEventId = startedEvents.GetValueOrDefault(childCompleted.InitiatedEventId, childCompleted.StartedEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionFailedEventAttributes:
                var childFailed = @event.ChildWorkflowExecutionFailedEventAttributes;
                childFailed.StartedEventId = startedEvents.GetValueOrDefault(childFailed.InitiatedEventId, childFailed.StartedEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionCanceledEventAttributes:
                var childCanceled = @event.ChildWorkflowExecutionCanceledEventAttributes;
                childCanceled.StartedEventId = startedEvents.GetValueOrDefault(childCanceled.InitiatedEventId, childCanceled.StartedEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionTimedOutEventAttributes:
                var childTimedOut = @event.ChildWorkflowExecutionTimedOutEventAttributes;
                childTimedOut.StartedEventId = startedEvents.GetValueOrDefault(childTimedOut.InitiatedEventId, childTimedOut.StartedEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionTerminatedEventAttributes:
                var childTerminated = @event.ChildWorkflowExecutionTerminatedEventAttributes;
                childTerminated.StartedEventId = startedEvents.GetValueOrDefault(childTerminated.InitiatedEventId, childTerminated.StartedEventId);
                break;
        }
    }

    private static bool Closes(EventType type) => type is
        EventType.ActivityTaskCompleted or EventType.ActivityTaskFailed or EventType.ActivityTaskTimedOut or EventType.ActivityTaskCanceled
        or EventType.ChildWorkflowExecutionCompleted or EventType.ChildWorkflowExecutionFailed or EventType.ChildWorkflowExecutionCanceled
        or EventType.ChildWorkflowExecutionTimedOut or EventType.ChildWorkflowExecutionTerminated;
}
