using Google.Protobuf;
using Onramp.EmbeddedServer.History.Reads;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>What a worker gets with a workflow task: the task, and its first page of history.</summary>
internal sealed class WorkflowTaskResponses(EventReader reader, HistoryEngineOptions options)
{
    /// <summary>The started task of a run. A worker that has the run in its cache gets only what came since its last completed task.</summary>
    public PollWorkflowTaskQueueResponse ForTask(ExecutionState state, bool onlyNew)
    {
        var task = state.Task;
        var response = new PollWorkflowTaskQueueResponse
        {
            TaskToken = TaskToken.ForWorkflowTask(state).ToBytes(),
            PreviousStartedEventId = task.LastCompletedStartedEventId,
            StartedEventId = task.StartedEventId,
            Attempt = task.Attempt,
            ScheduledTime = task.ScheduledAt.ToProto(),
            StartedTime = task.StartedAt.ToProto(),
        };
        Describe(response, state);
        AddHistory(response, state, onlyNew ? task.LastCompletedStartedEventId + 1 : 1, WorkflowTaskEvents.Transient(state));
        return response;
    }

    /// <summary>A query that travels alone: no task is started, and a worker that has the run in its cache needs no history.</summary>
    public PollWorkflowTaskQueueResponse ForQuery(ExecutionState state, string queryId, bool cached)
    {
        var response = new PollWorkflowTaskQueueResponse
        {
            TaskToken = TaskToken.ForQuery(state.Key, queryId).ToBytes(),
            PreviousStartedEventId = state.Task.LastCompletedStartedEventId,
            Attempt = 1,
        };
        Describe(response, state);
        if (cached)
        {
            response.History = new Temporalio.Api.History.V1.History();
        }
        else
        {
            AddHistory(response, state, 1, []);
        }

        return response;
    }

    private static void Describe(PollWorkflowTaskQueueResponse response, ExecutionState state)
    {
        response.WorkflowExecution = new WorkflowExecution { WorkflowId = state.Key.WorkflowId, RunId = state.Key.RunId };
        response.WorkflowType = new WorkflowType { Name = state.Info.WorkflowType };
        response.WorkflowExecutionTaskQueue = new TaskQueue { Name = state.Info.TaskQueue, Kind = TaskQueueKind.Normal };
    }

    private void AddHistory(PollWorkflowTaskQueueResponse response, ExecutionState state, long fromEventId, IReadOnlyList<HistoryEvent> transient)
    {
        var through = state.LastEventId;
        var events = reader.Read(state, fromEventId, through, options.WorkflowTaskPageEvents);
        response.History = new Temporalio.Api.History.V1.History { Events = { events } };
        var next = fromEventId + events.Count;
        if (next <= through)
        {
            response.NextPageToken = new HistoryPageToken(state.Key.RunId, next, through, transient).ToByteString();
        }
        else
        {
            response.History.Events.Add(transient);
            response.NextPageToken = ByteString.Empty;
        }
    }
}
