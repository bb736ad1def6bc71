using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.TaskQueues;

/// <summary>
/// What was configured for task queues by call: rate limits and weights of fairness keys. Stored before it counts, and so many of a namespace: when
/// there is no room, one that sets nothing any more is forgotten for a new one.
/// </summary>
internal sealed class TaskQueueConfigs : IDisposable
{
    private readonly ConcurrentDictionary<QueueKey, TaskQueueConfig> configs = new();
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly IStore store;
    private readonly TaskQueueManager matching;
    private readonly TimeProvider time;
    private readonly int mostPerNamespace;

    /// <summary>Takes up what is stored.</summary>
    public TaskQueueConfigs(IStore store, TaskQueueManager matching, TimeProvider time, int mostPerNamespace = Limits.TaskQueueConfigsPerNamespace)
    {
        this.store = store;
        this.matching = matching;
        this.time = time;
        this.mostPerNamespace = mostPerNamespace;
        foreach (var row in store.ReadTaskQueueConfigs())
        {
            Publish(new QueueKey(row.NamespaceId, row.Queue, row.Kind), TaskQueueConfig.Parser.ParseFrom(row.Data));
        }
    }

    /// <summary>A copy of the queue's configuration, or null when it has none.</summary>
    public TaskQueueConfig? Find(QueueKey key) => configs.TryGetValue(key, out var config) ? config.Clone() : null;

    /// <summary>Changes a queue's configuration and returns a copy of it, when that is on the disk.</summary>
    /// <exception cref="RefusalException">
    /// RESOURCE_EXHAUSTED: the namespace has as many as are remembered; FAILED_PRECONDITION: the queue would have more weights than it may.
    /// </exception>
    public async Task<TaskQueueConfig> UpdateAsync(QueueKey key, UpdateTaskQueueConfigRequest request)
    {
        await writing.WaitAsync().ConfigureAwait(false);
        try
        {
            var changed = Change(Find(key) ?? new TaskQueueConfig(), request);
            var forgotten = configs.ContainsKey(key) ? null : MakeRoom(key.NamespaceId);
            await store.WriteTaskQueueConfigAsync(Row(key, changed), forgotten is { } old ? Row(old, configs[old]) : null).ConfigureAwait(false);
            if (forgotten is { } gone)
            {
                configs.TryRemove(gone, out _);
            }

            Publish(key, changed);
            return changed.Clone();
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>A namespace has gone, and with it what was configured for its queues.</summary>
    public async Task ForgetAsync(string namespaceId)
    {
        await writing.WaitAsync().ConfigureAwait(false);
        try
        {
            await store.DeleteTaskQueueConfigsAsync(namespaceId).ConfigureAwait(false);
            foreach (var key in configs.Keys.Where(key => key.NamespaceId == namespaceId))
            {
                configs.TryRemove(key, out _);
            }
        }
        finally
        {
            writing.Release();
        }
    }

    public void Dispose() => writing.Dispose();

    private static TaskQueueConfigRow Row(QueueKey key, TaskQueueConfig config) => new(key.NamespaceId, key.Name, key.Kind, config.ToByteArray());

    private static bool SetsNothing(TaskQueueConfig config) =>
        config is { QueueRateLimit: null or { RateLimit: null }, FairnessKeysRateLimitDefault: null or { RateLimit: null }, FairnessWeightOverrides.Count: 0 };

    private void Publish(QueueKey key, TaskQueueConfig config)
    {
        configs[key] = config;
        if (key.Kind != TaskKind.Workflow && config.QueueRateLimit is { } limit)
        {
            matching.SetRateLimit(key, limit.RateLimit?.RequestsPerSecond);
        }
    }

    /// <summary>The configuration that goes so that another can come; null when there is room.</summary>
    private QueueKey? MakeRoom(string namespaceId)
    {
        var present = configs.Where(config => config.Key.NamespaceId == namespaceId).ToList();
        if (present.Count < mostPerNamespace)
        {
            return null;
        }

        var idle = present.Where(config => SetsNothing(config.Value)).Select(config => (QueueKey?)config.Key).FirstOrDefault();
        return idle ?? throw Refusals.ResourceExhausted(
            $"the configuration of {present.Count} task queues is remembered, which is the most that a namespace may have: lift the limits and weights of one that needs none");
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

        return config.FairnessWeightOverrides.Count <= Limits.FairnessWeightsPerTaskQueue ? config : throw Refusals.FailedPrecondition(
            $"fairness weight overrides update rejected: the task queue would have {config.FairnessWeightOverrides.Count}, maximum {Limits.FairnessWeightsPerTaskQueue}");
    }

    private RateLimitConfig Limit(UpdateTaskQueueConfigRequest.Types.RateLimitUpdate update, string identity) => new()
    {
        RateLimit = update.RateLimit,
        Metadata = new ConfigMetadata { Reason = update.Reason, UpdateIdentity = identity, UpdateTime = Timestamp.FromDateTimeOffset(time.GetUtcNow()) },
    };
}
