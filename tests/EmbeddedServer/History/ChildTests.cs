using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Child workflows: how they begin, what their parents hear of them, and what ends them.</summary>
public sealed class ChildTests
{
    [Fact]
    public async Task Both_histories_tell_of_the_start()
    {
        await using var world = await WithChildAsync();

        (await world.EventsAsync()).Skip(4).Show().ShouldBe("""
            5 StartChildWorkflowExecutionInitiated part
            6 ChildWorkflowExecutionStarted 5
            7 WorkflowTaskScheduled
            """);
        (await world.HistoryAsync("part")).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task A_child_does_nothing_until_its_parent_has_recorded_its_start()
    {
        await using var world = World.Create();
        await world.StartAsync();
        world.Store.HoldsMail = row => row.To.WorkflowId == "order";

        await world.CompleteAsync(await world.PollAsync(), Child("part"));
        await world.SettleAsync();
        await world.SignalAsync("early", "part");

        (await world.HistoryAsync("part")).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowExecutionSignaled early
            """);
    }

    [Fact]
    public async Task A_child_knows_its_parent_and_its_root()
    {
        await using var world = await WithChildAsync();
        await world.CompleteAsync(await world.PollAsync("parts"), Child("grandchild"));
        await world.SettleAsync();

        var info = (await world.DescribeAsync("grandchild")).WorkflowExecutionInfo;

        info.ParentExecution.WorkflowId.ShouldBe("part");
        info.RootExecution.WorkflowId.ShouldBe("order");
        var started = (await world.EventsAsync("grandchild"))[0].WorkflowExecutionStartedEventAttributes;
        started.ParentInitiatedEventId.ShouldBe(5);
        started.ParentWorkflowNamespace.ShouldBe(World.Namespace.Name);
        started.RootWorkflowExecution.WorkflowId.ShouldBe("order");
    }

    [Fact]
    public async Task Pending_children_are_described()
    {
        await using var world = await WithChildAsync(c => c.ParentClosePolicy = ParentClosePolicy.Abandon);

        var child = (await world.DescribeAsync()).PendingChildren.ShouldHaveSingleItem();

        child.WorkflowId.ShouldBe("part");
        child.RunId.ShouldBe((await world.DescribeAsync("part")).WorkflowExecutionInfo.Execution.RunId);
        child.WorkflowTypeName.ShouldBe("Part");
        child.InitiatedId.ShouldBe(5);
        child.ParentClosePolicy.ShouldBe(ParentClosePolicy.Abandon);
    }

    [Theory]
    [InlineData("complete", "ChildWorkflowExecutionCompleted 5 started=6")]
    [InlineData("fail", "ChildWorkflowExecutionFailed 5 started=6 RetryPolicyNotSet")]
    [InlineData("cancel", "ChildWorkflowExecutionCanceled 5 started=6")]
    [InlineData("terminate", "ChildWorkflowExecutionTerminated 5 started=6")]
    [InlineData("time out", "ChildWorkflowExecutionTimedOut 5 started=6 RetryPolicyNotSet")]
    public async Task The_parent_hears_how_it_ended(string end, string heard)
    {
        await using var world = await WithChildAsync(c => c.WorkflowRunTimeout = Seconds(60));

        await EndAsync(world, end, "part", "parts", timeout: TimeSpan.FromSeconds(60));
        await world.SettleAsync();

        (await world.EventsAsync()).Skip(7).Show().ShouldBe($"8 {heard}");
        (await world.DescribeAsync()).PendingChildren.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_result_travels_up()
    {
        await using var world = await WithChildAsync();
        var complete = Complete();
        complete.CompleteWorkflowExecutionCommandAttributes.Result = World.Text("made");

        await world.CompleteAsync(await world.PollAsync("parts"), complete);
        await world.SettleAsync();

        (await world.EventsAsync())[^1].ChildWorkflowExecutionCompletedEventAttributes.Result.ShouldBe(World.Text("made"));
    }

    [Fact]
    public async Task Of_a_chain_the_parent_hears_of_the_last_run_only()
    {
        await using var world = await WithChildAsync();

        await world.CompleteAsync(await world.PollAsync("parts"), ContinueAsNew());
        await world.PassAsync(TimeSpan.FromSeconds(1));
        await world.CompleteAsync(await world.PollAsync("parts"), Complete());
        await world.SettleAsync();

        (await world.EventsAsync()).Skip(7).Show().ShouldBe("8 ChildWorkflowExecutionCompleted 5 started=6");
        var last = (await world.DescribeAsync("part")).WorkflowExecutionInfo.Execution.RunId;
        (await world.EventsAsync())[^1].ChildWorkflowExecutionCompletedEventAttributes.WorkflowExecution.RunId.ShouldBe(last);
    }

    [Fact]
    public async Task A_child_that_is_retried_fails_for_its_parent_when_its_attempts_are_used_up()
    {
        await using var world = await WithChildAsync(c => c.RetryPolicy = new RetryPolicy { InitialInterval = Seconds(2), MaximumAttempts = 2 });

        await world.CompleteAsync(await world.PollAsync("parts"), Fail());
        await world.PassAsync(TimeSpan.FromSeconds(2));
        await world.CompleteAsync(await world.PollAsync("parts"), Fail());
        await world.SettleAsync();

        (await world.EventsAsync()).Skip(7).Show().ShouldBe("8 ChildWorkflowExecutionFailed 5 started=6 MaximumAttemptsReached");
    }

    [Fact]
    public async Task A_child_with_a_cron_schedule_waits_for_its_time()
    {
        await using var world = await WithChildAsync(c => c.CronSchedule = "*/5 * * * *");

        (await world.HistoryAsync("part")).ShouldBe("1 WorkflowExecutionStarted");
        await world.PassAsync(TimeSpan.FromMinutes(5));

        (await world.EventsAsync("part")).Skip(1).Show().ShouldBe("2 WorkflowTaskScheduled");
    }

    [Fact]
    public async Task What_arrives_while_a_task_is_out_comes_after_it_in_order()
    {
        await using var world = World.Create();
        await world.StartAsync();
        world.Store.HoldsMail = _ => true;
        await world.CompleteAsync(await world.PollAsync(), r => r.ForceCreateNewWorkflowTask = true, Child("part"));
        var task = await world.PollAsync("orders");
        world.Store.HoldsMail = _ => false;
        await world.PassAsync(TimeSpan.FromSeconds(1));
        await world.CompleteAsync(await world.PollAsync("parts"), Complete());
        await world.SettleAsync();
        await world.SignalAsync("after");

        await world.CompleteAsync(task, Marker("m"));

        (await world.EventsAsync()).SkipWhile(e => e.EventType != EventType.MarkerRecorded).Skip(1).Select(e => e.EventType).ShouldBe(
            [
                EventType.ChildWorkflowExecutionStarted, EventType.WorkflowExecutionSignaled, EventType.ChildWorkflowExecutionCompleted,
                EventType.WorkflowTaskScheduled,
            ]);
        var events = await world.EventsAsync();
        events.Single(e => e.EventType == EventType.ChildWorkflowExecutionCompleted).ChildWorkflowExecutionCompletedEventAttributes.StartedEventId
            .ShouldBe(events.Single(e => e.EventType == EventType.ChildWorkflowExecutionStarted).EventId);
    }

    [Fact]
    public async Task A_child_that_begins_and_ends_while_a_task_is_out_is_linked_to_its_start()
    {
        await using var world = World.Create();
        await world.StartAsync();
        world.Store.HoldsMail = _ => true;
        await world.CompleteAsync(await world.PollAsync(), r => r.ForceCreateNewWorkflowTask = true, Child("part"));
        var task = await world.PollAsync("orders");
        world.Store.HoldsMail = _ => false;
        await world.PassAsync(TimeSpan.FromSeconds(1));
        await world.TerminateAsync("part");
        await world.SettleAsync();

        await world.CompleteAsync(task, Marker("m"));

        (await world.EventsAsync()).Skip(9).Show().ShouldBe("""
            10 ChildWorkflowExecutionStarted 5
            11 ChildWorkflowExecutionTerminated 5 started=10
            12 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task A_child_in_another_namespace_lives_there()
    {
        await using var world = World.Create(new HistoryEngineOptions { EnableCrossNamespaceCommands = true });
        var other = new NamespaceRef("5ca1ab1e-0000-4000-8000-000000000002", "other");
        await world.Store.WriteNamespaceAsync(new(other.Id, other.Name, [], new Dictionary<string, IndexedValueType>()));
        await world.StartAsync();

#pragma warning disable CS0612 // The field is old and still taken.
        await world.CompleteAsync(await world.PollAsync(), Child("part", c => c.Namespace = other.Name));
#pragma warning restore CS0612
        await world.SettleAsync();

        var child = await world.Engine.Reads.DescribeAsync(other, new DescribeWorkflowExecutionRequest { Execution = new WorkflowExecution { WorkflowId = "part" } });
        child.WorkflowExecutionInfo.ParentNamespaceId.ShouldBe(World.Namespace.Id);
        (await world.EventsAsync())[5].ChildWorkflowExecutionStartedEventAttributes.Namespace.ShouldBe(other.Name);
    }

    [Fact]
    public async Task A_child_has_from_its_parent_what_its_priority_leaves_open()
    {
        await using var world = World.Create();
        await world.StartAsync(change: r => r.Priority = new Priority { PriorityKey = 2, FairnessKey = "tenant" });

        await world.CompleteAsync(await world.PollAsync(), Child("part", c => c.Priority = new Priority { PriorityKey = 5 }));
        await world.SettleAsync();

        (await world.DescribeAsync("part")).WorkflowExecutionInfo.Priority.ShouldBe(new Priority { PriorityKey = 5, FairnessKey = "tenant" });
    }

    [Fact]
    public async Task A_child_that_was_asked_for_before_a_restart_is_started_after_it_once()
    {
        await using var world = World.Create();
        await world.StartAsync();
        world.Store.HoldsMail = _ => true;
        await world.CompleteAsync(await world.PollAsync(), Child("part"));

        await world.RestartAsync();
        await world.SettleAsync();
        world.Store.HoldsMail = _ => false;
        await world.RestartAsync();
        await world.SettleAsync();
        await world.RestartAsync();
        await world.SettleAsync();

        (await world.EventsAsync()).Skip(4).Show().ShouldBe("""
            5 StartChildWorkflowExecutionInitiated part
            6 ChildWorkflowExecutionStarted 5
            7 WorkflowTaskScheduled
            """);
        (await world.HistoryAsync("part")).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowTaskScheduled
            """);
    }

    /// <summary>A parent, called order, with a running child, called part, whose tasks are in the queue parts.</summary>
    internal static async Task<World> WithChildAsync(Action<Temporalio.Api.Command.V1.StartChildWorkflowExecutionCommandAttributes>? change = null)
    {
        var world = World.Create();
        await world.StartAsync(change: r => r.WorkflowRunTimeout = Seconds(100_000));
        await world.CompleteAsync(await world.PollAsync(), Child("part", change));
        await world.SettleAsync();
        return world;
    }

    internal static async Task EndAsync(World world, string how, string workflowId, string queue, TimeSpan? timeout = null)
    {
        switch (how)
        {
            case "complete":
                await world.CompleteAsync(await world.PollAsync(queue), Complete());
                break;
            case "fail":
                await world.CompleteAsync(await world.PollAsync(queue), Fail());
                break;
            case "cancel":
                await world.CompleteAsync(await world.PollAsync(queue), Cancel());
                break;
            case "continue as new":
                await world.CompleteAsync(await world.PollAsync(queue), ContinueAsNew());
                break;
            case "terminate":
                await world.TerminateAsync(workflowId);
                break;
            case "time out":
                await world.PassAsync(timeout ?? TimeSpan.FromSeconds(100_000));
                break;
        }
    }
}
