using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.History.Reset;
using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Batch.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Batches;

/// <summary>
/// Resets workflows to their first or last workflow task: where that was completed or, while it has not been, right after it was scheduled.
/// </summary>
internal static class BatchResets
{
    private const int EventsAtOnce = 256;

    /// <exception cref="RefusalException">INVALID_ARGUMENT or UNIMPLEMENTED: what it should reset to is not said, or is not there.</exception>
    public static void Check(BatchOperationReset operation)
    {
        switch (TargetOf(operation))
        {
            case ResetOptions.TargetOneofCase.None when operation.Options is not null:
                throw Errors.InvalidArgument("batch reset missing target");
            case ResetOptions.TargetOneofCase.None:
#pragma warning disable CS0612
                throw Errors.InvalidArgument($"unknown batch reset type {operation.ResetType}");
#pragma warning restore CS0612
            case ResetOptions.TargetOneofCase.BuildId:
                throw Errors.Unimplemented("resets to the tasks of a build id are not supported");
        }

        foreach (var options in operation.PostResetOperations.Select(after => after.UpdateWorkflowOptions?.WorkflowExecutionOptions).OfType<WorkflowExecutionOptions>())
        {
            ExecutionOptions.CheckSupported(options);
        }
    }

    public static async Task ResetAsync(BatchStep step)
    {
        var operation = step.Batch.Request.ResetOperation;
        foreach (var after in operation.PostResetOperations)
        {
            PostReset.Check(after);
        }

        var request = new ResetWorkflowExecutionRequest
        {
            WorkflowExecution = step.Execution,
            Reason = step.Batch.Request.Reason,
            RequestId = step.RequestId,
            Identity = operation.Identity,
            WorkflowTaskFinishEventId = await PointAsync(step, operation).ConfigureAwait(false),
            PostResetOperations = { operation.PostResetOperations },
        };
#pragma warning disable CS0612 // Clients still say it so.
        request.ResetReapplyType = operation.Options?.ResetReapplyType ?? operation.ResetReapplyType;
#pragma warning restore CS0612
        request.ResetReapplyExcludeTypes.Add(operation.Options?.ResetReapplyExcludeTypes ?? []);
        await step.History.Resets.ResetAsync(step.Batch.Namespace, request).ConfigureAwait(false);
    }

    /// <summary>A workflow that is gone has no point to go back to; where the point is named, it just has nothing left to be done to it.</summary>
    private static async Task<long> PointAsync(BatchStep step, BatchOperationReset operation)
    {
        if (TargetOf(operation) == ResetOptions.TargetOneofCase.WorkflowTaskId)
        {
            return operation.Options.WorkflowTaskId;
        }

        try
        {
            return await (TargetOf(operation) == ResetOptions.TargetOneofCase.LastWorkflowTask ? LastAsync(step) : FirstAsync(step)).ConfigureAwait(false);
        }
        catch (RefusalException gone) when (gone.Kind == RefusalKind.NotFound)
        {
            throw new RefusalException(RefusalKind.InvalidArgument, $"no workflow task to reset to: {gone.Message}", innerException: gone);
        }
    }

    private static async Task<long> FirstAsync(BatchStep step)
    {
        long scheduled = 0;
        for (long from = 1; ;)
        {
            var slice = await step.History.Reads.ReadAsync(step.Batch.Namespace, step.Target.WorkflowId, step.Target.RunId, from, EventsAtOnce).ConfigureAwait(false);
            foreach (var @event in slice.Events)
            {
                if (@event.EventType == EventType.WorkflowTaskCompleted)
                {
                    return @event.EventId;
                }

                scheduled = scheduled == 0 && IsScheduled(@event) ? @event.EventId : scheduled;
            }

            if (slice.Events.Count == 0 || slice.Events[^1].EventId + 1 >= slice.NextEventId)
            {
                return After(scheduled);
            }

            from = slice.Events[^1].EventId + 1;
        }
    }

    private static async Task<long> LastAsync(BatchStep step)
    {
        long scheduled = 0;
        for (long through = 0; ;)
        {
            var slice = await step.History.Reads.ReadReverseAsync(step.Batch.Namespace, step.Target.WorkflowId, step.Target.RunId, through, EventsAtOnce).ConfigureAwait(false);
            foreach (var @event in slice.Events)
            {
                if (@event.EventType == EventType.WorkflowTaskCompleted)
                {
                    return @event.EventId;
                }

                scheduled = IsScheduled(@event) ? @event.EventId : scheduled;
            }

            if (slice.Events.Count == 0 || slice.Events[^1].EventId <= 1)
            {
                return After(scheduled);
            }

            through = slice.Events[^1].EventId - 1;
        }
    }

    private static long After(long scheduled) => scheduled > 0 ? scheduled + 1 : throw Errors.InvalidArgument("unable to find any scheduled or completed task");

    private static bool IsScheduled(HistoryEvent @event) => @event.EventType == EventType.WorkflowTaskScheduled;

    /// <summary>Older clients name the kind of task instead of a target.</summary>
    private static ResetOptions.TargetOneofCase TargetOf(BatchOperationReset operation)
    {
        if (operation.Options is not null)
        {
            return operation.Options.TargetCase;
        }

#pragma warning disable CS0612
        return operation.ResetType switch
        {
            ResetType.FirstWorkflowTask => ResetOptions.TargetOneofCase.FirstWorkflowTask,
            ResetType.LastWorkflowTask => ResetOptions.TargetOneofCase.LastWorkflowTask,
            _ => ResetOptions.TargetOneofCase.None,
        };
#pragma warning restore CS0612
    }
}
