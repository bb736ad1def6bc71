using static Temporalio.Api.Enums.V1.EventType;

namespace Onramp.EmbeddedServer.History.Transitions;

internal enum TimerStatus
{
    None,
    Running,

    /// <summary>It fired while a workflow task was out: its event is held back and can still be withdrawn.</summary>
    FiredUnseen,
}

internal enum TimerTrigger
{
    Start,
    Fire,
    FireUnseen,
    Cancel,
}

/// <summary>A timer id may be used again as soon as the timer has fired or was canceled.</summary>
internal static class TimerTransitions
{
    public static readonly TransitionTable<TimerStatus, TimerTrigger> Table = new(
        "timer",
        new(TimerStatus.None, TimerTrigger.Start, TimerStatus.Running, TimerStarted),
        new(TimerStatus.Running, TimerTrigger.Fire, TimerStatus.None, TimerFired),
        new(TimerStatus.Running, TimerTrigger.FireUnseen, TimerStatus.FiredUnseen, TimerFired),
        new(TimerStatus.Running, TimerTrigger.Cancel, TimerStatus.None, TimerCanceled),
        new(TimerStatus.FiredUnseen, TimerTrigger.Start, TimerStatus.Running, TimerStarted),
        new(TimerStatus.FiredUnseen, TimerTrigger.Cancel, TimerStatus.None, TimerCanceled));
}
