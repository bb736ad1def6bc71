using System.Globalization;
using Google.Protobuf;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using HistoryEvent = Temporalio.Api.History.V1.HistoryEvent;
using HistoryMessage = Temporalio.Api.History.V1.History;

namespace Onramp.EmbeddedServer.History;

/// <summary>
/// One decision about one run: collects its events, and what became of it, and turns them into one <see cref="ExecutionWrite"/>.
/// Events that nobody commanded are held until no workflow task is out; then they follow whatever the decision wrote directly.
/// </summary>
internal sealed class ExecutionTransaction(ExecutionState state, DateTimeOffset now, bool isNew = false)
{
    private readonly List<HistoryEvent> written = [];
    private readonly List<HistoryEvent> held = [];
    private readonly HashSet<long> changedActivities = [];
    private readonly HashSet<long> dispatched = [];
    private readonly HashSet<string> changedTimers = [];
    private readonly HashSet<(PendingKind Kind, long Id)> changedCalls = [];
    private readonly List<string> newSignalRequestIds = [];
    private readonly HashSet<string> changedUpdates = [];
    private readonly List<Action> effects = [];
    private readonly int storedBuffered = state.Buffered.Count;
    private readonly int storedDetails = state.DetailsVersion;
    private bool visibilityChanged = isNew;

    public ExecutionState State { get; } = state;

    public DateTimeOffset Now { get; } = now;

    public bool IsNew { get; } = isNew;

    public bool MakeCurrent { get; init; }

    /// <summary>Whether the state differs from what is stored.</summary>
    public bool IsTouched { get; private set; } = isNew;

    /// <summary>Whether history readers have something new to see.</summary>
    public bool HasNews => written.Count > 0;

    public bool HasHeldEvents => held.Count + State.Buffered.Count > 0;

    public IEnumerable<HistoryEvent> HeldEvents => State.Buffered.Concat(held);

    /// <summary>The run that follows this one in its chain, decided and committed together with it.</summary>
    public ExecutionTransaction? Successor { get; set; }

    /// <summary>Set when a workflow task was scheduled that is to be offered to pollers.</summary>
    public bool OffersWorkflowTask { get; set; }

    public void Touch() => IsTouched = true;

    /// <summary>What is to be done once the decision is durable, e.g. telling those who wait for it.</summary>
    public void Then(Action effect) => effects.Add(effect);

    /// <summary>Does what was asked for by <see cref="Then"/>; called once, after the commit.</summary>
    public void RunEffects() => effects.ForEach(effect => effect());

    public void ChangeVisibility()
    {
        visibilityChanged = true;
        IsTouched = true;
    }

    public HistoryEvent NewEvent(EventType type) => new() { EventType = type, EventTime = Now.ToProto() };

    /// <summary>Writes an event now: those of workflow tasks, of commands, and the closing one.</summary>
    public HistoryEvent Append(HistoryEvent @event)
    {
        @event.EventId = State.NextEventId++;
        written.Add(@event);
        IsTouched = true;
        return @event;
    }

    /// <summary>Writes an event when no workflow task is out; see the type.</summary>
    public void Hold(HistoryEvent @event)
    {
        held.Add(@event);
        IsTouched = true;
    }

    /// <summary>Takes a held event back.</summary>
    public bool Withdraw(Predicate<HistoryEvent> match)
    {
        IsTouched = true;
        return held.RemoveAll(match) + State.Buffered.RemoveAll(match) > 0;
    }

    /// <summary>Gives all held events their ids. Whether there were any.</summary>
    public bool Flush()
    {
        if (!HasHeldEvents)
        {
            return false;
        }

        var started = new Dictionary<long, long>();
        foreach (var @event in EventFlush.Order(HeldEvents))
        {
            Append(@event);
            EventFlush.Link(@event, started);
            if (@event.EventType == EventType.WorkflowExecutionOptionsUpdated
                && @event.WorkflowExecutionOptionsUpdatedEventAttributes.AttachedRequestId is { Length: > 0 } attached)
            {
                State.RequestIds[attached] = StoredRequestIdUse.Of(@event.EventType, @event.EventId);
            }
        }

        held.Clear();
        State.Buffered.Clear();
        return true;
    }

