using System.Globalization;
using Google.Protobuf;
using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using HistoryEvent = Temporalio.Api.History.V1.HistoryEvent;
using HistoryMessage = Temporalio.Api.History.V1.History;

namespace Onramp.EmbeddedServer.History;

/// <summary>
/// One decision about one run: collects its events, and what became of it, and turns them into one <see cref="ExecutionWrite"/>.
/// Events that nobody commanded are buffered until no workflow task is out; then they follow whatever the decision wrote directly.
/// </summary>
internal sealed class ExecutionTransaction
{
    private readonly List<HistoryBatchRow> inherited = [];
    private readonly List<HistoryEvent> written = [];
    private readonly List<HistoryEvent> buffered = [];
    private readonly HashSet<long> dispatched = [];
    private readonly List<string> newSignalRequestIds = [];
    private readonly List<OutgoingMessage> sent = [];
    private readonly List<Action> effects = [];
    private readonly WriteLedger ledger = new();
    private readonly int storedBuffered;
    private readonly int storedDetails;
    private bool visibilityChanged;

    public ExecutionTransaction(ExecutionState state, DateTimeOffset now, bool isNew = false)
    {
        State = state;
        Now = now;
        IsNew = isNew;
        IsTouched = isNew;
        storedBuffered = state.Buffered.Count;
        storedDetails = state.DetailsVersion;
        visibilityChanged = isNew;
        Activities = new(
            state.Activities, activity => activity.ScheduledEventId, activity => Key(PendingKind.Activity, activity.ScheduledEventId),
            (key, activity) => new PendingRow(key, activity.ToBytes(), State.IsOpen ? activity.Dispatch : null), Touch);
        Timers = new(
            state.Timers, timer => timer.TimerId, timer => new PendingKey(PendingKind.Timer, timer.TimerId),
            (key, timer) => new PendingRow(key, timer.ToBytes(), null), Touch);
        Updates = new(
            state.Updates, update => update.UpdateId, update => new PendingKey(PendingKind.Update, update.UpdateId),
            (key, update) => new PendingRow(key, update.ToBytes(), null), Touch);
        Children = new(
            state.Children, child => child.InitiatedEventId, child => Key(PendingKind.Child, child.InitiatedEventId),
            (key, child) => new PendingRow(key, child.ToBytes(), null), Touch);
        ExternalCalls = new(
            state.ExternalCalls, call => call.InitiatedEventId, call => Key(call.Kind, call.InitiatedEventId),
            (key, call) => new PendingRow(key, call.ToBytes(), null), Touch);
    }

    public ExecutionState State { get; }

    public DateTimeOffset Now { get; }

    public bool IsNew { get; }

    public bool MakeCurrent { get; init; }

    /// <summary>Whether the state differs from what is stored.</summary>
    public bool IsTouched { get; private set; }

    /// <summary>Whether history readers have something new to see.</summary>
    public bool HasNews => written.Count > 0;

    public bool HasBufferedEvents => buffered.Count + State.Buffered.Count > 0;

    public IEnumerable<HistoryEvent> BufferedEvents => State.Buffered.Concat(buffered);

    /// <summary>The run that follows this one in its chain, decided and committed together with it.</summary>
    public ExecutionTransaction? Successor { get; set; }

    /// <summary>Set when a workflow task was scheduled that is to be matched with a poll.</summary>
    public bool DispatchesWorkflowTask { get; set; }

    /// <summary>Set when a speculative workflow task was scheduled or started: such a decision leaves it one. Any other does not.</summary>
    public bool MovesSpeculativeTask { get; set; }

    /// <summary>The run's activities that are not over, by the events that scheduled them.</summary>
    public PendingSet<long, ActivityState> Activities { get; }

    /// <summary>The run's timers that are running.</summary>
    public PendingSet<string, TimerState> Timers { get; }

    /// <summary>Updates that the run has admitted by event, accepted or completed.</summary>
    public PendingSet<string, UpdateState> Updates { get; }

    /// <summary>The run's child workflows.</summary>
    public PendingSet<long, ChildState> Children { get; }

    /// <summary>What the run has sent to other workflows and is not answered.</summary>
    public PendingSet<long, ExternalCallState> ExternalCalls { get; }

    /// <summary>What this decision leaves in the inboxes of other workflows, in order; it is committed with it.</summary>
    public IReadOnlyList<OutgoingMessage> Sent => sent;

