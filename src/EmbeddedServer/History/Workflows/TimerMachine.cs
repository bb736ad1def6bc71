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
        var fired = tx.NewEvent(EventType.TimerFired);
        fired.TimerFiredEventAttributes = new TimerFiredEventAttributes { TimerId = timer.TimerId, StartedEventId = timer.StartedEventId };
        var trigger = tx.State.Task.IsStarted ? TimerTrigger.FireUnseen : TimerTrigger.Fire;
        tx.Fire(TimerTransitions.Table, TimerStatus.Running, trigger, new TimerStep(tx, timer.TimerId, fired));
        return true;
    }
}