    /// <summary>Forgets what is held: a run closed by its own command takes nothing more.</summary>
    public void DropHeld()
    {
        held.Clear();
        State.Buffered.Clear();
    }

    public void ChangeActivity(ActivityState activity)
    {
        changedActivities.Add(activity.ScheduledEventId);
        IsTouched = true;
    }

    /// <summary>Stores a changed activity and offers its task to pollers once that is durable.</summary>
    public void DispatchActivity(ActivityState activity)
    {
        ChangeActivity(activity);
        dispatched.Add(activity.ScheduledEventId);
    }

    public void AddActivity(ActivityState activity)
    {
        State.Activities.Add(activity.ScheduledEventId, activity);
        ChangeActivity(activity);
    }

    public void RemoveActivity(ActivityState activity)
    {
        State.Activities.Remove(activity.ScheduledEventId);
        dispatched.Remove(activity.ScheduledEventId);
        ChangeActivity(activity);
    }

    public void AddTimer(TimerState timer)
    {
        State.Timers.Add(timer.TimerId, timer);
        changedTimers.Add(timer.TimerId);
        IsTouched = true;
    }

    public void RemoveTimer(string timerId)
    {
        State.Timers.Remove(timerId);
        changedTimers.Add(timerId);
        IsTouched = true;
    }

    public void AddExternalCall(ExternalCallState call)
    {
        State.ExternalCalls.Add(call.InitiatedEventId, call);
        changedCalls.Add((call.Kind, call.InitiatedEventId));
        IsTouched = true;
    }

    public void RemoveExternalCall(ExternalCallState call)
    {
        State.ExternalCalls.Remove(call.InitiatedEventId);
        changedCalls.Add((call.Kind, call.InitiatedEventId));
        IsTouched = true;
    }

    /// <summary>Stores an accepted update, or what has become of it.</summary>
    public void ChangeUpdate(UpdateState update)
    {
        State.Updates[update.UpdateId] = update;
        changedUpdates.Add(update.UpdateId);
        IsTouched = true;
    }

    public void AddSignalRequestId(string requestId)
    {
        if (State.SignalRequestIds.Add(requestId))
        {
            newSignalRequestIds.Add(requestId);
        }
    }

    /// <summary>Ends the decision: what is to be stored. Call it once, when nothing else will be decided.</summary>
    public ExecutionWrite Finish()
    {
        if (!State.Task.IsStarted && State.IsOpen)
        {
            Flush();
        }

        State.StateTransitionCount++;
        var history = Batch();
        var upserted = new List<PendingRow>();
        var deleted = new List<PendingKey>();
        CollectActivities(upserted, deleted);
        CollectTimers(upserted, deleted);
        CollectExternalCalls(upserted, deleted);
        CollectBuffered(upserted, deleted);
        foreach (var id in changedUpdates)
        {
            upserted.Add(new PendingRow(new PendingKey(PendingKind.Update, id), State.Updates[id].ToBytes(), null));
        }

        foreach (var id in newSignalRequestIds)
        {
            upserted.Add(new PendingRow(new PendingKey(PendingKind.SignalRequestId, id), [], null));
        }

        return new ExecutionWrite
        {
            Key = State.Key,
            IsNew = IsNew,
            MakeCurrent = MakeCurrent,
            Status = State.Status,
            Start = IsNew ? State.Info.ToBytes() : null,
            State = State.ProgressToBytes(),
            Details = IsNew || State.DetailsVersion != storedDetails ? State.DetailsToBytes() : null,
            WakeUpAt = State.ComputeWakeUp(withInFlight: true),
            WorkflowTask = State.WorkflowTaskDispatch,
            History = history,
            UpsertedPending = upserted,
            DeletedPending = deleted,
            Visibility = visibilityChanged ? VisibilityOf(State) : null,
        };
    }

