using Temporalio.Api.Enums.V1;
using Temporalio.Api.Worker.V1;

namespace Onramp.EmbeddedServer.Frontend.Workers;

/// <summary>
/// What workers last said of themselves, up to a bound in bytes; beyond it those are forgotten that have been silent for longest, as are all that have been for a while.
/// </summary>
/// <param name="maximumBytes">About what all of it may take. Default 64 MiB: some ten thousand workers.</param>
internal sealed class WorkerRegistry(TimeProvider wallClock, long maximumBytes = 64 * 1024 * 1024)
{
    /// <summary>What an entry takes besides what the worker said, and how decoded contents compare to encoded ones.</summary>
    private const int EntryBytes = 512;
    private const int MemoryOfEncoded = 3;

    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly Dictionary<(string NamespaceId, string Key), LinkedListNode<Entry>> entries = [];
    private readonly LinkedList<Entry> silentLongestFirst = [];
    private long bytes;

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
        lock (gate)
        {
            var key = (namespaceId, heartbeat.WorkerInstanceKey);
            if (entries.TryGetValue(key, out var before))
            {
                Remove(before);
            }

            if (heartbeat.Status != WorkerStatus.Shutdown)
            {
                var entry = new Entry(key, heartbeat, wallClock.GetTimestamp(), EntryBytes + (MemoryOfEncoded * heartbeat.CalculateSize()));
                entries.Add(key, silentLongestFirst.AddLast(entry));
                bytes += entry.Bytes;
            }

            ForgetSilent();
            while (bytes > maximumBytes && silentLongestFirst.First is { } first)
            {
                Remove(first);
            }
        }
    }

    public WorkerHeartbeat? Find(string namespaceId, string workerInstanceKey)
    {
        lock (gate)
        {
            ForgetSilent();
            return entries.TryGetValue((namespaceId, workerInstanceKey), out var entry) ? entry.Value.Heartbeat : null;
        }
    }

    /// <summary>The living ones, by key.</summary>
    public IReadOnlyList<WorkerHeartbeat> List(string namespaceId)
    {
        lock (gate)
        {
            ForgetSilent();
            return
            [
                .. silentLongestFirst.Where(entry => entry.Key.NamespaceId == namespaceId).Select(entry => entry.Heartbeat)
                    .OrderBy(heartbeat => heartbeat.WorkerInstanceKey, StringComparer.Ordinal),
            ];
        }
    }

    private void ForgetSilent()
    {
        while (silentLongestFirst.First is { } first && wallClock.GetElapsedTime(first.Value.At) >= Retention)
        {
            Remove(first);
        }
    }

    private void Remove(LinkedListNode<Entry> entry)
    {
        silentLongestFirst.Remove(entry);
        entries.Remove(entry.Value.Key);
        bytes -= entry.Value.Bytes;
    }

    private sealed record Entry((string NamespaceId, string Key) Key, WorkerHeartbeat Heartbeat, long At, int Bytes);
}
