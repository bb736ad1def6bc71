using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Storage;

/// <summary>Names one run.</summary>
public readonly record struct ExecutionKey(string NamespaceId, string WorkflowId, string RunId);

/// <summary>Names a workflow id in a namespace: what has one writer, and one inbox.</summary>
public readonly record struct WorkflowKey(string NamespaceId, string WorkflowId);

/// <summary>Work that a decision leaves for another workflow id: delivered once, after what the same sender left there before.</summary>
/// <param name="Data">Opaque to the store.</param>
public sealed record InboxMessage(WorkflowKey To, byte[] Data);

/// <summary>A message that waits in an inbox.</summary>
/// <param name="Number">Its place in line, unique within the inbox.</param>
public sealed record InboxRow(WorkflowKey To, long Number, byte[] Data);

/// <summary>A commit is only written as long as this run, of another workflow id, still has this status.</summary>
public sealed record RunCondition(ExecutionKey Key, WorkflowExecutionStatus Status);

/// <summary>What a commit changes in inboxes.</summary>
/// <param name="Sent">Messages to add, in order.</param>
/// <param name="Taken">Messages whose effect this commit is; they are removed.</param>
public sealed record InboxWrite(IReadOnlyList<InboxMessage> Sent, IReadOnlyList<InboxRow> Taken)
{
    /// <summary>What the commit took for granted about runs of other workflow ids. Default: nothing.</summary>
    public IReadOnlyList<RunCondition> Conditions { get; init; } = [];

    public static InboxWrite Nothing { get; } = new([], []);

    public bool IsEmpty => Sent.Count == 0 && Taken.Count == 0;
}

/// <summary>One run as stored. Its three parts are opaque to the store; only <c>History</c> reads them.</summary>
/// <param name="Start">What it was born with.</param>
/// <param name="State">What every decision may change.</param>
/// <param name="Details">What is large and changes rarely.</param>
public sealed record ExecutionRow(ExecutionKey Key, WorkflowExecutionStatus Status, byte[] Start, byte[] State, byte[] Details);

/// <summary>Consecutive events written by one decision; <paramref name="Data"/> is a serialized <c>temporal.api.history.v1.History</c>.</summary>
public sealed record HistoryBatchRow(long FirstEventId, long LastEventId, byte[] Data);

/// <summary>What a run keeps outside its state row, so that a change to one of many costs one small row.</summary>
public enum PendingKind
{
    Activity = 1,
    Timer = 2,
    BufferedEvent = 3,
    SignalRequestId = 4,
    Child = 5,
    ExternalSignal = 6,
    ExternalCancel = 7,
    Update = 8,
}

/// <summary>Names one pending row of a run; <paramref name="Id"/> is unique within (run, kind).</summary>
public readonly record struct PendingKey(PendingKind Kind, string Id);

/// <param name="State">Opaque to the store.</param>
/// <param name="Dispatch">Set while an activity task waits in a queue for a poller: rebuilt into matching at start.</param>
public sealed record PendingRow(PendingKey Key, byte[] State, TaskDispatch? Dispatch);

public enum TaskKind
{
    Workflow = 1,
    Activity = 2,

    /// <summary>There are none; workers poll for them all the same.</summary>
    Nexus = 3,
}

/// <summary>A task that waits in a task queue. Matching holds these in memory; the store has enough to rebuild them.</summary>
/// <param name="Queue">The queue to dispatch to (a sticky queue's own name when sticky).</param>
/// <param name="StickyNormalQueue">For a sticky workflow task: the normal queue to fall back to; else null.</param>
/// <param name="ScheduledEventId">Of the workflow or activity task.</param>
/// <param name="Attempt">From 1; with the event id it tells a stale task from the current one.</param>
/// <param name="Priority">1 (first) to 5 (last); 3 is the default.</param>
/// <param name="ScheduledAt">When it became dispatchable.</param>
public sealed record TaskDispatch(TaskKind Kind, string Queue, string? StickyNormalQueue, long ScheduledEventId, int Attempt, int Priority, DateTimeOffset ScheduledAt);

