using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.History.V1;
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

/// <summary>What happens to a timer.</summary>
/// <param name="Event">The event that tells of it.</param>
internal sealed record TimerStep(ExecutionTransaction Tx, string TimerId, HistoryEvent Event)
{
    /// <summary>Of a timer that is started.</summary>
    public DateTimeOffset FireAt { get; init; }
}

/// <summary>A timer id may be used again as soon as the timer has fired or was canceled.</summary>
internal static class TimerTransitions
{
    public static readonly TransitionTable<TimerStatus, TimerTrigger, TimerStep> Table = new(
        "timer", enter: null,
        new([TimerStatus.None, TimerStatus.FiredUnseen], TimerTrigger.Start, TimerStatus.Running, Start, TimerStarted),
        new([TimerStatus.Running], TimerTrigger.Fire, TimerStatus.None, Fire, TimerFired),
        new([TimerStatus.Running], TimerTrigger.FireUnseen, TimerStatus.FiredUnseen, Fire, TimerFired),
        new([TimerStatus.Running], TimerTrigger.Cancel, TimerStatus.None, Cancel, TimerCanceled),
        new([TimerStatus.FiredUnseen], TimerTrigger.Cancel, TimerStatus.None, CancelUnseen, TimerCanceled));

    /// <summary>The event by which a timer has fired that the workflow has not seen.</summary>
    public static TimerFiredEventAttributes? FiredUnseen(ExecutionTransaction tx, string timerId) =>
        tx.BufferedEvents.Select(held => held.TimerFiredEventAttributes).FirstOrDefault(fired => fired?.TimerId == timerId);

    private static void Start(TimerStep step) =>
        step.Tx.Timers.Add(new TimerState(step.TimerId, step.Tx.Append(step.Event).EventId, step.FireAt));

    private static void Fire(TimerStep step)
    {
        step.Tx.BufferEvent(step.Event);
        step.Tx.Timers.Remove(step.TimerId);
    }

    private static void Cancel(TimerStep step)
    {
        step.Event.TimerCanceledEventAttributes.StartedEventId = step.Tx.State.Timers[step.TimerId].StartedEventId;
        step.Tx.Timers.Remove(step.TimerId);
        step.Tx.Append(step.Event);
    }

    private static void CancelUnseen(TimerStep step)
    {
        step.Event.TimerCanceledEventAttributes.StartedEventId = FiredUnseen(step.Tx, step.TimerId)!.StartedEventId;
        step.Tx.Withdraw(held => held.TimerFiredEventAttributes?.TimerId == step.TimerId);
        step.Tx.Append(step.Event);
    }
}
