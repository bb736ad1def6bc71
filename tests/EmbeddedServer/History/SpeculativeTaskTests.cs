using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Workflow tasks that are only for updates: when they are written, when not, and what of them is shown.</summary>
public sealed class SpeculativeTaskTests
{
    private const string Idle = """
        1 WorkflowExecutionStarted
        2 WorkflowTaskScheduled
        3 WorkflowTaskStarted
        4 WorkflowTaskCompleted
        """;

    [Fact]
    public async Task A_task_that_is_out_is_written_when_anything_else_happens_without_who_started_it()
    {
        await using var world = await AfterFirstTaskAsync();
        _ = await world.SendUpdateAsync("u");
        await world.PollAsync();

        await world.SignalAsync("s");

        var events = await world.EventsAsync();
        events.Show().ShouldBe($"""
            {Idle}
            5 WorkflowTaskScheduled
            6 WorkflowTaskStarted
            """);
        events[^1].WorkflowTaskStartedEventAttributes.Identity.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_task_that_is_written_while_it_is_out_is_completed_by_the_answer_to_it()
    {
        await using var world = await AfterFirstTaskAsync(Activity("a"));
        var updating = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();
        await world.PollActivityAsync();

        var completed = await world.CompleteAsync(task, r => r.Reject(task));

        (await updating).Outcome.Failure.Message.ShouldBe("not now");
        completed.ResetHistoryEventId.ShouldBe(0);
        (await world.HistoryAsync()).ShouldEndWith("""
            6 WorkflowTaskScheduled
            7 WorkflowTaskStarted
            8 WorkflowTaskCompleted
            """);
    }

    [Fact]
    public async Task A_task_that_is_out_when_the_run_is_terminated_is_written_as_started_by_the_server()
    {
        await using var world = await AfterFirstTaskAsync();
        _ = await world.SendUpdateAsync("u");
        await world.PollAsync();

        await world.TerminateAsync();

        var started = (await world.EventsAsync()).Last(e => e.EventType == EventType.WorkflowTaskStarted);
        started.WorkflowTaskStartedEventAttributes.Identity.ShouldBe("history-service");
    }

    [Theory]
    [InlineData(1, false, "written")]
    [InlineData(1, true, "dropped")]
    [InlineData(10, true, "dropped")]
    [InlineData(11, true, "written")]
    public async Task A_rejected_update_leaves_no_trace_if_its_worker_can_be_shown_the_few_events_of_the_task_again(int shown, bool canGoBack, string expected)
    {
        await using var world = await AfterFirstTaskAsync([.. Enumerable.Range(1, shown).Select(number => Timer($"t{number}", 3600))]);
        _ = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();

        await world.CompleteAsync(task, r =>
        {
            r.Reject(task);
            r.Capabilities = new RespondWorkflowTaskCompletedRequest.Types.Capabilities { DiscardSpeculativeWorkflowTaskWithEvents = canGoBack };
        });

        var written = (await world.EventsAsync()).Count > 4 + shown;
        (written ? "written" : "dropped").ShouldBe(expected);
    }

    [Fact]
    public async Task An_update_that_came_during_a_task_goes_with_one_that_is_written_at_once_unless_the_answer_takes_it_along()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();
        _ = await world.SendUpdateAsync("u");

        await world.CompleteAsync(task);

        (await world.HistoryAsync()).ShouldBe($"""
            {Idle}
            5 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task An_update_that_came_during_a_task_leaves_no_trace_when_the_worker_takes_its_task_along_and_rejects_it()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();
        _ = await world.SendUpdateAsync("u");
        var next = (await world.CompleteAsync(task, r => r.ReturnNewWorkflowTask = true)).WorkflowTask;

        await world.CompleteAsync(next, r => r.Reject(next));

        (await world.HistoryAsync()).ShouldBe(Idle);
    }

    [Fact]
    public async Task An_update_is_not_rejected_while_its_worker_asks_for_another_task()
    {
        await using var world = await AfterFirstTaskAsync();
        var updating = await world.SendUpdateAsync("u");
        await world.CompleteAsync(await world.PollAsync(), r => r.ForceCreateNewWorkflowTask = true, Timer("t", 5));

        var again = await world.PollAsync();
        await world.CompleteAsync(again, r =>
        {
            r.Accept(again);
            r.Respond("u");
        });

        (await updating).Outcome.Success.ShouldBe(World.Text("did u"));
    }

    [Fact]
    public async Task One_that_its_sticky_worker_did_not_take_is_written_as_of_the_queue_it_was_taken_from()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), World.KeepSticky);
        _ = await world.SendUpdateAsync("u");
        var poll = new PollWorkflowTaskQueueRequest { TaskQueue = new() { Name = "orders" } };
        var task = await world.Engine.WorkflowTasks.StartAsync(World.Namespace, world.Tasks.Take(Onramp.EmbeddedServer.Storage.TaskKind.Workflow)!, poll);

        await world.CompleteAsync(task!, r => r.Accept(task!));

        (await world.EventsAsync())[4].WorkflowTaskScheduledEventAttributes.TaskQueue.ShouldBe(new() { Name = "orders", Kind = TaskQueueKind.Normal });
    }

    [Fact]
    public async Task A_reader_of_the_history_is_shown_the_second_attempt_that_is_not_written_yet()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.FailTaskAsync(await world.PollAsync());
        await world.PollAsync();

        var slice = await world.Engine.Reads.ReadAsync(World.Namespace, "order", "", 1, 100);

        slice.Events.Concat(slice.Unwritten).Show().ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowTaskScheduled
            3 WorkflowTaskStarted
            4 WorkflowTaskFailed WorkflowWorkerUnhandledFailure
            5 WorkflowTaskScheduled attempt=2
            6 WorkflowTaskStarted
            """);
    }

    [Fact]
    public async Task Failing_a_task_of_a_run_that_has_ended_is_refused_as_such()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();
        await world.TerminateAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => world.FailTaskAsync(task));

        refused.Message.ShouldBe("workflow execution already completed");
    }

    private static async Task<World> AfterFirstTaskAsync(params Temporalio.Api.Command.V1.Command[] commands)
    {
        var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), commands);
        return world;
    }
}
