using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History;

/// <summary>
/// One writer a workflow id: whoever holds the lease may read and change its runs. Keeps the runs of recently used ids decoded, up to a bound
/// in bytes; everything else is read from the store when it is needed.
/// </summary>
internal sealed class ExecutionCache(IStore store, HistoryEngineOptions options)
{
    private readonly IStore store = store;
    private readonly HistoryEngineOptions options = options;
    private readonly Lock gate = new();
    private readonly Dictionary<WorkflowKey, Slot> slots = [];
    private readonly LinkedList<Slot> recency = [];
    private long bytes;

    /// <summary>About what all decoded runs take in memory.</summary>
    public long Bytes
    {
        get
        {
            lock (gate)
            {
                return bytes;
            }
        }
    }

    public async ValueTask<Lease> AcquireAsync(string namespaceId, string workflowId)
    {
        var slot = Enter(new WorkflowKey(namespaceId, workflowId));
        try
        {
            await slot.Turn.WaitAsync().ConfigureAwait(false);
        }
        catch
        {
            Leave(slot);
            throw;
        }

        return new Lease(this, slot);
    }

    private Slot Enter(WorkflowKey key)
    {
        lock (gate)
        {
            if (slots.TryGetValue(key, out var slot))
            {
                recency.Remove(slot.Recency);
            }
            else
            {
                slot = new Slot(key);
                slots.Add(key, slot);
                bytes += slot.Bytes;
            }

            slot.Users++;
            recency.AddFirst(slot.Recency);
            return slot;
        }
    }

    /// <summary>Takes account of what a slot holds now. Needs the lease.</summary>
    private void Weigh(Slot slot)
    {
        var now = Slot.OwnBytes + slot.Runs.Values.Sum(state => state.MemoryBytes);
        lock (gate)
        {
            bytes += now - slot.Bytes;
            slot.Bytes = now;
        }
    }

    private void Leave(Slot slot)
    {
        lock (gate)
        {
            slot.Users--;
            Evict();
        }
    }

    private void Evict()
    {
        var node = recency.Last;
        while (bytes > options.CacheBytes && node is not null)
        {
            var previous = node.Previous;
            if (node.Value.Users == 0)
            {
                recency.Remove(node);
                slots.Remove(node.Value.Key);
                bytes -= node.Value.Bytes;
            }

            node = previous;
        }
    }

    internal sealed class Slot
    {
        public Slot(WorkflowKey key)
        {
            Key = key;
            Recency = new LinkedListNode<Slot>(this);
        }

        /// <summary>What it takes without runs.</summary>
        public const int OwnBytes = 1024;

        public WorkflowKey Key { get; }

        public LinkedListNode<Slot> Recency { get; }

        public SemaphoreSlim Turn { get; } = new(1, 1);

        /// <summary>Guarded by the cache's gate.</summary>
        public int Users { get; set; }

        /// <summary>Guarded by the cache's gate.</summary>
        public long Bytes { get; set; } = OwnBytes;

        public Dictionary<string, ExecutionState> Runs { get; } = [];

        public string? CurrentRunId { get; set; }

        public bool KnowsCurrent { get; set; }
    }

    /// <summary>The right to read and change one workflow id's runs, until disposed.</summary>
    internal sealed class Lease(ExecutionCache cache, Slot slot) : IDisposable
    {
        private const int RunsPerWorkflow = 4;
        private bool disposed;

        public WorkflowKey Key => slot.Key;

        /// <summary>The run that an empty run id means, or null.</summary>
        public string? CurrentRunId
        {
            get
            {
                if (!slot.KnowsCurrent)
                {
                    slot.CurrentRunId = cache.store.FindCurrentRunId(slot.Key.NamespaceId, slot.Key.WorkflowId);
                    slot.KnowsCurrent = true;
                }

                return slot.CurrentRunId;
            }
        }

        public ExecutionKey KeyOf(string runId) => new(slot.Key.NamespaceId, slot.Key.WorkflowId, runId);

        public ExecutionState? Find(string runId)
        {
            if (slot.Runs.TryGetValue(runId, out var state))
            {
                return state;
            }

            var key = KeyOf(runId);
            if (cache.store.FindExecution(key) is not { } row)
            {
                return null;
            }

            state = ExecutionState.FromRows(row, cache.store.ReadPending(key), cache.options.CachedEventBytes);
            Keep(state);
            return state;
        }

        /// <summary>Remembers what was committed.</summary>
        /// <param name="written">Bytes of what is pending among that.</param>
        public void Keep(ExecutionState state, bool makeCurrent = false, long written = 0)
        {
            if (slot.Runs.Count >= RunsPerWorkflow && !slot.Runs.ContainsKey(state.Key.RunId))
            {
                foreach (var runId in slot.Runs.Keys.Where(id => id != slot.CurrentRunId).ToList())
                {
                    slot.Runs.Remove(runId);
                }
            }

            state.Weigh(written);
            slot.Runs[state.Key.RunId] = state;
            if (makeCurrent)
            {
                slot.CurrentRunId = state.Key.RunId;
                slot.KnowsCurrent = true;
            }
        }

        /// <summary>Forgets all that is decoded: it may differ from what is stored.</summary>
        public void Discard()
        {
            slot.Runs.Clear();
            slot.KnowsCurrent = false;
        }

        public void Dispose()
        {
            if (!disposed)
            {
                disposed = true;
                cache.Weigh(slot);
                slot.Turn.Release();
                cache.Leave(slot);
            }
        }
    }
}
