using Grpc.Core;
using Onramp.EmbeddedServer.History.Reads;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.External;

/// <summary>
/// Carries out calls from one workflow to another, and tells the caller how they ended. Each is tried until it has an outcome; the target
/// recognises a repetition by its request id.
/// </summary>
internal sealed class ExternalCalls(
    ExecutionRunner runner, SignalRecorder signals, CancelRecorder cancels, WorkflowTaskMachine workflowTasks, EventReader reader)
{
    private enum Outcome
    {
        Done,
        NotFound,
        TooManySignals,
    }

    /// <summary>Takes the calls that are due, in the order they were asked for. Needs the lease.</summary>
    public static List<ExternalCallState> Take(ExecutionState state, DateTimeOffset now)
    {
        var due = state.IsOpen
            ? state.ExternalCalls.Values.Where(call => !call.IsInFlight && call.DueAt <= now).OrderBy(call => call.InitiatedEventId).ToList()
            : [];
        due.ForEach(call => call.IsInFlight = true);
        return due;
    }

    public async Task ExecuteAsync(ExecutionKey caller, ExternalCallState call)
    {
        var outcome = await ReachAsync(caller, call).ConfigureAwait(false);
        using var lease = await runner.LeaseAsync(caller.NamespaceId, caller.WorkflowId).ConfigureAwait(false);
        if (lease.Find(caller.RunId) is { IsOpen: true } state && state.ExternalCalls.ContainsKey(call.InitiatedEventId))
        {
            await runner.UpdateAsync(lease, state, tx =>
            {
                ExternalCallTransitions.Table.Take(
                    ExternalCallStatus.Pending, outcome == Outcome.Done ? ExternalCallTrigger.Succeed : ExternalCallTrigger.Fail);
                tx.RemoveExternalCall(call);
                tx.Hold(EventOf(tx, call, outcome));
                workflowTasks.Wake(tx);
                return true;
            }).ConfigureAwait(false);
        }
    }

    /// <summary>It could not be carried out now.</summary>
    public async Task PostponeAsync(ExecutionKey caller, ExternalCallState call, DateTimeOffset until)
    {
        using var lease = await runner.LeaseAsync(caller.NamespaceId, caller.WorkflowId).ConfigureAwait(false);
        call.IsInFlight = false;
        call.DueAt = until;
    }

    private async Task<Outcome> ReachAsync(ExecutionKey caller, ExternalCallState call)
    {
        if (call.NamespaceId == caller.NamespaceId && call.WorkflowId == caller.WorkflowId && (call.RunId.Length == 0 || call.RunId == caller.RunId))
        {
            return Outcome.NotFound;
        }

        var initiated = call.IsSignal ? await InitiatedAsync(caller, call).ConfigureAwait(false) : null;
        var reason = call.IsSignal ? "" : await ReasonAsync(caller, call).ConfigureAwait(false);
        using var lease = await runner.LeaseAsync(call.NamespaceId, call.WorkflowId).ConfigureAwait(false);
        var runId = call.RunId.Length > 0 ? call.RunId : lease.CurrentRunId;
        if (runId is null || lease.Find(runId) is not { } target || (call.ChildOnly && !IsParent(caller, target)))
        {
            return Outcome.NotFound;
        }

        if (!target.IsOpen)
        {
            return call.IsSignal ? Outcome.NotFound : Outcome.Done;
        }

        var source = new WorkflowExecution { WorkflowId = caller.WorkflowId, RunId = caller.RunId };
        if (initiated is null)
        {
            await runner.UpdateAsync(lease, target, tx => cancels.Record(tx, new CancelRequest(
                reason, WorkflowTaskMachine.ServerIdentity, [], source, call.InitiatedEventId))).ConfigureAwait(false);
            return Outcome.Done;
        }

        return await SignalAsync(lease, target, call, initiated, source).ConfigureAwait(false);
    }

    private async Task<Outcome> SignalAsync(
        ExecutionCache.Lease lease, ExecutionState target, ExternalCallState call, SignalExternalWorkflowExecutionInitiatedEventAttributes initiated,
        WorkflowExecution source)
    {
        var signal = new Signal(initiated.SignalName, initiated.Input, initiated.Header, WorkflowTaskMachine.ServerIdentity, call.RequestId, [], source);
        try
        {
            await runner.UpdateAsync(lease, target, tx =>
            {
                if (signals.Record(tx, signal))
                {
                    workflowTasks.Wake(tx);
                }

                return true;
            }).ConfigureAwait(false);
            return Outcome.Done;
        }
        catch (RefusalException e) when (e.Code == StatusCode.InvalidArgument)
        {
            return Outcome.TooManySignals;
        }
    }

    private async Task<SignalExternalWorkflowExecutionInitiatedEventAttributes> InitiatedAsync(ExecutionKey caller, ExternalCallState call) =>
        (await ReadAsync(caller, call).ConfigureAwait(false)).SignalExternalWorkflowExecutionInitiatedEventAttributes;

    private async Task<string> ReasonAsync(ExecutionKey caller, ExternalCallState call) =>
        (await ReadAsync(caller, call).ConfigureAwait(false)).RequestCancelExternalWorkflowExecutionInitiatedEventAttributes.Reason;

    private async Task<HistoryEvent> ReadAsync(ExecutionKey caller, ExternalCallState call)
    {
        using var lease = await runner.LeaseAsync(caller.NamespaceId, caller.WorkflowId).ConfigureAwait(false);
        var state = lease.Find(caller.RunId) ?? throw Errors.RunNotFound(caller.WorkflowId, caller.RunId);
        return reader.ReadOne(state, call.InitiatedEventId);
    }

    private static bool IsParent(ExecutionKey caller, ExecutionState target) =>
        target.Info.ParentNamespaceId == caller.NamespaceId && target.Info.Parent is { } parent
        && parent.WorkflowId == caller.WorkflowId && parent.RunId == caller.RunId;

#pragma warning disable CS0612 // What was sent as control is sent back.
    private HistoryEvent EventOf(ExecutionTransaction tx, ExternalCallState call, Outcome outcome)
    {
        var target = new WorkflowExecution { WorkflowId = call.WorkflowId, RunId = call.RunId };
        var initiated = reader.ReadOne(tx.State, call.InitiatedEventId);
        return (call.IsSignal, outcome) switch
        {
            (true, Outcome.Done) => With(tx.NewEvent(EventType.ExternalWorkflowExecutionSignaled), e =>
                e.ExternalWorkflowExecutionSignaledEventAttributes = new ExternalWorkflowExecutionSignaledEventAttributes
                {
                    InitiatedEventId = call.InitiatedEventId,
                    Namespace = call.NamespaceName,
                    NamespaceId = call.NamespaceId,
                    WorkflowExecution = target,
                    Control = initiated.SignalExternalWorkflowExecutionInitiatedEventAttributes.Control,
                }),
            (true, _) => With(tx.NewEvent(EventType.SignalExternalWorkflowExecutionFailed), e =>
                e.SignalExternalWorkflowExecutionFailedEventAttributes = new SignalExternalWorkflowExecutionFailedEventAttributes
                {
                    Cause = outcome == Outcome.TooManySignals
                        ? SignalExternalWorkflowExecutionFailedCause.SignalCountLimitExceeded
                        : SignalExternalWorkflowExecutionFailedCause.ExternalWorkflowExecutionNotFound,
                    Namespace = call.NamespaceName,
                    NamespaceId = call.NamespaceId,
                    WorkflowExecution = target,
                    InitiatedEventId = call.InitiatedEventId,
                    Control = initiated.SignalExternalWorkflowExecutionInitiatedEventAttributes.Control,
                }),
            (false, Outcome.Done) => With(tx.NewEvent(EventType.ExternalWorkflowExecutionCancelRequested), e =>
                e.ExternalWorkflowExecutionCancelRequestedEventAttributes = new ExternalWorkflowExecutionCancelRequestedEventAttributes
                {
                    InitiatedEventId = call.InitiatedEventId,
                    Namespace = call.NamespaceName,
                    NamespaceId = call.NamespaceId,
                    WorkflowExecution = target,
                }),
            _ => With(tx.NewEvent(EventType.RequestCancelExternalWorkflowExecutionFailed), e =>
                e.RequestCancelExternalWorkflowExecutionFailedEventAttributes = new RequestCancelExternalWorkflowExecutionFailedEventAttributes
                {
                    Cause = CancelExternalWorkflowExecutionFailedCause.ExternalWorkflowExecutionNotFound,
                    Namespace = call.NamespaceName,
                    NamespaceId = call.NamespaceId,
                    WorkflowExecution = target,
                    InitiatedEventId = call.InitiatedEventId,
                    Control = initiated.RequestCancelExternalWorkflowExecutionInitiatedEventAttributes.Control,
                }),
        };
    }
#pragma warning restore CS0612

    private static HistoryEvent With(HistoryEvent @event, Action<HistoryEvent> set)
    {
        set(@event);
        return @event;
    }
}
