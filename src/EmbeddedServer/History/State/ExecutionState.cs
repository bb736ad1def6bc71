using Google.Protobuf;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>
/// All there is to know of one run. It is changed only through an <see cref="ExecutionTransaction"/>, under the lease of its workflow id, and
/// it always equals what is stored: when a commit fails, it is dropped and read again.
/// </summary>
internal sealed class ExecutionState
{
    /// <summary>What a run takes besides its contents, what an entry of its collections does, and how decoded contents compare to encoded ones.</summary>
    private const int MemoryOfRun = 2048;
    private const int MemoryOfPending = 256;
    private const int MemoryOfStored = 4;
    private const int SignalRequestIdBytes = 40;

    private const int PendingWeighedEachTime = 32;
    private const int LongestUnweighed = 64;
    private const int WeighedBytes = 1024 * 1024;

    private readonly StoredProgress progress;
    private readonly StoredDetails details;
    private Memo memo;
    private SearchAttributes? searchAttributes;
    private Priority? priority;
    private int keptUntilWeighed;
    private long unweighedBytes;

    public ExecutionState(ExecutionKey key, RunInfo info, int cachedEventBytes)
        : this(
            key, info, WorkflowExecutionStatus.Running,
            new StoredProgress { Task = new StoredWorkflowTask { Attempt = 1 }, NextEventId = 1, AwaitsFirstTask = true },
            new StoredDetails(), cachedEventBytes)
    {
    }

    private ExecutionState(
        ExecutionKey key, RunInfo info, WorkflowExecutionStatus status, StoredProgress progress, StoredDetails details, int cachedEventBytes)
    {
        Key = key;
        Info = info;
        Status = status;
        this.progress = progress;
        this.details = details;
        memo = Memo.Parser.Read(details.Memo) ?? new Memo();
        searchAttributes = SearchAttributes.Parser.Read(details.SearchAttributes);
        priority = Priority.Parser.Read(details.Priority);
        Task = new WorkflowTaskState(progress.Task);
        Events = new EventTail(cachedEventBytes);
    }

    public ExecutionKey Key { get; }

    public RunInfo Info { get; }

    public WorkflowTaskState Task { get; }

    public WorkflowExecutionStatus Status { get; set; }

    public DateTimeOffset? CloseTime { get => progress.ClosedAt.ToOptionalInstant(); set => progress.ClosedAt = value.ToTicks(); }

    public long NextEventId { get => progress.NextEventId; set => progress.NextEventId = value; }

    public long HistorySizeBytes { get => progress.HistorySizeBytes; set => progress.HistorySizeBytes = value; }

    public long StateTransitionCount { get => progress.StateTransitionCount; set => progress.StateTransitionCount = value; }

    public bool CancelRequested { get => progress.CancelRequested; set => progress.CancelRequested = value; }

    public int SignalCount { get => progress.SignalCount; set => progress.SignalCount = value; }

    /// <summary>A run that starts with a back-off has no workflow task until that is over.</summary>
    public bool AwaitsFirstTask { get => progress.AwaitsFirstTask; set => progress.AwaitsFirstTask = value; }

    /// <summary>A child has no workflow task until its parent has recorded its start.</summary>
    public bool AwaitsParent { get => progress.AwaitsParent; set => progress.AwaitsParent = value; }

    /// <summary>The last run that was made of this one by a reset; empty for none.</summary>
    public string ResetRunId { get => progress.ResetRunId; set => progress.ResetRunId = value; }

    /// <summary>What the search attribute for builds says; empty until the first task is completed.</summary>
    public IList<string> Builds => progress.Builds;

    /// <summary>Replaced, never changed in place.</summary>
    public Memo Memo
    {
        get => memo;
        set
        {
            memo = value;
            details.Memo = value.Fields.Count == 0 ? null : value.ToStored();
            DetailsVersion++;
        }
    }

