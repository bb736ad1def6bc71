using Temporalio.Api.History.V1;
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

/// <summary>A request to cancel a run.</summary>
/// <param name="Event">The event that tells of it.</param>
internal sealed record CancelRequestStep(ExecutionTransaction Tx, HistoryEvent Event);

/// <summary>Only the first request is recorded; later ones succeed and change nothing.</summary>
internal static class CancelRequestTransitions
{
    public static readonly TransitionTable<CancelRequestStatus, CancelRequestTrigger, CancelRequestStep> Table = new(
        "cancel request", enter: null,
        new([CancelRequestStatus.NotRequested], CancelRequestTrigger.Request, CancelRequestStatus.Requested, Record, WorkflowExecutionCancelRequested),
        new([CancelRequestStatus.Requested], CancelRequestTrigger.Request, CancelRequestStatus.Requested, static _ => { }));

    private static void Record(CancelRequestStep step)
    {
        step.Tx.State.CancelRequested = true;
        step.Tx.BufferEvent(step.Event);
    }
}
