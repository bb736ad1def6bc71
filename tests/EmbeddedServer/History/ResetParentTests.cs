using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;
using static Onramp.EmbeddedServer.Tests.History.Support.Resets;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Children of runs that are reset, as their new runs know them.</summary>
public sealed class ResetParentTests
{
    [Fact]
    public async Task How_a_child_ended_is_applied_after_all_that_is()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Child("part"));
        await world.SettleAsync();
        await world.CompleteAsync(await world.PollAsync("orders"));
        await world.TerminateAsync("part");
        await world.SettleAsync();
        await world.SignalAsync("late");

        await ResetAsync(world, 9);

        (await world.EventsAsync()).Skip(8).Select(e => e.EventType).ShouldBe(
            [EventType.WorkflowTaskFailed, EventType.WorkflowExecutionSignaled, EventType.ChildWorkflowExecutionTerminated, EventType.WorkflowTaskScheduled]);
    }

    [Fact]
    public async Task What_became_of_a_child_of_the_prefix_is_applied()
    {
        await using var world = await WithChildAsync();
        await world.CompleteAsync(await world.PollAsync("parts"), Complete());
        await world.SettleAsync();

        await ResetAsync(world, 8);

        (await world.EventsAsync()).Skip(7).Show().ShouldBe("""
            8 WorkflowTaskStarted
            9 WorkflowTaskFailed ResetWorkflow
            10 ChildWorkflowExecutionCompleted 5 started=6
            11 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task A_child_that_still_runs_reports_to_the_new_run()
    {
        await using var world = await WithChildAsync();
        await ResetAsync(world, 8);
        (await DescribeAsync(world, await RunIdAsync(world, "part"), "part")).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Running);

        await world.CompleteAsync(await world.PollAsync("parts"), Complete());
        await world.SettleAsync();

        (await world.EventsAsync()).ShouldContain(e => e.EventType == EventType.ChildWorkflowExecutionCompleted);
    }

    [Fact]
    public async Task The_end_of_the_new_run_leaves_children_of_the_old_one_alone()
    {
        await using var world = await WithChildAsync();
        await ResetAsync(world, 8);

        await world.TerminateAsync();
        await world.SettleAsync();

        (await world.DescribeAsync("part")).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Running);
    }

    private static async Task<World> WithChildAsync()
    {
        var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Child("part"));
        await world.SettleAsync();
        await world.PollAsync("orders");
        return world;
    }
}
