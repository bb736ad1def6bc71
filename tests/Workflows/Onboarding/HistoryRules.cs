using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.Workflows.Tests.Onboarding;

/// <summary>What holds in every history that a sound server and a sound worker have written.</summary>
internal static class HistoryRules
{
    /// <summary>What is wrong, an event a line; empty when nothing is.</summary>
    public static IReadOnlyList<string> Problems(IEnumerable<HistoryEvent> history)
    {
        var problems = new List<string>();
        var types = new Dictionary<long, EventType>();
        foreach (var item in history)
        {
            types[item.EventId] = item.EventType;
            if (item.EventType == EventType.WorkflowTaskFailed)
                problems.Add($"{item.EventId} {item.EventType}: {item.WorkflowTaskFailedEventAttributes.Failure?.Message}");
            foreach (var (id, expected) in References(item))
            {
                if (types.GetValueOrDefault(id) is var found && found != expected)
                    problems.Add($"{item.EventId} {item.EventType} refers to {id}, which is {found} and not {expected}");
            }
        }
        return problems;
    }

    /// <summary>Which events an event refers to, and of what type they have to be.</summary>
    private static IEnumerable<(long Id, EventType Expected)> References(HistoryEvent item)
    {
        switch (item.EventType)
        {
            case EventType.WorkflowTaskStarted:
                return [(item.WorkflowTaskStartedEventAttributes.ScheduledEventId, EventType.WorkflowTaskScheduled)];
            case EventType.WorkflowTaskCompleted:
                var completed = item.WorkflowTaskCompletedEventAttributes;
                return [(completed.ScheduledEventId, EventType.WorkflowTaskScheduled), (completed.StartedEventId, EventType.WorkflowTaskStarted)];
            case EventType.WorkflowTaskFailed:
                var failed = item.WorkflowTaskFailedEventAttributes;
                return [(failed.ScheduledEventId, EventType.WorkflowTaskScheduled), (failed.StartedEventId, EventType.WorkflowTaskStarted)];
            case EventType.ActivityTaskScheduled:
                return [(item.ActivityTaskScheduledEventAttributes.WorkflowTaskCompletedEventId, EventType.WorkflowTaskCompleted)];
            case EventType.ActivityTaskStarted:
                return [(item.ActivityTaskStartedEventAttributes.ScheduledEventId, EventType.ActivityTaskScheduled)];
            case EventType.ActivityTaskCompleted:
                var done = item.ActivityTaskCompletedEventAttributes;
                return [(done.ScheduledEventId, EventType.ActivityTaskScheduled), (done.StartedEventId, EventType.ActivityTaskStarted)];
            case EventType.ActivityTaskFailed:
                var broken = item.ActivityTaskFailedEventAttributes;
                return [(broken.ScheduledEventId, EventType.ActivityTaskScheduled), (broken.StartedEventId, EventType.ActivityTaskStarted)];
            case EventType.TimerStarted:
                return [(item.TimerStartedEventAttributes.WorkflowTaskCompletedEventId, EventType.WorkflowTaskCompleted)];
            case EventType.TimerFired:
                return [(item.TimerFiredEventAttributes.StartedEventId, EventType.TimerStarted)];
            case EventType.TimerCanceled:
                return [(item.TimerCanceledEventAttributes.StartedEventId, EventType.TimerStarted)];
            case EventType.WorkflowExecutionCompleted:
                return [(item.WorkflowExecutionCompletedEventAttributes.WorkflowTaskCompletedEventId, EventType.WorkflowTaskCompleted)];
            case EventType.WorkflowExecutionFailed:
                return [(item.WorkflowExecutionFailedEventAttributes.WorkflowTaskCompletedEventId, EventType.WorkflowTaskCompleted)];
            case EventType.WorkflowExecutionCanceled:
                return [(item.WorkflowExecutionCanceledEventAttributes.WorkflowTaskCompletedEventId, EventType.WorkflowTaskCompleted)];
            default:
                return [];
        }
    }
}
