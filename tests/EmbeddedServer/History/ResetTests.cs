using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;
using static Onramp.EmbeddedServer.Tests.History.Support.Resets;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Runs that begin anew at an earlier point of their history.</summary>
public sealed class ResetTests
{
    [Fact]
    public async Task The_new_run_has_the_history_up_to_the_point_and_the_signals_that_came_later()
    {
        await using var world = await IdleAsync();
        await world.SignalAsync("late");
        var old = await RunIdAsync(world);

        var reset = await ResetAsync(world, 4);

        (await world.HistoryAsync()).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowTaskScheduled
            3 WorkflowTaskStarted
            4 WorkflowTaskFailed ResetWorkflow
            5 WorkflowExecutionSignaled late
            6 WorkflowTaskScheduled
            """);
        var failed = (await world.EventsAsync())[3].WorkflowTaskFailedEventAttributes;
        failed.BaseRunId.ShouldBe(old);
        failed.NewRunId.ShouldBe(reset);
        failed.Failure.ResetWorkflowFailureInfo.ShouldNotBeNull();
    }

    [Fact]
    public async Task The_old_run_is_terminated_and_each_run_knows_of_the_other()
    {
        await using var world = await IdleAsync();
        var old = await RunIdAsync(world);

        var reset = await ResetAsync(world, 4);

        var (before, after) = (await DescribeAsync(world, old), await DescribeAsync(world, reset));
        before.WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Terminated);
        before.WorkflowExtendedInfo.ResetRunId.ShouldBe(reset);
        after.WorkflowExtendedInfo.LastResetTime.ShouldNotBeNull();
        after.WorkflowExecutionInfo.FirstRunId.ShouldBe(old);
    }

    [Fact]
    public async Task The_new_run_goes_on_after_a_restart()
    {
        await using var world = await IdleAsync();
        await ResetAsync(world, 4);
        await world.RestartAsync();

        await world.CompleteAsync(await world.PollAsync(), Complete());

        (await world.DescribeAsync()).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Completed);
    }

    [Fact]
    public async Task A_point_before_the_task_was_started_gets_a_started_event()
    {
        await using var world = await IdleAsync();

        await ResetAsync(world, 3);

        (await world.HistoryAsync()).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowTaskScheduled
            3 WorkflowTaskStarted
            4 WorkflowTaskFailed ResetWorkflow
            5 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task A_task_that_a_reset_started_was_started_by_no_request()
    {
        await using var world = await IdleAsync();

        await ResetAsync(world, 3);

        (await world.EventsAsync())[2].WorkflowTaskStartedEventAttributes.RequestId.ShouldBe("emptyUuid");
    }

    [Fact]
    public async Task Where_a_failed_task_is_to_be_tried_again_a_run_can_be_reset_to()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.FailTaskAsync(await world.PollAsync());
        await world.SignalAsync("late");

        await ResetAsync(world, 5);

        (await world.HistoryAsync()).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowTaskScheduled
            3 WorkflowTaskStarted
            4 WorkflowTaskFailed WorkflowWorkerUnhandledFailure
            5 WorkflowTaskScheduled
            6 WorkflowTaskStarted
            7 WorkflowTaskFailed ResetWorkflow
            8 WorkflowExecutionSignaled late
            9 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task More_signals_than_are_held_back_for_a_task_are_applied_all_the_same()
    {
        await using var world = await IdleAsync();
        var names = Enumerable.Range(0, 250).Select(number => $"late {number}").ToList();
        foreach (var name in names)
        {
            await world.SignalAsync(name);
        }

        await ResetAsync(world, 4);

        (await world.EventsAsync()).Where(e => e.EventType == EventType.WorkflowExecutionSignaled)
            .Select(e => e.WorkflowExecutionSignaledEventAttributes.SignalName).ShouldBe(names);
    }

    [Fact]
    public async Task A_signal_that_is_buffered_is_applied_too()
    {
        await using var world = await IdleAsync();
        await world.SignalAsync("one");
        await world.PollAsync();
        await world.SignalAsync("buffered");

        await ResetAsync(world, 4);

        (await world.EventsAsync()).Where(e => e.EventType == EventType.WorkflowExecutionSignaled)
            .Select(e => e.WorkflowExecutionSignaledEventAttributes.SignalName).ShouldBe(["one", "buffered"]);
    }

    [Fact]
    public async Task Signals_can_be_left_out()
    {
        await using var world = await IdleAsync();
        await world.SignalAsync("late");

        await ResetAsync(world, 4, r => r.ResetReapplyExcludeTypes.Add(ResetReapplyExcludeType.Signal));

        (await world.EventsAsync()).ShouldNotContain(e => e.EventType == EventType.WorkflowExecutionSignaled);
    }

    [Fact]
    public async Task A_closed_run_is_left_as_it_is()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Complete());
        var old = await RunIdAsync(world);

        await ResetAsync(world, 4);

        (await DescribeAsync(world, old)).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Completed);
        (await world.DescribeAsync()).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Running);
    }

    [Fact]
    public async Task Signals_of_the_runs_that_it_continued_as_are_applied()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), ContinueAsNew());
        var old = (await world.EventsAsync())[0].WorkflowExecutionStartedEventAttributes.ContinuedExecutionRunId;
        await world.SignalAsync("to the second");

        await ResetAsync(world, 4, r => r.WorkflowExecution.RunId = old);

        (await world.EventsAsync()).ShouldContain(e => e.EventType == EventType.WorkflowExecutionSignaled);
        (await RunIdAsync(world)).ShouldNotBe(old);
    }

    [Fact]
    public async Task Timers_of_the_prefix_fire_when_they_are_due()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Timer("t", 60));
        await world.SignalAsync("go");
        await world.PollAsync();
        await world.PassAsync(TimeSpan.FromSeconds(10));
        await ResetAsync(world, 8);
        await world.CompleteAsync(await world.PollAsync());

        await world.PassAsync(TimeSpan.FromSeconds(50));

        (await world.EventsAsync()).ShouldContain(e => e.EventType == EventType.TimerFired);
    }

    [Fact]
    public async Task Activities_of_the_prefix_are_offered_anew_and_the_old_worker_is_refused()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Activity("charge"));
        var old = await world.PollActivityAsync();
        await world.SignalAsync("go");
        await world.PollAsync();

        await ResetAsync(world, 8);

        (await Should.ThrowAsync<RefusalException>(() => world.CompleteActivityAsync(old))).Kind.ShouldBe(RefusalKind.NotFound);
        await world.CompleteActivityAsync(await world.PollActivityAsync());
        await world.CompleteAsync(await world.PollAsync());
        (await world.EventsAsync()).ShouldContain(e => e.EventType == EventType.ActivityTaskCompleted);
    }

    [Fact]
    public async Task A_cancellation_that_was_asked_for_reaches_the_worker_that_gets_the_activity_anew()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Activity("charge"));
        await world.PollActivityAsync();
        await world.SignalAsync("stop");
        await world.CompleteAsync(await world.PollAsync(), CancelActivity(5));
        await world.SignalAsync("go");
        await world.PollAsync();
        await ResetAsync(world, 13);

        var again = await world.PollActivityAsync();

        (await world.Engine.ActivityAnswers.HeartbeatAsync(World.Namespace, new RecordActivityTaskHeartbeatRequest { TaskToken = again.TaskToken })).CancelRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task Memo_and_search_attributes_are_what_they_were_at_the_point()
    {
        await using var world = World.Create();
        await world.StartAsync(change: r => r.Memo = new Memo { Fields = { ["a"] = World.Text("old").Payloads_[0] } });
        await world.CompleteAsync(await world.PollAsync(), UpsertMemo("b", "kept"));
        await world.SignalAsync("go");
        await world.CompleteAsync(await world.PollAsync(), UpsertMemo("a", "new"));

        await ResetAsync(world, 8);

        var memo = (await world.DescribeAsync()).WorkflowExecutionInfo.Memo.Fields;
        memo["a"].Data.ToStringUtf8().ShouldBe("\"old\"");
        memo["b"].Data.ToStringUtf8().ShouldBe("\"kept\"");
    }

    [Fact]
    public async Task A_run_that_came_of_a_reset_can_be_reset()
    {
        await using var world = await IdleAsync();
        await world.SignalAsync("kept");
        await ResetAsync(world, 4);
        await world.CompleteAsync(await world.PollAsync());
        await world.SignalAsync("last");

        await ResetAsync(world, 8);

        (await world.EventsAsync()).Skip(3).Show().ShouldBe("""
            4 WorkflowTaskFailed ResetWorkflow
            5 WorkflowExecutionSignaled kept
            6 WorkflowTaskScheduled
            7 WorkflowTaskStarted
            8 WorkflowTaskFailed ResetWorkflow
            9 WorkflowExecutionSignaled last
            10 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task The_new_run_can_be_given_another_priority_before_its_first_task()
    {
        await using var world = await IdleAsync();

        await ResetAsync(world, 4, r => r.PostResetOperations.Add(new PostResetOperation
        {
            UpdateWorkflowOptions = new PostResetOperation.Types.UpdateWorkflowOptions
            {
                WorkflowExecutionOptions = new WorkflowExecutionOptions { Priority = new Priority { PriorityKey = 1 } },
                UpdateMask = new FieldMask { Paths = { "priority" } },
            },
        }));

        (await world.EventsAsync()).Skip(4).Select(e => e.EventType).ShouldBe([EventType.WorkflowExecutionOptionsUpdated, EventType.WorkflowTaskScheduled]);
        (await world.DescribeAsync()).WorkflowExecutionInfo.Priority.PriorityKey.ShouldBe(1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(1000)]
    public async Task Points_with_no_workflow_task_open_are_refused_and_nothing_changes(long eventId)
    {
        await using var world = await IdleAsync();
        await world.SignalAsync("late");
        var before = await world.HistoryAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => ResetAsync(world, eventId));

        refused.Kind.ShouldBe(RefusalKind.InvalidArgument);
        (await world.HistoryAsync()).ShouldBe(before);
    }

    [Theory]
    [InlineData(1, "Workflow task finish ID must be > 1 && <= workflow last event ID.")]
    [InlineData(4, "unsupported post reset operation: *workflow.PostResetOperation_SignalWorkflow_")]
    public async Task What_is_to_follow_is_looked_at_once_there_is_such_an_event(long eventId, string message)
    {
        await using var world = await IdleAsync();
        var signal = new PostResetOperation { SignalWorkflow = new PostResetOperation.Types.SignalWorkflow { SignalName = "after" } };

        var refused = await Should.ThrowAsync<RefusalException>(() => ResetAsync(world, eventId, r => r.PostResetOperations.Add(signal)));

        refused.Message.ShouldBe(message);
    }
}
