using Onramp.EmbeddedServer.Batches;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Batch.V1;
using Temporalio.Api.WorkflowService.V1;
using Case = Temporalio.Api.WorkflowService.V1.StartBatchOperationRequest.OperationOneofCase;

namespace Onramp.EmbeddedServer.Frontend.Batches;

/// <summary>What each kind of batch operation has to say. Who asks for what can't be done learns of it before anything is begun.</summary>
internal static class BatchRules
{
    private const string NoActivities = "must provide the type of the activities, or match all";

    /// <exception cref="RefusalException">INVALID_ARGUMENT or UNIMPLEMENTED.</exception>
    public static void Check(StartBatchOperationRequest request, PayloadRules payloads)
    {
        switch (request.OperationCase)
        {
            case Case.SignalOperation:
                CheckSignal(request.SignalOperation, payloads);
                break;
            case Case.ResetOperation:
                BatchResets.Check(request.ResetOperation);
                break;
            case Case.UpdateWorkflowOptionsOperation:
                var change = request.UpdateWorkflowOptionsOperation;
                ExecutionOptions.Check(change.WorkflowExecutionOptions, change.UpdateMask);
                break;
            case Case.UnpauseActivitiesOperation:
                var unpause = request.UnpauseActivitiesOperation;
                CheckSelection(unpause.HasType, unpause.HasMatchAll && unpause.MatchAll);
                Durations.Check(unpause.Jitter, "Jitter");
                break;
            case Case.ResetActivitiesOperation:
                var reset = request.ResetActivitiesOperation;
                CheckSelection(reset.HasType, reset.HasMatchAll && reset.MatchAll);
                Durations.Check(reset.Jitter, "Jitter");
                break;
            case Case.UpdateActivityOptionsOperation:
                CheckActivityOptions(request.UpdateActivityOptionsOperation);
                break;
        }
    }

    private static void CheckSignal(BatchOperationSignal signal, PayloadRules payloads)
    {
        if (signal.Signal.Length == 0)
        {
            throw Refusals.InvalidArgument("must provide signal name");
        }

        payloads.CheckSize(signal.Input);
    }

    private static void CheckActivityOptions(BatchOperationUpdateActivityOptions change)
    {
        CheckSelection(change.HasType, change.HasMatchAll && change.MatchAll);
        if (change.RestoreOriginal)
        {
            if (change.UpdateMask is { Paths.Count: > 0 })
            {
                throw Refusals.InvalidArgument("Both UpdateMask and RestoreOriginal are provided");
            }

            return;
        }

        if (change.ActivityOptions is null)
        {
            throw Refusals.InvalidArgument("ActivityOptions are not provided");
        }

        if (change.UpdateMask is null)
        {
            throw Refusals.InvalidArgument("UpdateMask is not provided");
        }

        PriorityRules.Check(change.ActivityOptions.Priority);
        if (change.ActivityOptions.TaskQueue is { Name.Length: > 0 } queue)
        {
            TaskQueueRules.Normalize(queue);
        }
    }

    private static void CheckSelection(bool hasType, bool matchesAll)
    {
        if (!hasType && !matchesAll)
        {
            throw Refusals.InvalidArgument(NoActivities);
        }
    }
}
