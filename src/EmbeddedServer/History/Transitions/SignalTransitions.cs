using Temporalio.Api.History.V1;
using static Temporalio.Api.Enums.V1.EventType;

namespace Onramp.EmbeddedServer.History.Transitions;

internal enum SignalStatus
{
    Unknown,
    Recorded,
}

internal enum SignalTrigger
{
    Deliver,
}

/// <summary>A signal that comes to a run.</summary>
/// <param name="Event">The event that tells of it.</param>
internal sealed record SignalStep(ExecutionTransaction Tx, HistoryEvent Event);

/// <summary>A signal with a request id that the run has seen is taken for a repetition: it succeeds and changes nothing.</summary>
internal static class SignalTransitions
{
    public static readonly TransitionTable<SignalStatus, SignalTrigger, SignalStep> Table = new(
        "signal", enter: null,
        new([SignalStatus.Unknown], SignalTrigger.Deliver, SignalStatus.Recorded, Record, WorkflowExecutionSignaled),
        new([SignalStatus.Recorded], SignalTrigger.Deliver, SignalStatus.Recorded, static _ => { }));

    private static void Record(SignalStep step)
    {
        step.Tx.State.SignalCount++;
        if (step.Event.WorkflowExecutionSignaledEventAttributes.RequestId is { Length: > 0 } requestId)
        {
            step.Tx.AddSignalRequestId(requestId);
        }

        step.Tx.BufferEvent(step.Event);
    }
}
