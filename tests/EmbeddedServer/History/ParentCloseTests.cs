using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>What becomes of children whose parent ends.</summary>
public sealed class ParentCloseTests
{
    [Theory]
    [InlineData("complete")]
    [InlineData("fail")]
    [InlineData("cancel")]
    [InlineData("continue as new")]
    [InlineData("terminate")]
    [InlineData("time out")]
    public async Task A_child_is_terminated_however_its_parent_ends(string end)
    {
        await using var world = await ChildTests.WithChildAsync();

        await ChildTests.EndAsync(world, end, "order", "orders");
        await world.SettleAsync();

        (await world.EventsAsync("part"))[^1].WorkflowExecutionTerminatedEventAttributes.Reason.ShouldBe("by parent close policy");
    }

    [Fact]
    public async Task A_child_is_asked_to_cancel_if_that_is_its_policy()
    {
        await using var world = await ChildTests.WithChildAsync(c => c.ParentClosePolicy = ParentClosePolicy.RequestCancel);

        await ChildTests.EndAsync(world, "complete", "order", "orders");
        await world.SettleAsync();

        var requested = (await world.EventsAsync("part"))[^1].WorkflowExecutionCancelRequestedEventAttributes;
        requested.ExternalWorkflowExecution.WorkflowId.ShouldBe("order");
        requested.Cause.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_abandoned_child_goes_on_and_ends_by_itself()
    {
        await using var world = await ChildTests.WithChildAsync(c => c.ParentClosePolicy = ParentClosePolicy.Abandon);
        await ChildTests.EndAsync(world, "complete", "order", "orders");
        await world.SettleAsync();

        await world.CompleteAsync(await world.PollAsync("parts"), Complete());
        await world.SettleAsync();

        (await world.DescribeAsync("part")).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Completed);
        (await world.EventsAsync())[^1].EventType.ShouldBe(EventType.WorkflowExecutionCompleted);
    }

    [Fact]
    public async Task A_child_of_a_run_before_is_not_the_one_of_the_next_run()
    {
        await using var world = await ChildTests.WithChildAsync(c => c.ParentClosePolicy = ParentClosePolicy.Abandon);
        await ChildTests.EndAsync(world, "continue as new", "order", "orders");
        await world.PassAsync(TimeSpan.FromSeconds(1));

        await world.CompleteAsync(await world.PollAsync("orders"), Child("part"), Child("other"));
        await world.SettleAsync();

        // What different targets answer comes in any order.
        var events = await world.EventsAsync();
        var failed = events.Single(e => e.EventType == EventType.StartChildWorkflowExecutionFailed).StartChildWorkflowExecutionFailedEventAttributes;
        (failed.InitiatedEventId, failed.Cause).ShouldBe((5, StartChildWorkflowExecutionFailedCause.WorkflowAlreadyExists));
        events.Single(e => e.EventType == EventType.ChildWorkflowExecutionStarted).ChildWorkflowExecutionStartedEventAttributes.InitiatedEventId.ShouldBe(6);
    }

    [Fact]
    public async Task No_child_of_a_parents_last_word_is_started()
    {
        await using var world = World.Create();
        await world.StartAsync();

        await world.CompleteAsync(
            await world.PollAsync(),
            Child("terminated"), Child("canceled", c => c.ParentClosePolicy = ParentClosePolicy.RequestCancel),
            Child("abandoned", c => c.ParentClosePolicy = ParentClosePolicy.Abandon), Complete());
        await world.SettleAsync();

        await Should.ThrowAsync<RefusalException>(() => world.DescribeAsync("abandoned"));
        await Should.ThrowAsync<RefusalException>(() => world.DescribeAsync("terminated"));
        await Should.ThrowAsync<RefusalException>(() => world.DescribeAsync("canceled"));
    }

    [Fact]
    public async Task A_child_whose_parent_ends_before_it_was_started_is_not_started()
    {
        await using var world = World.Create();
        await world.StartAsync();
        world.Store.HoldsMail = _ => true;
        await world.CompleteAsync(await world.PollAsync(), Child("part"), Child("abandoned", c => c.ParentClosePolicy = ParentClosePolicy.Abandon));
        await world.TerminateAsync();

        world.Store.HoldsMail = _ => false;
        await world.PassAsync(TimeSpan.FromSeconds(1));

        await Should.ThrowAsync<RefusalException>(() => world.DescribeAsync("part"));
        await Should.ThrowAsync<RefusalException>(() => world.DescribeAsync("abandoned"));
    }

    [Theory]
    [InlineData(ParentClosePolicy.Terminate)]
    [InlineData(ParentClosePolicy.Abandon)]
    public async Task A_child_whose_parent_ends_while_its_start_is_being_committed_is_not_started(ParentClosePolicy policy)
    {
        await using var world = World.Create();
        var start = new HeldCommit(world, "part");
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Child("part", c => c.ParentClosePolicy = policy));
        await start.Reached;

        await world.TerminateAsync();
        start.Release();
        await world.SettleAsync();

        await Should.ThrowAsync<RefusalException>(() => world.DescribeAsync("part"));
    }

    [Fact]
    public async Task An_abandoned_child_whose_parent_ends_before_it_heard_of_the_start_begins()
    {
        await using var world = World.Create();
        await world.StartAsync();
        world.Store.HoldsMail = row => row.To.WorkflowId == "order";
        await world.CompleteAsync(await world.PollAsync(), Child("abandoned", c => c.ParentClosePolicy = ParentClosePolicy.Abandon));
        await world.SettleAsync();
        await world.TerminateAsync();

        world.Store.HoldsMail = _ => false;
        await world.PassAsync(TimeSpan.FromSeconds(1));

        (await world.EventsAsync("abandoned")).Skip(1).Show().ShouldBe("2 WorkflowTaskScheduled");
    }

    [Fact]
    public async Task A_workflow_that_took_over_the_id_is_left_alone()
    {
        await using var world = await ChildTests.WithChildAsync();
        world.Store.HoldsMail = _ => true;
        await world.TerminateAsync();
        await world.TerminateAsync("part");
        await world.StartAsync("part");

        world.Store.HoldsMail = _ => false;
        await world.PassAsync(TimeSpan.FromSeconds(1));

        (await world.DescribeAsync("part")).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Running);
    }

    [Fact]
    public async Task What_a_workflow_asks_of_others_with_its_last_word_is_lost()
    {
        await using var world = World.Create();
        await world.StartAsync("target", r => r.TaskQueue.Name = "elsewhere");
        await world.StartAsync();

        await world.CompleteAsync(await world.PollAsync("orders"), SignalOther("target", "late"), CancelOther("target"), Complete());
        await world.SettleAsync();

        (await world.EventsAsync("target")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_deleted_parent_takes_its_children_along()
    {
        await using var world = await ChildTests.WithChildAsync();

        await world.Engine.Requests.DeleteAsync(World.Namespace, new() { WorkflowExecution = new() { WorkflowId = "order" } });
        await world.SettleAsync();

        (await world.DescribeAsync("part")).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Terminated);
    }
}
