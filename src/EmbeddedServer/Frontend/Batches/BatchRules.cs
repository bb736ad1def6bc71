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
                CheckOptions(request.UpdateWorkflowOptionsOperation);
                break;
            case Case.UnpauseActivitiesOperation:
                var unpause = request.UnpauseActivitiesOperation;
                if (unpause.ActivityCase == BatchOperationUnpauseActivities.ActivityOneofCase.None)
                {
                    throw Refusals.InvalidArgument("activity filter must be set");
                }

                CheckSelection(unpause.HasType, unpause.Type, unpause.HasMatchAll, unpause.MatchAll);
                break;
            case Case.ResetActivitiesOperation:
                var reset = request.ResetActivitiesOperation;
                if (reset.ActivityCase == BatchOperationResetActivities.ActivityOneofCase.None)
                {
                    throw Refusals.InvalidArgument("must provide ActivityType or MatchAll");
                }

                CheckSelection(reset.HasType, reset.Type, reset.HasMatchAll, reset.MatchAll);
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

    /// <summary>What can't be done to any workflow is refused at once; what is wrong with the rest fails each.</summary>
    private static void CheckOptions(BatchOperationUpdateWorkflowExecutionOptions change)
    {
        if (change.WorkflowExecutionOptions is not { } options)
        {
            throw Refusals.InvalidArgument("must provide UpdateOptions");
        }

        if (change.UpdateMask is null)
        {
            throw Refusals.InvalidArgument("must provide UpdateMask");
        }

        ExecutionOptions.CheckSupported(options);
    }

    private static void CheckActivityOptions(BatchOperationUpdateActivityOptions change)
    {
        if (change is { ActivityOptions: not null, RestoreOriginal: true })
        {
            throw Refusals.InvalidArgument("cannot set both activity options and restore original");
        }

        if (change is { ActivityOptions: null, RestoreOriginal: false })
        {
            throw Refusals.InvalidArgument("Either activity type must be set, or restore original should be set to true");
        }

        CheckSelection(change.HasType, change.Type, change.HasMatchAll, change.MatchAll);
    }

    private static void CheckSelection(bool hasType, string type, bool hasMatchAll, bool matchesAll)
    {
        if ((hasType && type.Length == 0) || (hasMatchAll && !matchesAll))
        {
            throw Refusals.InvalidArgument("Either activity type must be set, or match all should be set to true");
        }
    }
}