    /// <summary>Null when none were ever given; those of the builds are apart. Replaced, never changed in place.</summary>
    public SearchAttributes? SearchAttributes
    {
        get => searchAttributes;
        set
        {
            details.SearchAttributes = (searchAttributes = value).ToStored();
            DetailsVersion++;
        }
    }

    /// <summary>The one of the start until another one is set. Replaced, never changed in place.</summary>
    public Priority? Priority
    {
        get => priority ?? Info.Priority;
        set
        {
            details.Priority = (priority = value).ToStored();
            DetailsVersion++;
        }
    }

    /// <summary>Differs whenever memo, search attributes or priority do; not stored.</summary>
    public int DetailsVersion { get; private set; }

    /// <summary>What each request id has done to this run.</summary>
    public IDictionary<string, StoredRequestIdUse> RequestIds => progress.RequestIds;

    /// <summary>Keeps which event a request led to; one that has no id leaves nothing to be found again.</summary>
    public void NoteRequestId(string? requestId, HistoryEvent @event)
    {
        if (requestId is { Length: > 0 })
        {
            RequestIds[requestId] = StoredRequestIdUse.Of(@event.EventType, @event.EventId);
        }
    }

    /// <summary>
    /// Known of a run whose first event has been looked at once: the others of its descriptions needn't read it. Not stored, and false of one that is read again.
    /// </summary>
    public bool HadNoCallbacksAtStart { get; set; }

    public Dictionary<long, ActivityState> Activities { get; } = [];

    public Dictionary<string, TimerState> Timers { get; } = [];

    public HashSet<string> SignalRequestIds { get; } = [];

    /// <summary>By the event that asked for them.</summary>
    public Dictionary<long, ChildState> Children { get; } = [];

    /// <summary>By the event that asked for them.</summary>
    public Dictionary<long, ExternalCallState> ExternalCalls { get; } = [];

    /// <summary>
    /// Every update that was accepted, by id: it is carried out once, however often it is asked for. Also those that a reset carried over and
    /// that are not accepted yet.
    /// </summary>
    public Dictionary<string, UpdateState> Updates { get; } = [];

    /// <summary>Events that arrived while the workflow task was out; they have no ids yet.</summary>
    public List<HistoryEvent> Buffered { get; } = [];

    public EventTail Events { get; }

    /// <summary>About what it takes in memory, as of the last <see cref="Weigh"/>.</summary>
    public long MemoryBytes { get; private set; }

    public bool IsOpen => Status == WorkflowExecutionStatus.Running;

    public long LastEventId => NextEventId - 1;

    public ActivityState? FindActivity(string activityId)
    {
        foreach (var activity in Activities.Values)
        {
            if (activity.ActivityId == activityId)
            {
                return activity;
            }
        }

        return null;
    }

    /// <summary>The earliest time at which something is due by itself.</summary>
    public DateTimeOffset? ComputeWakeUp()
    {
        if (!IsOpen)
        {
            return null;
        }

        var earliest = Clock.Earliest(Task.WakeUpAt, Clock.Earliest(Info.RunExpiration, Info.ExecutionExpiration));
        if (AwaitsFirstTask && !AwaitsParent && !Task.IsPending)
        {
            earliest = Clock.Earliest(earliest, Info.ExecutionTime);
        }

        foreach (var activity in Activities.Values)
        {
            earliest = Clock.Earliest(earliest, activity.WakeUpAt);
        }

        foreach (var timer in Timers.Values)
        {
            earliest = Clock.Earliest(earliest, timer.FireAt);
        }

        return earliest;
    }

    /// <summary>The workflow task that waits for a poller.</summary>
    public TaskDispatch? WorkflowTaskDispatch => IsOpen && Task.IsPending && !Task.IsStarted
        ? new TaskDispatch(
            TaskKind.Workflow, Task.Queue, Task.IsSticky ? Info.TaskQueue : null, Task.ScheduledEventId, Task.Attempt,
            Priority is { PriorityKey: > 0 and <= 5 } p ? p.PriorityKey : 3, Task.ScheduledAt)
        : null;

