using System.Collections.Concurrent;
using Temporalio.Exceptions;
using Temporalio.Worker.Replay;
using Temporalio.Workflows;

namespace Temporalio.Tests.Replay;

/// <summary>Every transition of the machines is made somewhere, and every other one is refused.</summary>
public class TransitionTests
{
    [Fact]
    public void Whatever_has_no_row_is_refused()
    {
        Refuses(TimerMachine.Transitions);
        Refuses(ActivityMachine.Transitions);
    }

    [Fact]
    public async Task Every_row_is_taken()
    {
        var timers = new ConcurrentDictionary<(TimerMachine.State, TimerMachine.Input), bool>();
        var activities = new ConcurrentDictionary<(ActivityMachine.State, ActivityMachine.Input), bool>();
        TimerMachine.Transitions.Observer = (state, input) => timers[(state, input)] = true;
        ActivityMachine.Transitions.Observer = (state, input) => activities[(state, input)] = true;
        try
        {
            foreach (var type in Enum.GetValues<ActivityCancellationType>())
            {
                await LiveAsync(type, atOnce: true, closeLate: false);
                await LiveAsync(type, atOnce: false, closeLate: false);
                await LiveAsync(type, atOnce: false, closeLate: true);
            }
        }
        finally
        {
            TimerMachine.Transitions.Observer = null;
            ActivityMachine.Transitions.Observer = null;
        }

        TimerMachine.Transitions.Causes.Except(timers.Keys).ShouldBeEmpty();
        ActivityMachine.Transitions.Causes.Except(activities.Keys).ShouldBeEmpty();
    }

    private static void Refuses<TMachine, TState, TInput>(TransitionTable<TMachine, TState, TInput> table)
        where TState : struct, Enum
        where TInput : struct, Enum
    {
        foreach (var from in Enum.GetValues<TState>())
        {
            foreach (var input in Enum.GetValues<TInput>().Where(input => !table.Causes.Contains((from, input))))
            {
                var state = from;
                Should.Throw<WorkflowNondeterminismException>(() => table.Apply(default!, ref state, input))
                    .Message.ShouldContain($"in state {from} does not handle {input}");
                state.ShouldBe(from);
            }
        }
    }

    /// <summary>An activity and two timers that are cancelled in a certain way at a certain time, and what comes of them.</summary>
    private static async Task LiveAsync(ActivityCancellationType type, bool atOnce, bool closeLate)
    {
        var run = new SimulatedRun(typeof(Mixed), [type, atOnce]);
        await run.RunTaskAsync();
        if (run.Server.PendingActivities.Count > 0 && !closeLate)
        {
            run.Server.CompleteActivity(run.Server.PendingActivities.First(), "in time");
            await run.RunTaskAsync();
        }

        run.Server.Signal("cancel");
        await run.RunTaskAsync();
        foreach (var activity in run.Server.PendingActivities.ToArray())
        {
            run.Server.CompleteActivity(activity, "late");
            await run.RunTaskAsync();
        }

        run.Server.FireTimer(run.Server.PendingTimers.Single());
        await run.RunTaskAsync();
        run.Server.Closed.ShouldBeTrue(run.Server.Text);
        (await run.ReplayAsync()).ShouldBeNull();
    }

    [Workflow]
    public class Mixed
    {
        private readonly CancellationTokenSource scope = new();

        [WorkflowSignal("cancel")]
        public Task CancelAsync()
        {
            scope.Cancel();
            return Task.CompletedTask;
        }

        [WorkflowRun]
        public async Task RunAsync(ActivityCancellationType type, bool atOnce)
        {
            var lasting = Workflow.DelayAsync(5000, CancellationToken.None);
            var cancelled = Workflow.WhenAllAsync(
                Workflow.DelayAsync(1000, scope.Token),
                Workflow.ExecuteActivityAsync(
                    "long", [], new() { StartToCloseTimeout = TimeSpan.FromHours(1), CancellationToken = scope.Token, CancellationType = type }));
            if (atOnce)
            {
                scope.Cancel();
            }

            try
            {
                await cancelled;
            }
            catch (Exception e) when (TemporalException.IsCanceledException(e))
            {
                // That is what it is all about.
            }

            await lasting;
        }
    }
}
