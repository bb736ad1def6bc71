using System.Collections.Concurrent;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Worker.V1;

namespace Onramp.EmbeddedServer.Frontend.Workers;

/// <summary>What workers last said of themselves; forgotten when they have been silent for a while.</summary>
internal sealed class WorkerRegistry(TimeProvider wallClock)
{
    /// <summary>Bounds what one namespace's workers can make us keep.</summary>
    public const int MaximumWorkersPerNamespace = 10_000;

    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, (WorkerHeartbeat Heartbeat, DateTimeOffset At)>> namespaces = new(StringComparer.Ordinal);

    /// <summary>Takes over what workers say; those that say that they are shut down are forgotten.</summary>
    public void Record(string namespaceId, IEnumerable<WorkerHeartbeat> heartbeats)
    {
        foreach (var heartbeat in heartbeats)
        {
            Record(namespaceId, heartbeat);
        }
    }

    private void Record(string namespaceId, WorkerHeartbeat heartbeat)
    {
        var workers = namespaces.GetOrAdd(namespaceId, static _ => new(StringComparer.Ordinal));
        if (heartbeat.Status == WorkerStatus.Shutdown)
        {
            workers.TryRemove(heartbeat.WorkerInstanceKey, out _);
            return;
        }

        if (workers.Count >= MaximumWorkersPerNamespace && !workers.ContainsKey(heartbeat.WorkerInstanceKey))
        {
            Forget(workers);
            if (workers.Count >= MaximumWorkersPerNamespace)
            {
                return;
            }
        }

        workers[heartbeat.WorkerInstanceKey] = (heartbeat, wallClock.GetUtcNow());
    }

    public WorkerHeartbeat? Find(string namespaceId, string workerInstanceKey) =>
        namespaces.TryGetValue(namespaceId, out var workers) && workers.TryGetValue(workerInstanceKey, out var worker) && IsAlive(worker.At)
            ? worker.Heartbeat
            : null;

    /// <summary>The living ones, by key.</summary>
    public IReadOnlyList<WorkerHeartbeat> List(string namespaceId)
    {
        if (!namespaces.TryGetValue(namespaceId, out var workers))
        {
            return [];
        }

        Forget(workers);
        return [.. workers.Values.Select(worker => worker.Heartbeat).OrderBy(heartbeat => heartbeat.WorkerInstanceKey, StringComparer.Ordinal)];
    }

    private void Forget(ConcurrentDictionary<string, (WorkerHeartbeat Heartbeat, DateTimeOffset At)> workers)
    {
        foreach (var worker in workers)
        {
            if (!IsAlive(worker.Value.At))
            {
                workers.TryRemove(worker);
            }
        }
    }

    private bool IsAlive(DateTimeOffset at) => wallClock.GetUtcNow() - at < Retention;
}
