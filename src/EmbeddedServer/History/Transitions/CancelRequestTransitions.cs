using static Temporalio.Api.Enums.V1.EventType;

namespace Onramp.EmbeddedServer.History.Transitions;

internal enum CancelRequestStatus
{
    NotRequested,
    Requested,
}

internal enum CancelRequestTrigger
{
    Request,
}

/// <summary>Only the first request is recorded; later ones succeed and change nothing.</summary>
internal static class CancelRequestTransitions
{
    public static readonly TransitionTable<CancelRequestStatus, CancelRequestTrigger> Table = new(
        "cancel request",
        new(CancelRequestStatus.NotRequested, CancelRequestTrigger.Request, CancelRequestStatus.Requested, WorkflowExecutionCancelRequested),
        new(CancelRequestStatus.Requested, CancelRequestTrigger.Request, CancelRequestStatus.Requested));
}