    /// <summary>The events that this decision has written so far.</summary>
    public IReadOnlyList<HistoryEvent> Written => written;

    public void Touch() => IsTouched = true;

    /// <summary>What is to be done once the decision is durable, e.g. telling those who wait for it.</summary>
    public void Then(Action effect) => effects.Add(effect);

    /// <summary>Does what was asked for by <see cref="Then"/>; called once, after the commit. Nothing can undo that, so one that fails keeps nothing else from being done.</summary>
    public void RunEffects(Action<Exception> failed)
    {
        foreach (var effect in effects)
        {
            try
            {
                effect();
            }
            catch (Exception e)
            {
                failed(e);
            }
        }
    }

    public void Send(OutgoingMessage message)
    {
        sent.Add(message);
        IsTouched = true;
    }

    /// <summary>Takes messages of this decision back.</summary>
    public IReadOnlyList<OutgoingMessage> Unsend(Predicate<OutgoingMessage> match)
    {
        var unsent = sent.FindAll(match);
        sent.RemoveAll(match);
        return unsent;
    }

    public void ChangeVisibility()
    {
        visibilityChanged = true;
        IsTouched = true;
    }

    /// <summary>Takes a step with something that is gone by now: there is nothing left to do it to, but its events are written.</summary>
    /// <exception cref="IllegalTransitionException">The table has no such step.</exception>
    public void Note<TState, TTrigger>(TransitionTable<TState, TTrigger> table, TState from, TTrigger trigger)
        where TState : struct, Enum
        where TTrigger : struct, Enum
    {
        var row = table.RowOf(from, trigger);
        row.MarkTaken();
        ledger.Allow(row.Writes);
    }

    public HistoryEvent NewEvent(EventType type) => new() { EventType = type, EventTime = Now.ToProto() };

    /// <summary>Takes a step of a machine: does what its row says, which may write the row's events.</summary>
    /// <exception cref="IllegalTransitionException">The table has no such step.</exception>
    public void Fire<TState, TTrigger, TStep>(TransitionTable<TState, TTrigger, TStep> table, TState from, TTrigger trigger, TStep step)
        where TState : struct, Enum
        where TTrigger : struct, Enum => table.Fire(from, trigger, step, ledger);

    /// <summary>Writes an event now: those of workflow tasks, of commands, and the closing one.</summary>
    public HistoryEvent Append(HistoryEvent @event)
    {
        ledger.Note(@event.EventType);
        return Write(@event);
    }

    private HistoryEvent Write(HistoryEvent @event)
    {
        @event.EventId = State.NextEventId++;
        written.Add(@event);
        IsTouched = true;
        return @event;
    }

    /// <summary>Takes over events that another run has written, as they are; before anything else is written.</summary>
    public void Inherit(HistoryBatchRow batch, IEnumerable<HistoryEvent> events)
    {
        inherited.Add(batch);
        State.NextEventId = batch.LastEventId + 1;
        State.HistorySizeBytes += batch.Data.Length;
        foreach (var @event in events)
        {
            State.Events.Add(@event);
        }
    }

    /// <summary>Writes an event when no workflow task is out; see the type.</summary>
    public void BufferEvent(HistoryEvent @event)
    {
        ledger.Note(@event.EventType);
        BufferCopy(@event);
    }

    /// <summary>Buffers an event that another run wrote before.</summary>
    public void BufferCopy(HistoryEvent @event)
    {
        buffered.Add(@event);
        IsTouched = true;
    }

    /// <summary>Takes a buffered event back.</summary>
    public bool Withdraw(Predicate<HistoryEvent> match)
    {
        IsTouched = true;
        return buffered.RemoveAll(match) + State.Buffered.RemoveAll(match) > 0;
    }

    /// <summary>Gives all buffered events their ids. Whether there were any.</summary>
    public bool FlushBufferedEvents()
    {
        if (!HasBufferedEvents)
        {
            return false;
        }

        var started = new Dictionary<long, long>();
        foreach (var @event in EventFlush.Order(BufferedEvents))
        {
            Write(@event);
            EventFlush.Link(@event, started);
            NoteId(@event);
        }

        buffered.Clear();
        State.Buffered.Clear();
        return true;
    }

