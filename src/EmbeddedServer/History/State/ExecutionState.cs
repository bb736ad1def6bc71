using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>What a request id has done to a run; an event id of 0 while its event is held back.</summary>
internal readonly record struct RequestIdUse(EventType EventType, long EventId);

/// <summary>
/// All there is to know of one run. It is changed only through an <see cref="ExecutionTransaction"/>, under the lease of its workflow id, and
/// it always equals what is stored: when a commit fails, it is dropped and read again.
/// </summary>
internal sealed class ExecutionState(ExecutionKey key, RunInfo info, int cachedEventBytes)
{
    private const byte Version = 1;

    public ExecutionKey Key { get; } = key;

    public RunInfo Info { get; } = info;

    public WorkflowTaskState Task { get; private set; } = new();

    public WorkflowExecutionStatus Status { get; set; } = WorkflowExecutionStatus.Running;

    public DateTimeOffset? CloseTime { get; set; }

    public long NextEventId { get; set; } = 1;

    public long HistorySizeBytes { get; set; }

    public long StateTransitionCount { get; set; }

    public bool CancelRequested { get; set; }

    public int SignalCount { get; set; }

    /// <summary>A run that starts with a back-off has no workflow task until that is over.</summary>
    public bool AwaitsFirstTask { get; set; } = true;

    public Memo Memo { get; set; } = new();

    /// <summary>Null when none were ever given: that is told apart from none being left.</summary>
    public SearchAttributes? SearchAttributes { get; set; }

    public Dictionary<string, RequestIdUse> RequestIds { get; } = [];

    public Dictionary<long, ActivityState> Activities { get; } = [];

    public Dictionary<string, TimerState> Timers { get; } = [];

    public HashSet<string> SignalRequestIds { get; } = [];

    /// <summary>By the event that asked for them.</summary>
    public Dictionary<long, ExternalCallState> ExternalCalls { get; } = [];

    /// <summary>Events that arrived while the workflow task was out; they have no ids yet.</summary>
    public List<HistoryEvent> Buffered { get; } = [];

    public EventTail Events { get; } = new(cachedEventBytes);

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
    /// <param name="withInFlight">Whether what this process is about already counts: it does for a restart.</param>
    public DateTimeOffset? ComputeWakeUp(bool withInFlight)
    {
        if (!IsOpen)
        {
            return null;
        }

        var earliest = Clock.Earliest(Task.WakeUpAt, Clock.Earliest(Info.RunExpiration, Info.ExecutionExpiration));
        if (AwaitsFirstTask && !Task.IsPending)
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

        foreach (var call in ExternalCalls.Values)
        {
            earliest = call.IsInFlight && !withInFlight ? earliest : Clock.Earliest(earliest, call.DueAt);
        }

        return earliest;
    }

    /// <summary>The workflow task that waits for a poller.</summary>
    public TaskDispatch? WorkflowTaskDispatch => IsOpen && Task.IsPending && !Task.IsStarted
        ? new TaskDispatch(
            TaskKind.Workflow, Task.Queue, Task.IsSticky ? Info.TaskQueue : null, Task.ScheduledEventId, Task.Attempt,
            Info.Priority is { PriorityKey: > 0 and <= 5 } p ? p.PriorityKey : 3, Task.ScheduledAt)
        : null;

    public byte[] ToBlob()
    {
        var to = new BlobWriter();
        to.Byte(Version);
        Info.Write(to);
        Task.Write(to);
        to.OptionalTime(CloseTime);
        to.Long(NextEventId);
        to.Long(HistorySizeBytes);
        to.Long(StateTransitionCount);
        to.Bool(CancelRequested);
        to.Int(SignalCount);
        to.Bool(AwaitsFirstTask);
        to.Message(Memo);
        to.Message(SearchAttributes);
        to.Int(RequestIds.Count);
        foreach (var (id, use) in RequestIds)
        {
            to.Text(id);
            to.Int((int)use.EventType);
            to.Long(use.EventId);
        }

        return to.ToArray();
    }

    public static ExecutionState FromRows(ExecutionRow row, IReadOnlyList<PendingRow> pending, int cachedEventBytes)
    {
        var from = new BlobReader(row.State);
        if (from.Byte() is var version and not Version)
        {
            throw new InvalidDataException($"stored state has format {version}, this server reads {Version}");
        }

        var state = new ExecutionState(row.Key, RunInfo.Read(ref from), cachedEventBytes)
        {
            Task = WorkflowTaskState.Read(ref from),
            Status = row.Status,
            CloseTime = from.OptionalTime(),
            NextEventId = from.Long(),
            HistorySizeBytes = from.Long(),
            StateTransitionCount = from.Long(),
            CancelRequested = from.Bool(),
            SignalCount = from.Int(),
            AwaitsFirstTask = from.Bool(),
            Memo = from.Message(Memo.Parser)!,
            SearchAttributes = from.Message(SearchAttributes.Parser),
        };
        for (var count = from.Int(); count > 0; count--)
        {
            state.RequestIds[from.Text()] = new RequestIdUse((EventType)from.Int(), from.Long());
        }

        foreach (var item in pending)
        {
            state.AddPending(item);
        }

        return state;
    }

    private void AddPending(PendingRow row)
    {
        switch (row.Key.Kind)
        {
            case PendingKind.Activity:
                var activity = ActivityState.FromBlob(row.State);
                Activities.Add(activity.ScheduledEventId, activity);
                break;
            case PendingKind.Timer:
                var timer = TimerState.FromBlob(row.State);
                Timers.Add(timer.TimerId, timer);
                break;
            case PendingKind.BufferedEvent:
                Buffered.Add(HistoryEvent.Parser.ParseFrom(row.State));
                break;
            case PendingKind.SignalRequestId:
                SignalRequestIds.Add(row.Key.Id);
                break;
            case PendingKind.ExternalSignal or PendingKind.ExternalCancel:
                var call = ExternalCallState.FromBlob(row.State);
                ExternalCalls.Add(call.InitiatedEventId, call);
                break;
            default:
                throw new InvalidDataException($"a run has pending rows of kind {row.Key.Kind}, which this server does not write");
        }
    }
}
