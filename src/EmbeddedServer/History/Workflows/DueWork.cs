using Onramp.EmbeddedServer.History.Activities;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>Everything of a run that is due by itself: timeouts, timers, back-offs. All of it is one decision, in the order it became due.</summary>
internal sealed class DueWork(ActivityMachine activities, WorkflowTaskMachine workflowTasks, ExecutionCloser closer, RunChain chain, TimerMachine timers)
{
    public void Decide(ExecutionTransaction tx)
    {
        var state = tx.State;
        if (!state.IsOpen)
        {
            return;
        }

        if (state.Info.RunExpiration <= tx.Now || state.Info.ExecutionExpiration <= tx.Now)
        {
            var successor = chain.AfterTimeout(tx, out var retryState);
            closer.TimeOut(tx, retryState, successor?.State.Key.RunId ?? "");
            tx.Successor = successor;
            return;
        }

        var wakes = false;
        foreach (var (_, _, decide) in Due(tx).OrderBy(item => item.At).ThenBy(item => item.Order))
        {
            wakes |= decide();
        }

        if (state.Task.WakeUpAt <= tx.Now)
        {
            WorkflowTaskMachine.TimeOut(tx);
            wakes = true;
        }

        if (wakes || (state.AwaitsFirstTask && state.Info.ExecutionTime <= tx.Now))
        {
            workflowTasks.ScheduleWorkflowTask(tx);
        }
    }

    /// <summary>What is due, when it became so, and what to do about it; answers whether the workflow has to know.</summary>
    private IEnumerable<(DateTimeOffset At, long Order, Func<bool> Decide)> Due(ExecutionTransaction tx)
    {
        foreach (var timer in tx.State.Timers.Values.Where(timer => timer.FireAt <= tx.Now).ToList())
        {
            yield return (timer.FireAt, timer.StartedEventId, () => timers.Fire(tx, timer));
        }

        foreach (var activity in tx.State.Activities.Values.Where(activity => activity.WakeUpAt <= tx.Now).ToList())
        {
            yield return (activity.WakeUpAt!.Value, activity.ScheduledEventId, () => Decide(tx, activity));
        }
    }

    private bool Decide(ExecutionTransaction tx, ActivityState activity)
    {
        if (activity.DispatchAt is { } at && at <= tx.Now)
        {
            new ActivityStep(tx, activity).Take(ActivityTrigger.BackOffOver);
        }

        return Overdue(activity, tx.Now) is { } type && activities.TimeOut(tx, activity, type);
    }

    /// <summary>Which timeout came first. Of those within one millisecond an attempt's own goes before the activity's.</summary>
    private static TimeoutType? Overdue(ActivityState activity, DateTimeOffset now)
    {
        (TimeoutType Type, DateTimeOffset? At)[] timeouts =
        [
            (TimeoutType.StartToClose, activity.CloseBy),
            (TimeoutType.ScheduleToStart, activity.StartBy),
            (TimeoutType.ScheduleToClose, activity.Expiration),
            (TimeoutType.Heartbeat, activity.HeartbeatBy),
        ];
        TimeoutType? first = null;
        var firstAt = long.MaxValue;
        foreach (var (type, at) in timeouts)
        {
            if (at <= now && at.Value.ToUnixTimeMilliseconds() < firstAt)
            {
                first = type;
                firstAt = at.Value.ToUnixTimeMilliseconds();
            }
        }

        return first;
    }
}
