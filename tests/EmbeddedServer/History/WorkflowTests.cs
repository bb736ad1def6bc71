using Grpc.Core;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>From start to end: what is written when all goes well, and when something comes in between.</summary>
public sealed class WorkflowTests
{
    [Fact]
    public async Task A_workflow_with_one_activity()
    {
        await using var world = World.Create();
        await world.StartAsync();

        await world.CompleteAsync(await world.PollAsync(), Activity("charge"));
        await world.CompleteActivityAsync(await world.PollActivityAsync());
        await world.CompleteAsync(await world.PollAsync(), Complete());

        (await world.HistoryAsync()).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowTaskScheduled
            3 WorkflowTaskStarted
            4 WorkflowTaskCompleted
            5 ActivityTaskScheduled charge
            6 ActivityTaskStarted 5 attempt=1
            7 ActivityTaskCompleted 5 started=6
            8 WorkflowTaskScheduled
            9 WorkflowTaskStarted
            10 WorkflowTaskCompleted
            11 WorkflowExecutionCompleted
            """);
    }

    [Theory]
    [InlineData(CommandType.ScheduleNexusOperation)]
    [InlineData(CommandType.RequestCancelNexusOperation)]
    public async Task A_command_that_is_not_there_fails_the_task_with_a_cause_that_says_so(CommandType type)
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, new Command { CommandType = type }));

        refusal.Message.ShouldBe($"FeatureDisabled: command {type} is not supported by this server");
        (await world.EventsAsync())[^1].WorkflowTaskFailedEventAttributes.Cause.ShouldBe(WorkflowTaskFailedCause.FeatureDisabled);
    }

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
    public async Task Timers_fire_when_they_are_due()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Timer("long", 10), Timer("short", 5), Timer("zero", 0));

        await world.PassAsync(TimeSpan.FromSeconds(20));

        (await world.EventsAsync()).Skip(4).Show().ShouldBe("""
            5 TimerStarted long
            6 TimerStarted short
            7 TimerStarted zero
            8 TimerFired zero
            9 WorkflowTaskScheduled
            10 TimerFired short
            11 TimerFired long
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

    [Fact]
    public async Task Runs_that_do_not_fit_the_cache_are_read_when_they_are_needed()
    {
        await using var world = World.Create(new HistoryEngineOptions { CacheBytes = 0, CachedEventBytes = 0 });
        foreach (var id in new[] { "a", "b", "c" })
        {
            await world.StartAsync(id);
        }

        for (var round = 0; round < 3; round++)
        {
            foreach (var id in new[] { "a", "b", "c" })
            {
                await world.SignalAsync($"{round}", id);
            }
        }

        foreach (var id in new[] { "a", "b", "c" })
        {
            var task = await world.PollAsync();
            task.WorkflowExecution.WorkflowId.ShouldBe(id);
            task.History.Events.Count.ShouldBe(6);
            await world.CompleteAsync(task, Complete());
            (await world.EventsAsync(id)).Count.ShouldBe(8);
        }
    }

    [Fact]
    public async Task Too_many_signals_during_a_task_fail_it()
    {
        await using var world = World.Create(new HistoryEngineOptions { MaximumBufferedEvents = 3 });
        await world.StartAsync();
        await world.PollAsync();
        for (var signal = 1; signal <= 4; signal++)
        {
            await world.SignalAsync($"{signal}");
        }

        (await world.EventsAsync()).Skip(3).Show().ShouldBe("""
            4 WorkflowTaskFailed ForceCloseCommand
            5 WorkflowExecutionSignaled 1
            6 WorkflowExecutionSignaled 2
            7 WorkflowExecutionSignaled 3
            8 WorkflowExecutionSignaled 4
            9 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task A_history_that_grows_too_long_ends_the_run()
    {
        await using var world = World.Create(new HistoryEngineOptions { MaximumHistoryEvents = 10, SuggestContinueAsNewEvents = 10 });
        await world.StartAsync();
        for (var signal = 1; signal <= 12; signal++)
        {
            try
            {
                await world.SignalAsync($"{signal}");
            }
            catch (RefusalException refused)
            {
                refused.Message.ShouldBe("workflow execution already completed");
            }
        }

        (await world.HistoryAsync()).ShouldEndWith("WorkflowExecutionTerminated Workflow history count exceeds limit.");
    }

    [Fact]
    public async Task A_command_whose_payload_is_too_large_ends_the_run()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(
            task, Activity("big", a => a.Input = World.Text(new string('x', 2 * 1024 * 1024)))));

        refusal.Message.ShouldBe("BadScheduleActivityAttributes: ScheduleActivityTaskCommandAttributes.Input exceeds size limit.");
        (await world.EventsAsync()).Skip(3).Show().ShouldBe("""
            4 WorkflowTaskFailed BadScheduleActivityAttributes
            5 WorkflowExecutionTerminated BadScheduleActivityAttributes: ScheduleActivityTaskCommandAttributes.Input exceeds size limit.
            """);
    }

    [Fact]
    public async Task Everything_is_there_after_a_restart()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), World.KeepSticky, Activity("charge"), Timer("t", 5));
        var activity = await world.PollActivityAsync();
        await world.SignalAsync("seen", requestId: "s1");
        var task = await world.PollAsync();
        await world.SignalAsync("unseen", requestId: "s2");
        var before = (await world.DescribeAsync()).ToString();

        await world.RestartAsync();

        (await world.DescribeAsync()).ToString().ShouldBe(before);
        await world.SignalAsync("unseen", requestId: "s2");
        await world.PassAsync(TimeSpan.FromSeconds(6));
        await world.CompleteActivityAsync(activity);
        await world.CompleteAsync(task, Marker("m"));
        (await world.EventsAsync()).Skip(8).Show().ShouldBe("""
            9 WorkflowTaskStarted
            10 WorkflowTaskCompleted
            11 MarkerRecorded m
            12 WorkflowExecutionSignaled unseen
            13 TimerFired t
            14 ActivityTaskStarted 5 attempt=1
            15 ActivityTaskCompleted 5 started=14
            16 WorkflowTaskScheduled
            """);
    }
}
