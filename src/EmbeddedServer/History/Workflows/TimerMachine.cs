using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>Fires user timers; they are started and canceled by commands.</summary>
internal sealed class TimerMachine
{
    /// <returns>That the workflow has to know.</returns>
    public bool Fire(ExecutionTransaction tx, TimerState timer)
    {
        tx.Take(TimerTransitions.Table, TimerStatus.Running, tx.State.Task.IsStarted ? TimerTrigger.FireUnseen : TimerTrigger.Fire);
        var fired = tx.NewEvent(EventType.TimerFired);
        fired.TimerFiredEventAttributes = new TimerFiredEventAttributes { TimerId = timer.TimerId, StartedEventId = timer.StartedEventId };
        tx.BufferEvent(fired);
        tx.RemoveTimer(timer.TimerId);
        return true;
    }
}
