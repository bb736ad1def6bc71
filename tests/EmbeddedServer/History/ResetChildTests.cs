using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>A reset while the start of a child is under way: whoever goes on hears of it, once.</summary>
public sealed class ResetChildTests
{
    [Theory]
    [InlineData(ParentClosePolicy.Terminate)]
    [InlineData(ParentClosePolicy.Abandon)]
    public async Task A_child_that_was_asked_for_before_is_started_for_the_new_run(ParentClosePolicy policy)
    {
        await using var world = await AskedForAsync(policy);

        await ResetAsync(world);
        await LetMailThroughAsync(world);

        (await StartsAsync(world)).ShouldBe([EventType.ChildWorkflowExecutionStarted]);
        (await world.EventsAsync("part")).Skip(1).Show().ShouldBe("2 WorkflowTaskScheduled");
    }

    [Fact]
    public async Task A_child_whose_start_is_being_committed_is_started_for_the_new_run()
    {
        await using var world = World.Create();
        var start = new HeldCommit(world, "part");
        await AskForChildAsync(world, ParentClosePolicy.Terminate);
        await start.Reached;

        await ResetAsync(world);
        start.Release();
        await world.SettleAsync();

        (await StartsAsync(world)).ShouldBe([EventType.ChildWorkflowExecutionStarted]);
    }

    [Fact]
    public async Task A_run_that_was_reset_twice_hears_of_the_child_too()
    {
        await using var world = await AskedForAsync(ParentClosePolicy.Terminate);

        await ResetAsync(world);
        await ResetAsync(world);
        await LetMailThroughAsync(world);

        (await StartsAsync(world)).ShouldBe([EventType.ChildWorkflowExecutionStarted]);
    }

    [Fact]
    public async Task A_child_that_only_the_old_run_asked_for_is_not_started()
    {
        await using var world = await AskedForAsync(ParentClosePolicy.Terminate);

        await ResetAsync(world, finishEventId: 3);
        await LetMailThroughAsync(world);

        await Should.ThrowAsync<RefusalException>(() => world.DescribeAsync("part"));
    }

    [Theory]
    [InlineData(ParentClosePolicy.Terminate)]
    [InlineData(ParentClosePolicy.Abandon)]
    public async Task A_child_of_a_closed_run_is_asked_for_anew_and_started_once(ParentClosePolicy policy)
    {
        await using var world = await AskedForAsync(policy);
        await world.TerminateAsync();

        await ResetAsync(world);
        await LetMailThroughAsync(world);

        (await StartsAsync(world)).ShouldBe([EventType.ChildWorkflowExecutionStarted]);
        (await world.EventsAsync("part")).Skip(1).Show().ShouldBe("2 WorkflowTaskScheduled");
    }

    /// <summary>A parent whose child is asked for by event 5 and not started yet, with a workflow task out.</summary>
    private static async Task<World> AskedForAsync(ParentClosePolicy policy)
    {
        var world = World.Create();
        world.Store.HoldsMail = _ => true;
        await AskForChildAsync(world, policy);
        return world;
    }

    private static async Task AskForChildAsync(World world, ParentClosePolicy policy)
    {
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync("orders"), Child("part", c => c.ParentClosePolicy = policy));
        await world.SignalAsync("go");
        await world.PollAsync("orders");
    }

    private static async Task LetMailThroughAsync(World world)
    {
        world.Store.HoldsMail = _ => false;
        await world.PassAsync(TimeSpan.FromMinutes(1));
    }

    private static Task<ResetWorkflowExecutionResponse> ResetAsync(World world, long finishEventId = 8) =>
        world.Engine.Resets.ResetAsync(World.Namespace, new ResetWorkflowExecutionRequest
        {
            WorkflowExecution = new() { WorkflowId = "order" },
            WorkflowTaskFinishEventId = finishEventId,
            RequestId = Guid.NewGuid().ToString(),
            Reason = "once more",
        });

    private static async Task<IEnumerable<EventType>> StartsAsync(World world) => (await world.EventsAsync())
        .Select(e => e.EventType)
        .Where(type => type is EventType.ChildWorkflowExecutionStarted or EventType.StartChildWorkflowExecutionFailed);
}
