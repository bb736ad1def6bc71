using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.TaskQueues;

/// <summary>What was configured for task queues by call: rate limits and weights of fairness keys.</summary>
internal sealed class TaskQueueConfigs(TaskQueueManager matching, TimeProvider time)
{
    private readonly ConcurrentDictionary<QueueKey, TaskQueueConfig> configs = new();

    /// <summary>A copy of the queue's configuration, or null when it has none.</summary>
    public TaskQueueConfig? Find(QueueKey key) => configs.TryGetValue(key, out var config) ? config.Clone() : null;

    public Task<TaskQueueConfig> UpdateAsync(QueueKey key, UpdateTaskQueueConfigRequest request)
    {
        var changed = configs.AddOrUpdate(
            key,
            static (_, arguments) => arguments.Self.Change(new TaskQueueConfig(), arguments.Request),
            static (_, existing, arguments) => arguments.Self.Change(existing.Clone(), arguments.Request),
            (Self: this, Request: request));
        if (key.Kind == TaskKind.Activity && request.UpdateQueueRateLimit is not null)
        {
            matching.SetRateLimit(key, changed.QueueRateLimit.RateLimit?.RequestsPerSecond);
        }

        return Task.FromResult(changed.Clone());
    }

    private TaskQueueConfig Change(TaskQueueConfig config, UpdateTaskQueueConfigRequest request)
    {
        if (request.UpdateQueueRateLimit is { } queueLimit)
        {
            config.QueueRateLimit = Limit(queueLimit, request.Identity);
        }

        if (request.UpdateFairnessKeyRateLimitDefault is { } keyLimit)
        {
            config.FairnessKeysRateLimitDefault = Limit(keyLimit, request.Identity);
        }

        foreach (var (key, weight) in request.SetFairnessWeightOverrides)
        {
            config.FairnessWeightOverrides[key] = weight;
        }

        foreach (var key in request.UnsetFairnessWeightOverrides)
        {
            config.FairnessWeightOverrides.Remove(key);
        }

        return config;
    }

    private RateLimitConfig Limit(UpdateTaskQueueConfigRequest.Types.RateLimitUpdate update, string identity) => new()
    {
        RateLimit = update.RateLimit,
        Metadata = new ConfigMetadata { Reason = update.Reason, UpdateIdentity = identity, UpdateTime = Timestamp.FromDateTimeOffset(time.GetUtcNow()) },
    };
}
