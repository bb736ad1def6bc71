using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Reads;

/// <summary>DescribeWorkflowExecution's view of a run.</summary>
internal static class ExecutionDescriber
{
    public static DescribeWorkflowExecutionResponse Describe(ExecutionState state)
    {
        var response = new DescribeWorkflowExecutionResponse
        {
            ExecutionConfig = new WorkflowExecutionConfig
            {
                TaskQueue = new TaskQueue { Name = state.Info.TaskQueue, Kind = TaskQueueKind.Normal },
                WorkflowExecutionTimeout = state.Info.ExecutionTimeout.ToLimit(),
                WorkflowRunTimeout = state.Info.ToldRunTimeout,
                DefaultWorkflowTaskTimeout = state.Info.WorkflowTaskTimeout.ToLimit(),
                UserMetadata = state.Info.UserMetadata,
            },
            WorkflowExecutionInfo = InfoOf(state),
            WorkflowExtendedInfo = ExtendedInfoOf(state),
            PendingWorkflowTask = TaskOf(state.Task),
        };
        foreach (var activity in state.Activities.Values.OrderBy(activity => activity.ScheduledEventId))
        {
            response.PendingActivities.Add(PendingActivityDescriber.Describe(activity));
        }

        foreach (var child in state.Children.Values.OrderBy(child => child.InitiatedEventId))
        {
            response.PendingChildren.Add(new PendingChildExecutionInfo
            {
                WorkflowId = child.WorkflowId,
                RunId = child.RunId,
                WorkflowTypeName = child.Type,
                InitiatedId = child.InitiatedEventId,
                ParentClosePolicy = child.ParentClosePolicy,
            });
        }

        return response;
    }

    private static WorkflowExecutionInfo InfoOf(ExecutionState state)
    {
        var info = state.Info;
        return new WorkflowExecutionInfo
        {
            Execution = new WorkflowExecution { WorkflowId = state.Key.WorkflowId, RunId = state.Key.RunId },
            Type = new WorkflowType { Name = info.WorkflowType },
            StartTime = info.StartTime.ToProto(),
            ExecutionTime = info.ExecutionTime.ToProto(),
            CloseTime = state.CloseTime.ToProto(),
            ExecutionDuration = state.CloseTime is { } closed ? (closed - info.ExecutionTime).ToProto() : null,
            Status = state.Status,
            HistoryLength = state.LastEventId,
            HistorySizeBytes = state.HistorySizeBytes,
            StateTransitionCount = state.StateTransitionCount,
            ParentNamespaceId = info.ParentNamespaceId ?? "",
            ParentExecution = info.Parent,
            RootExecution = info.Root,
            FirstRunId = info.FirstExecutionRunId,
            Memo = state.Memo,
            SearchAttributes = BuildIds.Shown(state),
            TaskQueue = info.TaskQueue,
            Priority = state.Priority,
        };
    }

    private static WorkflowExecutionExtendedInfo ExtendedInfoOf(ExecutionState state)
    {
        var extended = new WorkflowExecutionExtendedInfo
        {
            ExecutionExpirationTime = state.Info.ExecutionExpiration.ToProto(),
            RunExpirationTime = state.Info.RunExpiration.ToProto() ?? Clock.GoZero,
            CancelRequested = state.CancelRequested,
            OriginalStartTime = (state.Info.OriginalStartTime ?? state.Info.StartTime).ToProto(),
            LastResetTime = state.Info.OriginalStartTime is null ? null : state.Info.StartTime.ToProto(),
            ResetRunId = state.ResetRunId,
        };
        foreach (var (id, use) in state.RequestIds)
        {
            extended.RequestIdInfos[id] = new RequestIdInfo { EventType = use.EventType, EventId = use.EventId, Buffered = use.EventId == 0 };
        }

        return extended;
    }

    private static PendingWorkflowTaskInfo? TaskOf(WorkflowTaskState task) => task.IsPending
        ? new PendingWorkflowTaskInfo
        {
            State = task.IsStarted ? PendingWorkflowTaskState.Started : PendingWorkflowTaskState.Scheduled,
            ScheduledTime = task.ScheduledAt.ToProto(),
            OriginalScheduledTime = task.OriginalScheduledAt.ToProto(),
            StartedTime = task.StartedAt.ToProto(),
            Attempt = task.Attempt,
        }
        : null;
}
