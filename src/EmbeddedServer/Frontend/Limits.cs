namespace Onramp.EmbeddedServer.Frontend;

/// <summary>What requests may hold at most; Temporal's own numbers.</summary>
public static class Limits
{
    /// <summary>Bytes of an id or a name.</summary>
    public const int IdBytes = 1_000;

    public const int LinksPerRequest = 10;

    public const int LinkBytes = 4_000;

    public const int CallbacksPerExecution = 2_000;

    public const int CallbackUrlBytes = 1_000;

    public const int CallbackHeaderBytes = 8_192;

    public const int FairnessKeyBytes = 64;

    /// <summary>Characters of the reason and the identity of a task queue's configuration.</summary>
    public const int TaskQueueConfigTextCharacters = 1_000;

    public const int FairnessWeightsPerRequest = 1_000;

    public const int FairnessWeightsPerTaskQueue = 1_000;

    /// <summary>Task queues of a namespace whose configuration is remembered.</summary>
    public const int TaskQueueConfigsPerNamespace = 1_000;

    public const int HistoryPageEvents = 256;

    /// <summary>Bytes of events in a page; clients take messages of 4 MiB.</summary>
    public const int HistoryPageBytes = 3 * 1024 * 1024;

    public const int VisibilityPageSize = 1_000;

    public const int ArchivalPageSize = 10_000;

    public const int NamespacePageSize = 100;

    /// <summary>Namespaces, those among them whose workflows are still being removed.</summary>
    public const int Namespaces = 10_000;

    /// <summary>Bytes of all that is said of a namespace: description, owner, data, bad binaries.</summary>
    public const int NamespaceBytes = 64 * 1024;

    public const int BadBinaries = 10;

    /// <summary>Builds whose reachability one call may ask for.</summary>
    public const int BuildIdsPerQuery = 5;

    public static readonly TimeSpan NamespaceRetentionMinimum = TimeSpan.FromHours(1);

    public static readonly TimeSpan WorkflowTaskTimeoutDefault = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan WorkflowTaskTimeoutMaximum = TimeSpan.FromSeconds(120);

    /// <summary>How long a poll for tasks is held.</summary>
    public static readonly TimeSpan TaskPoll = TimeSpan.FromSeconds(60);

    /// <summary>How long one who polls for tasks has to be ready to wait at least.</summary>
    public static readonly TimeSpan ShortestTaskPoll = TimeSpan.FromSeconds(2);

    /// <summary>How long a call for new history events is held.</summary>
    public static readonly TimeSpan HistoryPoll = TimeSpan.FromSeconds(20);

    /// <summary>How long a call that waits for an update is held.</summary>
    public static readonly TimeSpan UpdatePoll = TimeSpan.FromSeconds(20);

    /// <summary>How long before the caller's deadline a long poll is answered with nothing.</summary>
    public static readonly TimeSpan PollMargin = TimeSpan.FromSeconds(1);
}
