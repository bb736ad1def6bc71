using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Workflow tasks: what comes while one waits or is out, and one that comes to nothing.</summary>
public sealed class WorkflowTaskTests
{
    [Fact]
    public async Task Signals_that_come_before_the_task_is_started_share_it()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.SignalAsync("early");

        var task = await world.PollAsync();
        await world.CompleteAsync(task, Complete());

        task.StartedEventId.ShouldBe(4);
        (await world.EventsAsync())[4].WorkflowTaskCompletedEventAttributes.StartedEventId.ShouldBe(4);
    }

    [Fact]
    public async Task An_answer_for_a_run_that_was_deleted_is_told_that_there_is_none()
    {
        await using var world = World.Create();
        var runId = (await world.StartAsync()).RunId;
        var task = await world.PollAsync();
        await world.Engine.Requests.DeleteAsync(World.Namespace, new() { WorkflowExecution = new() { WorkflowId = "order" } });
        await world.SettleAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task));

        refused.Message.ShouldBe($"workflow execution not found for workflow ID \"order\" and run ID \"{runId}\"");
    }

    [Fact]
    public async Task A_task_that_failed_for_a_reset_counts_as_no_attempt()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();

        await world.Engine.WorkflowTasks.FailAsync(World.Namespace, new RespondWorkflowTaskFailedRequest
        {
            TaskToken = task.TaskToken,
            Cause = WorkflowTaskFailedCause.ResetWorkflow,
        });

        (await world.PollAsync()).Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task Signals_that_come_while_the_task_is_out_follow_its_commands_and_need_a_task_of_their_own()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();
        await world.SignalAsync("one");
        await world.SignalAsync("two");

        (await world.EventsAsync()).Count.ShouldBe(3);
        await world.CompleteAsync(task, Timer("t", 60));

        (await world.HistoryAsync()).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowTaskScheduled
            3 WorkflowTaskStarted
            4 WorkflowTaskCompleted
            5 TimerStarted t
            6 WorkflowExecutionSignaled one
            7 WorkflowExecutionSignaled two
            8 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task A_signal_before_a_result_is_seen_before_it_though_it_came_later_than_the_start()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Activity("a"), Activity("b"));
        var first = await world.PollActivityAsync();
        var second = await world.PollActivityAsync();
        await world.SignalAsync("wake");
        var task = await world.PollAsync();

        await world.CompleteActivityAsync(second);
        await world.SignalAsync("late");
        await world.CompleteActivityAsync(first);
        await world.CompleteAsync(task, Marker("m"));

        (await world.EventsAsync()).Skip(9).Show().ShouldBe("""
            10 WorkflowTaskCompleted
            11 MarkerRecorded m
            12 ActivityTaskStarted 6 attempt=1
            13 WorkflowExecutionSignaled late
            14 ActivityTaskStarted 5 attempt=1
            15 ActivityTaskCompleted 6 started=12
            16 ActivityTaskCompleted 5 started=14
            17 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task It_cannot_close_over_a_signal_it_has_not_seen()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();
        await world.SignalAsync("just in time");

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, Complete()));

        refusal.Kind.ShouldBe(RefusalKind.InvalidArgument);
        refusal.Message.ShouldBe("UnhandledCommand");
        await world.CompleteAsync(await world.PollAsync(), Complete());
        (await world.HistoryAsync()).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowTaskScheduled
            3 WorkflowTaskStarted
            4 WorkflowTaskFailed UnhandledCommand
            5 WorkflowExecutionSignaled just in time
            6 WorkflowTaskScheduled
            7 WorkflowTaskStarted
            8 WorkflowTaskCompleted
            9 WorkflowExecutionCompleted
            """);
    }

    [Fact]
    public async Task A_timer_that_fired_unseen_can_be_canceled_and_the_workflow_may_close()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Timer("t", 5));
        await world.SignalAsync("wake");
        var task = await world.PollAsync();

        await world.PassAsync(TimeSpan.FromSeconds(6));
        await world.CompleteAsync(task, CancelTimer("t"), Complete());

        (await world.EventsAsync()).Skip(7).Show().ShouldBe("""
            8 WorkflowTaskStarted
            9 WorkflowTaskCompleted
            10 TimerCanceled t
            11 WorkflowExecutionCompleted
            """);
    }

    [Fact]
    public async Task A_task_that_keeps_failing_leaves_one_failure()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.FailTaskAsync(await world.PollAsync());
        await world.FailTaskAsync(await world.PollAsync());

        var third = await world.PollAsync();

        third.Attempt.ShouldBe(3);
        third.History.Events.Skip(3).Show().ShouldBe("""
            4 WorkflowTaskFailed WorkflowWorkerUnhandledFailure
            5 WorkflowTaskScheduled attempt=3
            6 WorkflowTaskStarted
            """);
        (await world.EventsAsync()).Count.ShouldBe(4);
        await world.CompleteAsync(third, Complete());
        (await world.EventsAsync()).Skip(4).Show().ShouldBe("""
            5 WorkflowTaskScheduled attempt=3
            6 WorkflowTaskStarted
            7 WorkflowTaskCompleted
            8 WorkflowExecutionCompleted
            """);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task A_part_of_an_answer_is_not_taken_for_all_of_it(bool isIntermediate, int number)
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();

        var refused = await Should.ThrowAsync<RefusalException>(
            () => world.CompleteAsync(task, r => (r.IntermediatePage, r.PageNumber) = (isIntermediate, number), Timer("t", 1)));

        (refused.Kind, refused.Message).ShouldBe((RefusalKind.FailedPrecondition, "workflow task completion pagination is disabled for this namespace default"));
        (await world.EventsAsync()).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_failure_of_a_task_that_is_too_large_is_recorded_cut_down()
    {
        await using var world = World.Create(new HistoryEngineOptions { MaximumBlobBytes = 2_000, MaximumAnsweredFailureBytes = 100 });
        await world.StartAsync();
        var task = await world.PollAsync();

        await world.Engine.WorkflowTasks.FailAsync(World.Namespace, new RespondWorkflowTaskFailedRequest
        {
            TaskToken = task.TaskToken, Failure = new Failure { Message = new string('x', 2_100), ApplicationFailureInfo = new ApplicationFailureInfo() },
        });

        var told = (await world.EventsAsync())[^1].WorkflowTaskFailedEventAttributes.Failure;
        told.Message.ShouldBe("Failure exceeds size limit.");
        told.ServerFailureInfo.NonRetryable.ShouldBeTrue();
        told.Cause.Message.ShouldStartWith("xxx");
        told.Cause.CalculateSize().ShouldBeLessThanOrEqualTo(100);
    }

    [Fact]
    public async Task A_signal_between_attempts_makes_the_next_one_a_task_like_any_other()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.FailTaskAsync(await world.PollAsync());
        await world.SignalAsync("news");

        var task = await world.PollAsync();

        task.Attempt.ShouldBe(1);
        (await world.EventsAsync()).Skip(3).Show().ShouldBe("""
            4 WorkflowTaskFailed WorkflowWorkerUnhandledFailure
            5 WorkflowExecutionSignaled news
            6 WorkflowTaskScheduled
            7 WorkflowTaskStarted
            """);
    }

    [Fact]
    public async Task A_task_that_nobody_answers_times_out_and_is_handed_out_again()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var lost = await world.PollAsync();

        await world.PassAsync(TimeSpan.FromSeconds(11));

        (await world.HistoryAsync()).ShouldEndWith("4 WorkflowTaskTimedOut StartToClose started=3");
        (await world.PollAsync()).Attempt.ShouldBe(2);
        var late = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(lost, Complete()));
        late.Message.ShouldBe("Workflow task not found.");
    }

    [Fact]
    public async Task An_answer_for_a_run_that_was_deleted_finds_no_run()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var lost = await world.PollAsync();
        await world.Engine.Requests.DeleteAsync(World.Namespace, new() { WorkflowExecution = lost.WorkflowExecution });
        await world.SettleAsync();

        var late = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(lost, Complete()));

        late.Message.ShouldBe($"workflow execution not found for workflow ID \"{lost.WorkflowExecution.WorkflowId}\" and run ID \"{lost.WorkflowExecution.RunId}\"");
    }

    [Fact]
    public async Task A_sticky_worker_that_is_gone_costs_one_timeout_and_no_attempt()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), World.KeepSticky, Timer("t", 1));
        await world.PassAsync(TimeSpan.FromSeconds(7));

        var task = await world.PollAsync("orders");

        task.Attempt.ShouldBe(1);
        task.PreviousStartedEventId.ShouldBe(3);
        task.History.Events.Skip(4).Show().ShouldBe("""
            5 TimerStarted t
            6 TimerFired t
            7 WorkflowTaskScheduled sticky
            8 WorkflowTaskTimedOut ScheduleToStart started=0
            9 WorkflowTaskScheduled
            10 WorkflowTaskStarted
            """);
    }

    [Fact]
    public async Task A_sticky_worker_gets_only_what_is_new()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), World.KeepSticky, Timer("t", 1));
        await world.PassAsync(TimeSpan.FromSeconds(2));

        var task = await world.PollAsync(World.Sticky);

        task.History.Events.Show().ShouldBe("""
            4 WorkflowTaskCompleted
            5 TimerStarted t
            6 TimerFired t
            7 WorkflowTaskScheduled sticky
            8 WorkflowTaskStarted
            """);
    }

    [Fact]
    public async Task Termination_ends_the_task_that_is_out_and_records_what_came_meanwhile()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.PollAsync();
        await world.SignalAsync("unseen");

        await world.TerminateAsync();

        (await world.HistoryAsync()).ShouldEndWith("""
            4 WorkflowTaskFailed ForceCloseCommand
            5 WorkflowExecutionSignaled unseen
            6 WorkflowExecutionTerminated enough
            """);
        (await world.DescribeAsync()).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Terminated);
    }
}
