using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Temporalio.Worker.Replay;

/// <summary>
/// Cuts a history into the pieces that workflow code saw, one a workflow task that was completed. A piece ends with the start of its task.
/// </summary>
internal static class HistorySequence
{
    /// <summary>Finds the end of the sequence that begins at an index.</summary>
    /// <param name="events">All events known; the last one is the last there is.</param>
    /// <param name="start">Where the sequence begins.</param>
    /// <returns>The index behind its last event.</returns>
    public static int End(IReadOnlyList<HistoryEvent> events, int start)
    {
        var sawCommand = false;
        for (var i = start; i < events.Count; i++)
        {
            sawCommand |= IsCommandEvent(events[i].EventType);
            if (events[i].EventType == EventType.WorkflowTaskStarted && IsSeenByCode(events, i, sawCommand))
            {
                return i + 1;
            }
        }

        return events.Count;
    }

    /// <summary>Tells whether events of a type are made by commands.</summary>
    public static bool IsCommandEvent(EventType type) => type
        is EventType.ActivityTaskScheduled
        or EventType.ActivityTaskCancelRequested
        or EventType.MarkerRecorded
        or EventType.RequestCancelExternalWorkflowExecutionInitiated
        or EventType.SignalExternalWorkflowExecutionInitiated
        or EventType.StartChildWorkflowExecutionInitiated
        or EventType.TimerStarted
        or EventType.TimerCanceled
        or EventType.UpsertWorkflowSearchAttributes
        or EventType.WorkflowPropertiesModified
        or EventType.NexusOperationScheduled
        or EventType.NexusOperationCancelRequested
        or EventType.WorkflowExecutionCompleted
        or EventType.WorkflowExecutionFailed
        or EventType.WorkflowExecutionCanceled
        or EventType.WorkflowExecutionContinuedAsNew
        or EventType.WorkflowExecutionUpdateAccepted
        or EventType.WorkflowExecutionUpdateCompleted;

    private static bool IsSeenByCode(IReadOnlyList<HistoryEvent> events, int started, bool sawCommand)
    {
        if (started + 1 == events.Count)
        {
            return true;
        }

        switch (events[started + 1].EventType)
        {
            // What the code did in these tasks was thrown away.
            case EventType.WorkflowTaskFailed or EventType.WorkflowTaskTimedOut or EventType.WorkflowExecutionTimedOut
                or EventType.WorkflowExecutionTerminated or EventType.WorkflowExecutionCanceled:
                return false;

            // A task that only asks for another one keeps a long task alive; the code saw but one.
            case EventType.WorkflowTaskCompleted:
                return sawCommand || started + 2 == events.Count || events[started + 2].EventType != EventType.WorkflowTaskScheduled;

            default:
                return true;
        }
    }
}