    /// <summary>Works out <see cref="MemoryBytes"/>; for runs with much pending only every so often, or when much was written since.</summary>
    /// <param name="written">Bytes of what is pending that the last decision wrote.</param>
    public void Weigh(long written = 0)
    {
        unweighedBytes += written;
        if (--keptUntilWeighed > 0 && unweighedBytes < WeighedBytes)
        {
            return;
        }

        var pending = Activities.Count + Timers.Count + Children.Count + ExternalCalls.Count + Updates.Count + Buffered.Count + SignalRequestIds.Count;
        keptUntilWeighed = Math.Min(pending / PendingWeighedEachTime, LongestUnweighed);
        unweighedBytes = 0;
        MemoryBytes = (MemoryOfStored * (CountBytes() + Events.Bytes)) + (MemoryOfPending * pending) + MemoryOfRun;
    }

    /// <summary>Whether so many bytes could be kept of it. Cheap, and right of one that has been weighed: a decision adds less than half of the bound.</summary>
    public bool MayTake(int bytes) => MemoryBytes > (long)MemoryOfStored * bytes / 2;

    /// <summary>About what is kept of it besides its history.</summary>
    public long CountBytes() => Info.StoredBytes + progress.CalculateSize() + details.CalculateSize() + (SignalRequestIds.Count * SignalRequestIdBytes)
        + Activities.Values.Sum(activity => (long)activity.StoredBytes) + Timers.Values.Sum(timer => (long)timer.StoredBytes)
        + Children.Values.Sum(child => (long)child.StoredBytes) + ExternalCalls.Values.Sum(call => (long)call.StoredBytes)
        + Updates.Values.Sum(update => (long)update.StoredBytes) + Buffered.Sum(@event => (long)@event.CalculateSize());

    /// <summary>What every decision may change.</summary>
    public byte[] ProgressToBytes() => progress.ToByteArray();

    /// <summary>Memo and search attributes.</summary>
    public byte[] DetailsToBytes() => details.ToByteArray();

    public static ExecutionState FromRows(ExecutionRow row, IReadOnlyList<PendingRow> pending, int cachedEventBytes)
    {
        var state = new ExecutionState(
            row.Key, RunInfo.FromBytes(row.Start), row.Status, StoredProgress.Parser.ParseFrom(row.State),
            StoredDetails.Parser.ParseFrom(row.Details), cachedEventBytes);
        foreach (var item in pending)
        {
            state.AddPending(item);
        }

        return state;
    }

    /// <summary>The same as <see cref="ResetRunId"/>, of a run of which nothing else is wanted.</summary>
    public static string ResetRunIdOf(ExecutionRow row) => StoredProgress.Parser.ParseFrom(row.State).ResetRunId;

    private void AddPending(PendingRow row)
    {
        switch (row.Key.Kind)
        {
            case PendingKind.Activity:
                var activity = ActivityState.FromBytes(row.State);
                Activities.Add(activity.ScheduledEventId, activity);
                break;
            case PendingKind.Timer:
                var timer = TimerState.FromBytes(row.State);
                Timers.Add(timer.TimerId, timer);
                break;
            case PendingKind.BufferedEvent:
                Buffered.Add(HistoryEvent.Parser.ParseFrom(row.State));
                break;
            case PendingKind.SignalRequestId:
                SignalRequestIds.Add(row.Key.Id);
                break;
            case PendingKind.Child:
                var child = ChildState.FromBytes(row.State);
                Children.Add(child.InitiatedEventId, child);
                break;
            case PendingKind.ExternalSignal or PendingKind.ExternalCancel:
                var call = ExternalCallState.FromBytes(row.State);
                ExternalCalls.Add(call.InitiatedEventId, call);
                break;
            case PendingKind.Update:
                Updates.Add(row.Key.Id, UpdateState.FromBytes(row.State));
                break;
            default:
                throw new InvalidDataException($"a run has pending rows of kind {row.Key.Kind}, which this server does not write");
        }
    }
}