    /// <summary>Activity tasks to offer to pollers after the commit.</summary>
    public IEnumerable<QueuedTask> OfferedActivities()
    {
        if (!State.IsOpen)
        {
            yield break;
        }

        foreach (var id in dispatched)
        {
            if (State.Activities.TryGetValue(id, out var activity) && activity.Dispatch is { } dispatch)
            {
                yield return new QueuedTask(State.Key, dispatch);
            }
        }
    }

    private HistoryBatchRow[] Batch()
    {
        if (written.Count == 0)
        {
            return [];
        }

        var batch = new HistoryMessage { Events = { written } }.ToByteArray();
        State.HistorySizeBytes += batch.Length;
        foreach (var @event in written)
        {
            State.Events.Add(@event);
        }

        return [new HistoryBatchRow(written[0].EventId, written[^1].EventId, batch)];
    }

    private void CollectActivities(List<PendingRow> upserted, List<PendingKey> deleted)
    {
        foreach (var id in changedActivities)
        {
            var key = new PendingKey(PendingKind.Activity, id.ToString(CultureInfo.InvariantCulture));
            if (State.Activities.TryGetValue(id, out var activity))
            {
                upserted.Add(new PendingRow(key, activity.ToBytes(), State.IsOpen ? activity.Dispatch : null));
            }
            else
            {
                deleted.Add(key);
            }
        }
    }

    private void CollectTimers(List<PendingRow> upserted, List<PendingKey> deleted)
    {
        foreach (var id in changedTimers)
        {
            var key = new PendingKey(PendingKind.Timer, id);
            if (State.Timers.TryGetValue(id, out var timer))
            {
                upserted.Add(new PendingRow(key, timer.ToBytes(), null));
            }
            else
            {
                deleted.Add(key);
            }
        }
    }

    private void CollectExternalCalls(List<PendingRow> upserted, List<PendingKey> deleted)
    {
        foreach (var (kind, id) in changedCalls)
        {
            var key = new PendingKey(kind, id.ToString(CultureInfo.InvariantCulture));
            if (State.ExternalCalls.TryGetValue(id, out var call))
            {
                upserted.Add(new PendingRow(key, call.ToBytes(), null));
            }
            else
            {
                deleted.Add(key);
            }
        }
    }

    /// <summary>Buffered rows are numbered from 0 without gaps, so that a withdrawn event can't change the order of the others.</summary>
    private void CollectBuffered(List<PendingRow> upserted, List<PendingKey> deleted)
    {
        var unchanged = State.Buffered.Count == storedBuffered ? storedBuffered : 0;
        State.Buffered.AddRange(held);
        held.Clear();
        for (var index = unchanged; index < State.Buffered.Count; index++)
        {
            upserted.Add(new PendingRow(BufferedKey(index), State.Buffered[index].ToByteArray(), null));
        }

        for (var index = State.Buffered.Count; index < storedBuffered; index++)
        {
            deleted.Add(BufferedKey(index));
        }
    }

    private static PendingKey BufferedKey(int index) => new(PendingKind.BufferedEvent, index.ToString("D8", CultureInfo.InvariantCulture));

    private static VisibilityRow VisibilityOf(ExecutionState state) => new()
    {
        WorkflowType = state.Info.WorkflowType,
        TaskQueue = state.Info.TaskQueue,
        Status = state.Status,
        StartTime = state.Info.StartTime,
        ExecutionTime = state.Info.ExecutionTime,
        CloseTime = state.CloseTime,
        ParentWorkflowId = state.Info.Parent?.WorkflowId,
        ParentRunId = state.Info.Parent?.RunId,
        RootWorkflowId = state.Info.Root.WorkflowId,
        RootRunId = state.Info.Root.RunId,
        FirstRunId = state.Info.FirstExecutionRunId,
        HistoryLength = state.LastEventId,
        HistorySizeBytes = state.HistorySizeBytes,
        StateTransitionCount = state.StateTransitionCount,
        Memo = state.Memo.Fields.Count == 0 ? null : state.Memo.ToByteArray(),
        SearchAttributes = state.SearchAttributes is { IndexedFields.Count: > 0 } attributes ? attributes.ToByteArray() : null,
    };
}
