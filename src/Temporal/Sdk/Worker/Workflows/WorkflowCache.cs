namespace Temporalio.Worker.Workflows;

/// <summary>
/// The runs that a worker holds, the least recently used given up first. A run is rented, which gives its task sole use of it; other tasks
/// of the run wait. What is rented is not given up, so the cache holds at most its capacity plus what is under way.
/// </summary>
internal sealed class WorkflowCache(int capacity)
{
    private readonly Dictionary<string, Entry> entries = [];
    private readonly LinkedList<Entry> idle = new();
    private readonly Lock gate = new();

    /// <summary>Gets how many runs are held.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return entries.Values.Count(entry => entry.Run is not null);
            }
        }
    }

    /// <summary>Takes a run, or an empty place for it.</summary>
    public async ValueTask<Lease> RentAsync(string runId)
    {
        Entry? entry;
        lock (gate)
        {
            if (!entries.TryGetValue(runId, out entry))
            {
                entry = new(runId);
                entries.Add(runId, entry);
            }

            entry.Users++;
            if (entry.Place.List is not null)
            {
                idle.Remove(entry.Place);
            }

            MakeRoom(1);
        }

        await entry.Turn.WaitAsync().ConfigureAwait(false);
        return new(this, entry);
    }

    /// <summary>Gives up everything that is not rented.</summary>
    public void Clear()
    {
        lock (gate)
        {
            MakeRoom(int.MaxValue);
        }
    }

    private void Return(Entry entry)
    {
        lock (gate)
        {
            entry.Users--;
            if (entry.Users == 0)
            {
                if (entry.Run is null || capacity == 0)
                {
                    entries.Remove(entry.RunId);
                }
                else
                {
                    idle.AddLast(entry.Place);
                    MakeRoom(0);
                }
            }
        }

        entry.Turn.Release();
    }

    private void MakeRoom(int places)
    {
        while (idle.First is { } oldest && (long)idle.Count + places > capacity)
        {
            idle.Remove(oldest);
            entries.Remove(oldest.Value.RunId);
        }
    }

    /// <summary>Sole use of a run, until disposed.</summary>
    internal sealed class Lease(WorkflowCache cache, Entry entry) : IDisposable
    {
        /// <summary>Gets or sets the run; null gives its place up.</summary>
        public WorkflowRun? Run
        {
            get => entry.Run;
            set => entry.Run = value;
        }

        public void Dispose() => cache.Return(entry);
    }

    /// <summary>A run's place.</summary>
    internal sealed class Entry
    {
        public Entry(string runId)
        {
            RunId = runId;
            Place = new(this);
        }

        public string RunId { get; }

        public LinkedListNode<Entry> Place { get; }

        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Users { get; set; }

        public WorkflowRun? Run { get; set; }
    }
}
