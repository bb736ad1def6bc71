using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Batches;

/// <summary>
/// What batch operations do to pending activities: to those of a type, or to all. A workflow that has none such is done with.
/// </summary>
internal static class BatchActivities
{
    public static Task UnpauseAsync(BatchStep step)
    {
        var operation = step.Batch.Request.UnpauseActivitiesOperation;
        var request = new UnpauseActivityRequest
        {
            Execution = step.Execution,
            Identity = operation.Identity,
            ResetAttempts = operation.ResetAttempts,
            ResetHeartbeat = operation.ResetHeartbeat,
            Jitter = operation.Jitter,
        };
        if (operation.HasType)
        {
            request.Type = operation.Type;
        }

        return step.History.ActivityOperations.UnpauseAsync(step.Batch.Namespace, request);
    }

    public static Task ResetAsync(BatchStep step)
    {
        var operation = step.Batch.Request.ResetActivitiesOperation;
        var request = new ResetActivityRequest
        {
            Execution = step.Execution,
            Identity = operation.Identity,
            ResetHeartbeat = operation.ResetHeartbeat,
            KeepPaused = operation.KeepPaused,
            RestoreOriginalOptions = operation.RestoreOriginalOptions,
            Jitter = operation.Jitter,
        };
        if (operation.HasType)
        {
            request.Type = operation.Type;
        }

        return step.History.ActivityOperations.ResetAsync(step.Batch.Namespace, request);
    }

    public static Task UpdateOptionsAsync(BatchStep step)
    {
        var operation = step.Batch.Request.UpdateActivityOptionsOperation;
        var request = new UpdateActivityOptionsRequest
        {
            Execution = step.Execution,
            Identity = operation.Identity,
            ActivityOptions = operation.ActivityOptions,
            UpdateMask = operation.UpdateMask,
            RestoreOriginal = operation.RestoreOriginal,
        };
        if (operation.HasType)
        {
            request.Type = operation.Type;
        }

        return step.History.ActivityOperations.UpdateOptionsAsync(step.Batch.Namespace, request);
    }
}
