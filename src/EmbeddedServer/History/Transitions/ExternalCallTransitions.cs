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

/// <summary>A signal, or a request to cancel, from one workflow to another: asked for by command, carried out by the other one.</summary>
internal static class ExternalCallTransitions
{
    public static readonly TransitionTable<ExternalCallStatus, ExternalCallTrigger> Table = new(
        "call to another workflow",
        new(ExternalCallStatus.None, ExternalCallTrigger.InitiateSignal, ExternalCallStatus.Pending, SignalExternalWorkflowExecutionInitiated),
        new(ExternalCallStatus.None, ExternalCallTrigger.InitiateCancel, ExternalCallStatus.Pending, RequestCancelExternalWorkflowExecutionInitiated),
        new(ExternalCallStatus.Pending, ExternalCallTrigger.Succeed, ExternalCallStatus.None, ExternalWorkflowExecutionSignaled, ExternalWorkflowExecutionCancelRequested),
        new(ExternalCallStatus.Pending, ExternalCallTrigger.Fail, ExternalCallStatus.None, SignalExternalWorkflowExecutionFailed, RequestCancelExternalWorkflowExecutionFailed));
}
