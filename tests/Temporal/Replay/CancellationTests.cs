using Temporalio.Api.Enums.V1;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Temporalio.Tests.Replay;

/// <summary>What cancelling an activity or a timer does, depending on how and when.</summary>
public class CancellationTests
{
    [Theory]
    [InlineData(ActivityCancellationType.TryCancel)]
    [InlineData(ActivityCancellationType.WaitCancellationCompleted)]
    [InlineData(ActivityCancellationType.Abandon)]
    public async Task Activity_cancelled_before_anybody_saw_it_is_never_scheduled(ActivityCancellationType type)
    {
        var run = new SimulatedRun(typeof(CancelsActivity), [type, true]);
        var commands = await run.RunTaskAsync();
        commands.ShouldHaveSingleItem().CompleteWorkflowExecutionCommandAttributes.Result.Payloads_[0].Data.ToStringUtf8()
            .ShouldBe("\"cancelled: Activity cancelled\"");
        (await run.ReplayAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Try_cancel_asks_the_activity_and_goes_on_at_once()
    {
        var run = await StartedAsync(ActivityCancellationType.TryCancel);
        run.Server.Signal("cancel");
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("""
            10 ActivityTaskCancelRequested
            11 WorkflowExecutionCompleted "cancelled: Activity cancelled"
            """);
        (await run.ReplayAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Wait_cancel_asks_the_activity_and_waits_for_its_end()
    {
        var run = await StartedAsync(ActivityCancellationType.WaitCancellationCompleted);
        run.Server.Signal("cancel");
        await run.RunTaskAsync();
        run.Server.Closed.ShouldBeFalse();
        run.Server.CancelActivity(5);
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"cancelled: Activity canceled\"");
        (await run.ReplayAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Wait_cancel_takes_a_result_that_came_nevertheless()
    {
        var run = await StartedAsync(ActivityCancellationType.WaitCancellationCompleted);
        run.Server.Signal("cancel");
        await run.RunTaskAsync();
        run.Server.CompleteActivity(5, "done after all");
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"returned done after all\"");
        (await run.ReplayAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Abandon_leaves_the_activity_alone_and_goes_on_at_once()
    {
        var run = await StartedAsync(ActivityCancellationType.Abandon);
        run.Server.Signal("cancel");
        await run.RunTaskAsync();
        run.Server.Text.ShouldNotContain("ActivityTaskCancelRequested");
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"cancelled: Activity cancelled\"");
        (await run.ReplayAsync()).ShouldBeNull();
    }

    [Theory]
    [InlineData(ActivityCancellationType.TryCancel)]
    [InlineData(ActivityCancellationType.Abandon)]
    public async Task What_an_activity_did_after_its_cancellation_is_ignored(ActivityCancellationType type)
    {
        var run = new SimulatedRun(typeof(CancelsActivityAndStays), [type]);
        await run.RunTaskAsync();
        run.Server.Signal("cancel");
        await run.RunTaskAsync();
        run.Server.CompleteActivity(5, "too late");
        await run.RunTaskAsync();
        run.Server.Signal("finish");
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"cancelled\"");
        (await run.ReplayAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Cancellation_that_crosses_the_end_of_the_activity_is_in_vain()
    {
        var run = await StartedAsync(ActivityCancellationType.WaitCancellationCompleted);
        run.Server.Signal("cancel");
        run.Server.CompleteActivity(5, "done");
        await run.RunTaskAsync();
        run.Server.Text.ShouldNotContain("ActivityTaskCancelRequested");
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"returned done\"");
        (await run.ReplayAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Failures_and_timeouts_reach_the_code_with_their_causes()
    {
        var run = await StartedAsync(ActivityCancellationType.TryCancel);
        run.Server.FailActivity(5, "broken");
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"failed: broken\"");

        run = await StartedAsync(ActivityCancellationType.TryCancel);
        run.Server.TimeOutActivity(5, TimeoutType.ScheduleToStart);
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"failed: activity ScheduleToStart timeout\"");
    }

    [Fact]
    public async Task Timer_cancelled_when_it_has_fired_is_ignored()
    {
        var run = new SimulatedRun(typeof(CancelTimerWorkflow));
        await run.RunTaskAsync();
        run.Server.Signal("cancel-timer");
        run.Server.FireTimer("1");
        await run.RunTaskAsync();
        // Signals are handled before timers, so the code cancels first.
        run.Server.Text.ShouldNotContain("TimerCanceled");
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"fired\"");
        (await run.ReplayAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Cancelled_workflow_can_clean_up_before_it_ends()
    {
        var run = new SimulatedRun(typeof(CleansUpOnCancel));
        await run.RunTaskAsync();
        run.Server.RequestCancel();
        await run.RunTaskAsync();
        run.Server.CompleteActivity(run.Server.PendingActivities.Single(), null);
        await run.RunTaskAsync();
        run.Server.Text.ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowTaskScheduled
            3 WorkflowTaskStarted
            4 WorkflowTaskCompleted
            5 WorkflowExecutionCancelRequested
            6 WorkflowTaskScheduled
            7 WorkflowTaskStarted
            8 WorkflowTaskCompleted
            9 ActivityTaskScheduled echo #1
            10 ActivityTaskStarted
            11 ActivityTaskCompleted
            12 WorkflowTaskScheduled
            13 WorkflowTaskStarted
            14 WorkflowTaskCompleted
            15 WorkflowExecutionCanceled
            """);
        (await run.ReplayAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Cancelled_workflow_that_ends_well_has_completed()
    {
        var run = new SimulatedRun(typeof(IgnoresCancellation));
        await run.RunTaskAsync();
        run.Server.RequestCancel();
        await run.RunTaskAsync();
        run.Server.Signal("finish", "x");
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"completed despite cancellation\"");
    }

    private static async Task<SimulatedRun> StartedAsync(ActivityCancellationType type)
    {
        var run = new SimulatedRun(typeof(CancelsActivity), [type, false]);
        await run.RunTaskAsync();
        return run;
    }

    [Workflow]
    public class CancelsActivity
    {
        private readonly CancellationTokenSource scope = new();

        [WorkflowSignal("cancel")]
        public Task CancelAsync()
        {
            scope.Cancel();
            return Task.CompletedTask;
        }

        [WorkflowRun]
        public async Task<string> RunAsync(ActivityCancellationType type, bool atOnce)
        {
            var activity = Workflow.ExecuteActivityAsync<string>(
                "long", [], new() { StartToCloseTimeout = TimeSpan.FromHours(1), CancellationToken = scope.Token, CancellationType = type });
            if (atOnce)
            {
                scope.Cancel();
            }

            try
            {
                return $"returned {await activity}";
            }
            catch (ActivityFailureException e)
            {
                return $"{(e.InnerException is CanceledFailureException ? "cancelled" : "failed")}: {e.InnerException?.Message}";
            }
        }
    }

    [Workflow]
    public class CancelsActivityAndStays : FinishableWorkflow
    {
        private readonly CancellationTokenSource scope = new();

        [WorkflowSignal("cancel")]
        public Task CancelAsync()
        {
            scope.Cancel();
            return Task.CompletedTask;
        }

        [WorkflowRun]
        public async Task<string> RunAsync(ActivityCancellationType type)
        {
            var outcome = "none";
            try
            {
                await Workflow.ExecuteActivityAsync(
                    "long", [], new() { StartToCloseTimeout = TimeSpan.FromHours(1), CancellationToken = scope.Token, CancellationType = type });
            }
            catch (Exception e) when (TemporalException.IsCanceledException(e))
            {
                outcome = "cancelled";
            }

            await Workflow.WaitConditionAsync(() => Finished);
            return outcome;
        }
    }
}