    /// <summary>What the state keeps of the ids that flushed events got.</summary>
    private void NoteId(HistoryEvent @event)
    {
        switch (@event.AttributesCase)
        {
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionOptionsUpdatedEventAttributes
                when @event.WorkflowExecutionOptionsUpdatedEventAttributes.AttachedRequestId is { Length: > 0 } attached:
                State.RequestIds[attached] = StoredRequestIdUse.Of(@event.EventType, @event.EventId);
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionSignaledEventAttributes
                when State.RequestIds.TryGetValue(@event.WorkflowExecutionSignaledEventAttributes.RequestId, out var used):
                // The request that started the run, or was attached to it, has signaled it, too: it is found at the signal from then on.
                State.RequestIds[@event.WorkflowExecutionSignaledEventAttributes.RequestId] = StoredRequestIdUse.Of(used.EventType, @event.EventId);
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionUpdateAdmittedEventAttributes:
                var request = @event.WorkflowExecutionUpdateAdmittedEventAttributes.Request;
                Updates.Put(new UpdateState(request.Meta.UpdateId, 0, admittedEventId: @event.EventId));
                State.NoteRequestId(request.RequestId, @event);
                break;
            case HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionStartedEventAttributes
                when State.Children.TryGetValue(@event.ChildWorkflowExecutionStartedEventAttributes.InitiatedEventId, out var child):
                child.StartedEventId = @event.EventId;
                Children.Change(child);
                break;
        }
    }

    /// <summary>Forgets what is buffered: a run closed by its own command takes nothing more.</summary>
    public void DropBuffered()
    {
        buffered.Clear();
        State.Buffered.Clear();
    }

    /// <summary>Stores a changed activity and offers its task to pollers once that is durable.</summary>
    public void DispatchActivity(ActivityState activity)
    {
        Activities.Change(activity);
        dispatched.Add(activity.ScheduledEventId);
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
            FlushBufferedEvents();
        }

        ledger.Check();
        State.StateTransitionCount++;
        var history = Batch();
        var upserted = new List<PendingRow>();
        var deleted = new List<PendingKey>();
        Activities.Collect(upserted, deleted);
        Timers.Collect(upserted, deleted);
        Children.Collect(upserted, deleted);
        ExternalCalls.Collect(upserted, deleted);
        Updates.Collect(upserted, deleted);
        CollectBuffered(upserted, deleted);
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
            WakeUpAt = State.ComputeWakeUp(),
            WorkflowTask = State.WorkflowTaskDispatch,
            History = history,
            UpsertedPending = upserted,
            DeletedPending = deleted,
            Visibility = visibilityChanged ? VisibilityOf(State) : null,
            Builds = [.. State.Builds],
        };
    }

    /// <summary>Activity tasks to offer to pollers after the commit.</summary>
    public IEnumerable<QueuedTask> DispatchedActivities()
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

    /// <summary>A run can be reset to where a batch ends: after what a decision wrote, and after each start of a workflow task.</summary>
    private List<HistoryBatchRow> Batch()
    {
        var batches = inherited;
        var batch = new HistoryMessage();
        foreach (var @event in written)
        {
            State.Events.Add(@event);
            batch.Events.Add(@event);
            if (@event.EventType == EventType.WorkflowTaskStarted || ReferenceEquals(@event, written[^1]))
            {
                var data = batch.ToByteArray();
                State.HistorySizeBytes += data.Length;
                batches.Add(new HistoryBatchRow(batch.Events[0].EventId, @event.EventId, data));
                batch = new HistoryMessage();
            }
        }

        return batches;
    }

    /// <summary>Buffered rows are numbered from 0 without gaps, so that a withdrawn event can't change the order of the others.</summary>
    private void CollectBuffered(List<PendingRow> upserted, List<PendingKey> deleted)
    {
        var unchanged = State.Buffered.Count == storedBuffered ? storedBuffered : 0;
        State.Buffered.AddRange(buffered);
        buffered.Clear();
        for (var index = unchanged; index < State.Buffered.Count; index++)
        {
            upserted.Add(new PendingRow(BufferedKey(index), State.Buffered[index].ToByteArray(), null));
        }

        for (var index = State.Buffered.Count; index < storedBuffered; index++)
        {
            deleted.Add(BufferedKey(index));
        }
    }

    private static PendingKey Key(PendingKind kind, long id) => new(kind, id.ToString(CultureInfo.InvariantCulture));

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
