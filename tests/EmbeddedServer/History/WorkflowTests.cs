using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>From start to end: what is written when all goes well, what outlives the cache and the process, and limits of a run.</summary>
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
    public async Task A_short_timer_may_be_as_late_as_on_Temporals_servers()
    {
        await using var world = World.Create(new HistoryEngineOptions { MinimumTimerSpan = TimeSpan.FromSeconds(1) });
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Timer("short", 0.001), Timer("long", 2));

        await world.PassAsync(TimeSpan.FromMilliseconds(999));
        var before = (await world.EventsAsync()).Count(e => e.EventType == EventType.TimerFired);
        await world.PassAsync(TimeSpan.FromMilliseconds(1));

        (before, (await world.EventsAsync()).Count(e => e.EventType == EventType.TimerFired)).ShouldBe((0, 1));
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
    public async Task A_termination_that_says_nothing_has_a_reason_and_an_identity_all_the_same()
    {
        await using var world = World.Create();
        await world.StartAsync();

        await world.Engine.Requests.TerminateAsync(World.Namespace, new() { WorkflowExecution = new() { WorkflowId = "order" } });

        var terminated = (await world.EventsAsync())[^1].WorkflowExecutionTerminatedEventAttributes;
        (terminated.Reason, terminated.Identity).ShouldBe(("terminated by user via frontend", "frontend-service"));
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
            """);
    }

    [Fact]
    public async Task The_task_after_one_that_too_many_signals_failed_is_its_second_attempt()
    {
        await using var world = World.Create(new HistoryEngineOptions { MaximumBufferedEvents = 1 });
        await world.StartAsync();
        await world.PollAsync();
        await world.SignalAsync("1");
        await world.SignalAsync("2");

        var task = await world.PollAsync();

        task.Attempt.ShouldBe(2);
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
