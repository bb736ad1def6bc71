using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>
/// The order in which held back events enter history: as they arrived, but closing events of activities go behind all others, so that a
/// worker sees a signal that came before a result first.
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

    /// <summary>Links a closing event to its started event, whose id is known only now.</summary>
    public static void Link(HistoryEvent @event, Dictionary<long, long> startedByScheduled)
    {
        switch (@event.AttributesCase)
        {
            case HistoryEvent.AttributesOneofCase.ActivityTaskStartedEventAttributes:
                startedByScheduled[@event.ActivityTaskStartedEventAttributes.ScheduledEventId] = @event.EventId;
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskCompletedEventAttributes:
                var completed = @event.ActivityTaskCompletedEventAttributes;
                completed.StartedEventId = startedByScheduled.GetValueOrDefault(completed.ScheduledEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskFailedEventAttributes:
                var failed = @event.ActivityTaskFailedEventAttributes;
                failed.StartedEventId = startedByScheduled.GetValueOrDefault(failed.ScheduledEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskTimedOutEventAttributes:
                var timedOut = @event.ActivityTaskTimedOutEventAttributes;
                timedOut.StartedEventId = startedByScheduled.GetValueOrDefault(timedOut.ScheduledEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskCanceledEventAttributes:
                var canceled = @event.ActivityTaskCanceledEventAttributes;
                canceled.StartedEventId = startedByScheduled.GetValueOrDefault(canceled.ScheduledEventId);
                break;
        }
    }

    private static bool Closes(EventType type) => type is
        EventType.ActivityTaskCompleted or EventType.ActivityTaskFailed or EventType.ActivityTaskTimedOut or EventType.ActivityTaskCanceled;
}
