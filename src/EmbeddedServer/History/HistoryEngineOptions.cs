using System.ComponentModel.DataAnnotations;

namespace Onramp.EmbeddedServer.History;

/// <summary>Limits and sizes of the history engine. The defaults are Temporal's own.</summary>
public sealed class HistoryEngineOptions
{
    /// <summary>
    /// Bytes that decoded runs may take in memory (about: what they are stored as, times what objects cost). Default 64 MiB. More costs
    /// memory, fewer costs reads. Runs that are being worked on count, but stay.
    /// </summary>
    [Range(0, 16L * 1024 * 1024 * 1024)]
    public long CacheBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>Bytes of recent events that a cached run keeps decoded. Default 128 KiB.</summary>
    [Range(0, 64 * 1024 * 1024)]
    public int CachedEventBytes { get; set; } = 128 * 1024;

    /// <summary>Events in the first page that travels with a workflow task. Default 256.</summary>
    [Range(1, 10_000)]
    public int WorkflowTaskPageEvents { get; set; } = 256;

    /// <summary>Bytes of events in one page, so that an answer stays below the 4 MB that gRPC clients take. Default 3 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int PageBytes { get; set; } = 3 * 1024 * 1024;

    /// <summary>A command's or an activity's payload above this many bytes is refused. Default 2 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaximumBlobBytes { get; set; } = 2 * 1024 * 1024;

    /// <summary>A run's memo above this many bytes is refused. Default 2 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaximumMemoBytes { get; set; } = 2 * 1024 * 1024;

    /// <summary>Bytes of an activity's last failure that are kept between attempts. Default 4 KiB.</summary>
    [Range(128, 1024 * 1024)]
    public int MaximumKeptFailureBytes { get; set; } = 4 * 1024;

    /// <summary>What is left of an attempt's failure that is too large to be recorded. Default: 512 KiB.</summary>
    public int MaximumAnsweredFailureBytes { get; set; } = 512 * 1024;

    /// <summary>Bytes of an id or a name. Default 1,000.</summary>
    [Range(1, 65_536)]
    public int MaximumIdBytes { get; set; } = 1_000;

    /// <summary>Activities that may be pending at once. Default 2,000.</summary>
    [Range(1, 1_000_000)]
    public int MaximumPendingActivities { get; set; } = 2_000;

    /// <summary>Child workflows that may be pending at once. Default 2,000.</summary>
    [Range(1, 1_000_000)]
    public int MaximumPendingChildren { get; set; } = 2_000;

    /// <summary>Signals, and likewise requests to cancel, to other workflows that may be pending at once. Default 2,000.</summary>
    [Range(1, 1_000_000)]
    public int MaximumPendingExternalCalls { get; set; } = 2_000;

    /// <summary>Signals a run takes. Default 10,000.</summary>
    [Range(1, 10_000_000)]
    public int MaximumSignals { get; set; } = 10_000;

    /// <summary>Events held back while a workflow task is out. More fail that task. Default 100.</summary>
    [Range(1, 100_000)]
    public int MaximumBufferedEvents { get; set; } = 100;

    /// <summary>Bytes of events held back while a workflow task is out. More fail that task. Default 2 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaximumBufferedBytes { get; set; } = 2 * 1024 * 1024;

    /// <summary>Bytes of what is kept of a run besides its history: memo, heartbeat details and the like; then the run is terminated. Default 8 MiB.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaximumStateBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Events a history may have; with more the run is terminated. Default 51,200.</summary>
    [Range(10, 10_000_000)]
    public long MaximumHistoryEvents { get; set; } = 50 * 1024;

    /// <summary>Bytes a history may have; with more the run is terminated. Default 50 MiB.</summary>
    [Range(1024, long.MaxValue)]
    public long MaximumHistoryBytes { get; set; } = 50 * 1024 * 1024;

    /// <summary>From this many events on, workflow tasks suggest to continue as new. Default 4,096.</summary>
    [Range(10, 10_000_000)]
    public long SuggestContinueAsNewEvents { get; set; } = 4 * 1024;

    /// <summary>From this many bytes on, workflow tasks suggest to continue as new. Default 4 MiB.</summary>
    [Range(1024, long.MaxValue)]
    public long SuggestContinueAsNewBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Updates of a run that may be under way at once. Default 10.</summary>
    [Range(1, 10_000)]
    public int MaximumUpdatesInFlight { get; set; } = 10;

    /// <summary>Bytes of a run's updates that no worker has looked at yet. Default 20 MiB.</summary>
    [Range(1024, 256 * 1024 * 1024)]
    public int MaximumUpdateBytesInFlight { get; set; } = 20 * 1024 * 1024;

    /// <summary>
    /// Bytes of the updates of all runs that no worker has accepted yet: they are in memory only, and stay there as long as no worker comes. More are refused.
    /// Default 64 MiB.
    /// </summary>
    [Range(1024, 16L * 1024 * 1024 * 1024)]
    public long MaximumUpdateBytesInMemory { get; set; } = 64L * 1024 * 1024;

    /// <summary>Updates a run takes in all. Default 2,000.</summary>
    [Range(1, 1_000_000)]
    public int MaximumUpdates { get; set; } = 2_000;

    /// <summary>
    /// A task that only carried updates, all rejected, leaves no trace if it showed its worker at most this many events, which are shown again
    /// with the next one. Default 10.
    /// </summary>
    [Range(0, 10_000)]
    public int MaximumEventsShownAgain { get; set; } = 10;

    /// <summary>Queries that may wait for a run's next workflow task at once. Default 1, as the reference has it.</summary>
    [Range(1, 10_000)]
    public int MaximumAttachedQueries { get; set; } = 1;

    /// <summary>How long a query without a deadline waits. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan QueryTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a workflow task may be kept alive by empty completions that ask for another one. Default 30 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan WorkflowTaskHeartbeatTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>A run that follows another of its chain starts no sooner than this after the other one's start. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan MinimumChainInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A user timer fires no sooner than this after its start. Default zero; Temporal's servers may be up to a second late with a short one.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan MinimumTimerSpan { get; set; }

    /// <summary>Whether workflows may start children in other namespaces, and signal and cancel workflows there. Default no, as on Temporal's servers.</summary>
    public bool EnableCrossNamespaceCommands { get; set; }

    /// <summary>Inboxes that are dealt with at once. Default 128; their commits share one write to the disk.</summary>
    [Range(1, 10_000)]
    public int MaximumConcurrentDeliveries { get; set; } = 128;

    /// <summary>
    /// Inboxes with messages of which it is remembered that they have any; others are looked for in the data file when these have been dealt with. Default 100,000.
    /// </summary>
    [Range(1, 10_000_000)]
    public int MaximumInboxesInMemory { get; set; } = 100_000;

    /// <summary>Throws what is out of range, naming the option.</summary>
    public void Validate() => Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
}
