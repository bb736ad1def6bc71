using System.Text;
using Onramp.EmbeddedServer.Frontend.Validation;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.TaskQueues;

/// <summary>Which changes of a task queue's configuration make sense.</summary>
internal static class TaskQueueConfigRules
{
    public static void Check(UpdateTaskQueueConfigRequest request)
    {
        if (request.TaskQueue.StartsWith(TaskQueueRules.ReservedPrefix, StringComparison.Ordinal))
        {
            throw Refusals.InvalidArgument($"task queue family name cannot have prefix {TaskQueueRules.ReservedPrefix} {request.TaskQueue}");
        }

        var isWorkflows = request.TaskQueueType == TaskQueueType.Workflow;
        if (isWorkflows && request.UpdateQueueRateLimit?.RateLimit is not null)
        {
            throw Refusals.InvalidArgument("Setting rate limit on workflow task queues is not allowed.");
        }

        CheckLimit(request.UpdateQueueRateLimit, "UpdateQueueRateLimit");
        if (isWorkflows && request.UpdateFairnessKeyRateLimitDefault?.RateLimit is not null)
        {
            throw Refusals.InvalidArgument("Setting fairness key rate limit on workflow task queues is not allowed.");
        }

        CheckLimit(request.UpdateFairnessKeyRateLimitDefault, "UpdateFairnessKeyRateLimitDefault");
        CheckText(request.Identity, "Identity");
        CheckWeights(request);
    }

    private static void CheckLimit(UpdateTaskQueueConfigRequest.Types.RateLimitUpdate? update, string name)
    {
        if (update?.RateLimit is { RequestsPerSecond: < 0 })
        {
            throw Refusals.InvalidArgument($"RequestsPerSecond for {name} rate limit must be non-negative.");
        }

        if (update?.RateLimit is not null)
        {
            CheckText(update.Reason, $"{name}.Reason");
        }
    }

    private static void CheckText(string text, string name)
    {
        if (Encoding.UTF8.GetByteCount(text) > Limits.TaskQueueConfigTextCharacters)
        {
            throw Refusals.InvalidArgument($"{name} field too long (max {Limits.TaskQueueConfigTextCharacters} characters).");
        }
    }

    private static void CheckWeights(UpdateTaskQueueConfigRequest request)
    {
        var count = request.SetFairnessWeightOverrides.Count + request.UnsetFairnessWeightOverrides.Count;
        if (count > Limits.FairnessWeightsPerRequest)
        {
            throw Refusals.InvalidArgument($"too many fairness weight overrides in request: got {count}, maximum {Limits.FairnessWeightsPerRequest}");
        }

        foreach (var (key, weight) in request.SetFairnessWeightOverrides)
        {
            CheckKey(key);
            if (weight <= 0)
            {
                throw Refusals.InvalidArgument($"invalid fairness weight weight for key \"{key}\": must be greater than zero");
            }
        }

        foreach (var key in request.UnsetFairnessWeightOverrides)
        {
            CheckKey(key);
            if (request.SetFairnessWeightOverrides.ContainsKey(key))
            {
                throw Refusals.InvalidArgument($"fairness weight override key \"{key}\" present in both set and unset lists");
            }
        }
    }

    private static void CheckKey(string key)
    {
        if (key.Length == 0)
        {
            throw Refusals.InvalidArgument("fairness weight override key must not be empty");
        }

        if (Encoding.UTF8.GetByteCount(key) > Limits.FairnessKeyBytes)
        {
            throw Refusals.InvalidArgument("fairness key length exceeds limit");
        }
    }
}
