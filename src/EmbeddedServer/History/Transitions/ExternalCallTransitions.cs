using Onramp.EmbeddedServer.History.External;
using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.History.V1;
using static Temporalio.Api.Enums.V1.EventType;

namespace Onramp.EmbeddedServer.History.Transitions;

internal enum ExternalCallStatus
{
    None,
    Pending,
}

internal enum ExternalCallTrigger
{
    InitiateSignal,
    InitiateCancel,
    Succeed,
    Fail,
}

/// <summary>What happens to a call to another workflow.</summary>
/// <param name="Event">The event that tells of it.</param>
internal sealed record ExternalCallStep(ExecutionTransaction Tx, HistoryEvent Event)
{
    /// <summary>By which a signal that is sent is told from its repetition.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>The call; null for one that is made.</summary>
    public ExternalCallState? Call { get; init; }
}

/// <summary>A signal, or a request to cancel, from one workflow to another: asked for by command, carried out by the other one.</summary>
internal static class ExternalCallTransitions
{
    public static readonly TransitionTable<ExternalCallStatus, ExternalCallTrigger, ExternalCallStep> Table = new(
        "call to another workflow", enter: null,
        new([ExternalCallStatus.None], ExternalCallTrigger.InitiateSignal, ExternalCallStatus.Pending, Send, SignalExternalWorkflowExecutionInitiated),
        new([ExternalCallStatus.None], ExternalCallTrigger.InitiateCancel, ExternalCallStatus.Pending, Send, RequestCancelExternalWorkflowExecutionInitiated),
        new([ExternalCallStatus.Pending], ExternalCallTrigger.Succeed, ExternalCallStatus.None, End, ExternalWorkflowExecutionSignaled, ExternalWorkflowExecutionCancelRequested),
        new([ExternalCallStatus.Pending], ExternalCallTrigger.Fail, ExternalCallStatus.None, End, SignalExternalWorkflowExecutionFailed, RequestCancelExternalWorkflowExecutionFailed));

    private static void Send(ExternalCallStep step)
    {
        var call = ExternalCallState.Of(step.Tx.Append(step.Event), step.Tx.State.Info.NamespaceName);
        step.Tx.ExternalCalls.Add(call);
        step.Tx.Send(CallMessages.Of(step.Tx.State, call, step.Event, step.RequestId));
    }

    private static void End(ExternalCallStep step)
    {
        step.Tx.ExternalCalls.Remove(step.Call!.InitiatedEventId);
        step.Tx.BufferEvent(step.Event);
    }
}
