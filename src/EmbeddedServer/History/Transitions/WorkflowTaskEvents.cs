using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.History.Transitions;

/// <summary>A workflow task's first two events. One that is transient writes them late, or never.</summary>
internal static class WorkflowTaskEvents
{
    public static HistoryEvent Scheduled(ExecutionState state) => new()
    {
        EventType = EventType.WorkflowTaskScheduled,
        EventTime = state.Task.ScheduledAt.ToProto(),
        WorkflowTaskScheduledEventAttributes = new WorkflowTaskScheduledEventAttributes
        {
            TaskQueue = state.Task.IsSticky
                ? new TaskQueue { Name = state.Task.Queue, Kind = TaskQueueKind.Sticky, NormalName = state.Info.TaskQueue }
                : new TaskQueue { Name = state.Task.Queue, Kind = TaskQueueKind.Normal },
            StartToCloseTimeout = state.Task.StartToCloseTimeout.ToLimit(),
            Attempt = state.Task.Attempt,
        },
    };

    /// <param name="identity">Who started it, as the event is to say.</param>
    public static HistoryEvent Started(ExecutionState state, string identity)
    {
        var task = state.Task;
        return new HistoryEvent
        {
            EventType = EventType.WorkflowTaskStarted,
            EventTime = task.StartedAt.ToProto(),
            WorkflowTaskStartedEventAttributes = new WorkflowTaskStartedEventAttributes
            {
                ScheduledEventId = task.ScheduledEventId,
                Identity = identity,
                RequestId = task.RequestId,
                SuggestContinueAsNew = task.ContinueAsNewReasons.Count > 0,
                HistorySizeBytes = task.HistorySizeBytes,
                SuggestContinueAsNewReasons = { task.ContinueAsNewReasons },
            },
        };
    }

    /// <summary>What a worker that has been given a transient task sees of it in the history; nothing else does, until it is written.</summary>
    public static IReadOnlyList<HistoryEvent> Transient(ExecutionState state) =>
        state.Task.IsStarted ? Unwritten(state, state.Task.Identity) : [];

    /// <summary>The events of a transient task that are not written yet: one until it is started, then two.</summary>
    /// <param name="identity">Who started it, as its event is to say.</param>
    public static IReadOnlyList<HistoryEvent> Unwritten(ExecutionState state, string identity)
    {
        var task = state.Task;
        if (!state.IsOpen || !task.IsTransient || task.ScheduledEventId != state.NextEventId)
        {
            return [];
        }

        var scheduled = Scheduled(state);
        scheduled.EventId = task.ScheduledEventId;
        if (!task.IsStarted)
        {
            return [scheduled];
        }

        var started = Started(state, identity);
        started.EventId = task.StartedEventId;
        return [scheduled, started];
    }
}
