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

/// <summary>A signal with a request id that the run has seen is taken for a repetition: it succeeds and changes nothing.</summary>
internal static class SignalTransitions
{
    public static readonly TransitionTable<SignalStatus, SignalTrigger> Table = new(
        "signal",
        new(SignalStatus.Unknown, SignalTrigger.Deliver, SignalStatus.Recorded, WorkflowExecutionSignaled),
        new(SignalStatus.Recorded, SignalTrigger.Deliver, SignalStatus.Recorded));
}