/// <summary>A task in a queue of a namespace.</summary>
public sealed record QueuedTask(ExecutionKey Key, TaskDispatch Dispatch);

/// <summary>An open run that wants to be woken (its earliest timer, timeout or back-off).</summary>
public sealed record WakeUp(ExecutionKey Key, DateTimeOffset At);

/// <summary>All that a decision changes of one run; null and empty members change nothing.</summary>
public sealed record ExecutionWrite
{
    public required ExecutionKey Key { get; init; }

    /// <summary>The run's first write. It fails the whole commit if the run exists.</summary>
    public bool IsNew { get; init; }

    /// <summary>Makes this the run that an empty run id means.</summary>
    public bool MakeCurrent { get; init; }

    /// <summary>Removes the run, its history, pending rows and visibility row (and what is current becomes none if it was this).</summary>
    public bool Delete { get; init; }

    public required WorkflowExecutionStatus Status { get; init; }

    /// <summary>What the run is born with: given with its first write, and never again.</summary>
    public byte[]? Start { get; init; }

    public required byte[] State { get; init; }

    /// <summary>What is large and changes rarely, when it changed.</summary>
    public byte[]? Details { get; init; }

    /// <summary>When this run is next to be woken; null for not at all.</summary>
    public DateTimeOffset? WakeUpAt { get; init; }

    /// <summary>The workflow task that waits for a poller, if any.</summary>
    public TaskDispatch? WorkflowTask { get; init; }

    public IReadOnlyList<HistoryBatchRow> History { get; init; } = [];

    public IReadOnlyList<PendingRow> UpsertedPending { get; init; } = [];

    public IReadOnlyList<PendingKey> DeletedPending { get; init; } = [];

    /// <summary>The run's row in visibility, when it changed.</summary>
    public VisibilityRow? Visibility { get; init; }

    /// <summary>The builds whose workers the run has had; lists and counts find them as the search attribute BuildIds.</summary>
    public IReadOnlyList<string> Builds { get; init; } = [];
}

/// <summary>What list and count see of a run.</summary>
public sealed record VisibilityRow
{
    public required string WorkflowType { get; init; }

    public required string TaskQueue { get; init; }

    public required WorkflowExecutionStatus Status { get; init; }

    public required DateTimeOffset StartTime { get; init; }

    public required DateTimeOffset ExecutionTime { get; init; }

    public DateTimeOffset? CloseTime { get; init; }

    public string? ParentWorkflowId { get; init; }

    public string? ParentRunId { get; init; }

    public required string RootWorkflowId { get; init; }

    public required string RootRunId { get; init; }

    public string? FirstRunId { get; init; }

    public long HistoryLength { get; init; }

    public long HistorySizeBytes { get; init; }

    public long StateTransitionCount { get; init; }

    /// <summary>Serialized <c>temporal.api.common.v1.Memo</c>; null for none.</summary>
    public byte[]? Memo { get; init; }

    /// <summary>Name to payload, each payload with its <c>type</c> metadata; serialized <c>temporal.api.common.v1.SearchAttributes</c>.</summary>
    public byte[]? SearchAttributes { get; init; }
}

/// <summary>A run that has closed, and its place in the order in which they did.</summary>
/// <param name="Number">Tells apart those that started and closed at the same times.</param>
public sealed record ClosedRun(ExecutionKey Key, DateTimeOffset StartTime, DateTimeOffset CloseTime, long Number);

/// <summary>A namespace as stored; <paramref name="Data"/> is a serialized <c>DescribeNamespaceResponse</c>.</summary>
/// <param name="SearchAttributes">Custom search attributes by name; values are <see cref="IndexedValueType"/>.</param>
public sealed record NamespaceRow(string Id, string Name, byte[] Data, IReadOnlyDictionary<string, IndexedValueType> SearchAttributes)
{
    /// <summary>
    /// Nothing begins in it any more once this is written; what is there goes on until it is removed. Kept as long as the process lives: a later one
    /// lets nobody in who could begin anything.
    /// </summary>
    public bool IsGone { get; init; }
}
