using Google.Protobuf;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Query.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>What of a run is kept in memory only, and forgotten when a call about the run is refused.</summary>
public sealed class ForgottenTests
{
    /// <summary>Nothing may follow on the end of a run.</summary>
    private static readonly Command[] BadSequence = [Complete(), Timer("t", 5)];

    [Fact]
    public async Task A_speculative_task_is_gone_when_its_answer_is_refused()
    {
        await using var world = await UpdateWorker.IdleAsync();
        _ = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();
        await RefusedAsync(world.CompleteAsync(task, BadSequence));

        var late = await RefusedAsync(world.CompleteAsync(task));

        late.ShouldBe("Workflow task not found.");
    }

    [Fact]
    public async Task The_update_of_a_task_that_is_gone_comes_with_another()
    {
        await using var world = await UpdateWorker.IdleAsync();
        var updating = await world.SendUpdateAsync("u");
        await RefusedAsync(world.CompleteAsync(await world.PollAsync(), BadSequence));

        var again = await world.PollAsync();
        await world.CompleteAsync(again, r =>
        {
            r.Accept(again);
            r.Respond("u");
        });

        (await updating).Outcome.Success.ShouldBe(World.Text("did u"));
    }

    [Fact]
    public async Task The_next_task_is_not_for_the_worker_that_forgets_the_run()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), World.KeepSticky);
        _ = await world.SendUpdateAsync("u");

        await RefusedAsync(world.CompleteAsync(await world.PollAsync(World.Sticky), BadSequence));

        (await world.TryPollAsync()).ShouldNotBeNull();
    }

    [Fact]
    public async Task Any_refused_call_will_do()
    {
        await using var world = await UpdateWorker.IdleAsync();
        _ = await world.SendUpdateAsync("u");
        await world.PollAsync();

        await RefusedAsync(world.CompleteActivityAsync(new PollActivityTaskQueueResponse { TaskToken = await TokenOfNoneAsync(world) }));

        (await world.DescribeAsync()).PendingWorkflowTask.State.ShouldBe(PendingWorkflowTaskState.Scheduled);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(2)]
    public async Task So_will_a_refused_reset(long eventId)
    {
        await using var world = await UpdateWorker.IdleAsync();
        _ = await world.SendUpdateAsync("u");
        await world.PollAsync();

        await RefusedAsync(world.Engine.Resets.ResetAsync(World.Namespace, new ResetWorkflowExecutionRequest
        {
            WorkflowExecution = new WorkflowExecution { WorkflowId = "order" },
            WorkflowTaskFinishEventId = eventId,
            RequestId = "reset",
        }));

        (await world.DescribeAsync()).PendingWorkflowTask.State.ShouldBe(PendingWorkflowTaskState.Scheduled);
    }

    [Fact]
    public async Task An_update_that_a_task_brought_before_is_not_rejected_for_want_of_an_answer()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var updating = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();
        await RefusedAsync(world.CompleteAsync(task, BadSequence));

        await world.CompleteAsync(task);

        (await world.PollAsync()).Messages.ShouldHaveSingleItem();
        updating.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task An_update_that_a_task_brought_before_may_be_answered_still()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var updating = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();
        await RefusedAsync(world.CompleteAsync(task, BadSequence));

        await world.CompleteAsync(task, r => r.Reject(task));

        (await updating).Outcome.Failure.Message.ShouldBe("not now");
        (await world.DescribeAsync()).PendingWorkflowTask.ShouldBeNull();
    }

    [Fact]
    public async Task An_update_that_a_reset_carried_over_asks_for_a_task_again()
    {
        await using var world = await WithCarriedUpdateAsync();
        var task = await world.PollAsync();
        await RefusedAsync(world.CompleteAsync(task, BadSequence));

        await world.CompleteAsync(task);

        (await world.DescribeAsync()).PendingWorkflowTask.State.ShouldBe(PendingWorkflowTaskState.Scheduled);
    }

    [Fact]
    public async Task An_update_that_a_reset_carried_over_and_nobody_answered_has_no_outcome()
    {
        await using var world = await WithCarriedUpdateAsync();
        await world.CompleteAsync(await world.PollAsync());

        (await RefusedAsync(world.PollUpdateAsync("u"))).ShouldBe("something went wrong, please retry (8e0d7019)");
    }

    [Fact]
    public async Task A_query_that_went_with_the_task_is_another_one_with_the_next()
    {
        await using var world = await UpdateWorker.IdleAsync();
        await world.SignalAsync("s");
        var asking = await world.SettledAsync(world.Engine.Queries.QueryAsync(
            World.Namespace, new QueryWorkflowRequest { Execution = new WorkflowExecution { WorkflowId = "order" }, Query = new WorkflowQuery { QueryType = "state" } }, null, CancellationToken.None));
        var task = await world.PollAsync();
        var before = task.Queries.Keys.ShouldHaveSingleItem();
        await RefusedAsync(world.CompleteAsync(task, CancelTimer("none")));

        (await world.PollAsync()).Queries.Keys.ShouldHaveSingleItem().ShouldNotBe(before);
        asking.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task That_a_run_wants_to_end_is_not_forgotten_by_a_signal_that_is_refused_for_it()
    {
        await using var world = await UpdateWorker.IdleAsync();
        await world.SignalAsync("s");
        var task = await world.PollAsync();
        await world.SignalAsync("t");
        await RefusedAsync(world.CompleteAsync(task, Complete()));
        await world.PollAsync();
        var first = await RefusedAsync(SignalWithStartAsync(world));

        var second = await RefusedAsync(SignalWithStartAsync(world));

        (first, second).ShouldBe(("workflow operation can not be applied because workflow is closing", first));
    }

    /// <summary>A run that was reset to before it accepted an update: that is admitted in it.</summary>
    private static async Task<World> WithCarriedUpdateAsync()
    {
        var world = World.Create();
        await world.StartAsync();
        _ = await world.SendUpdateAsync("u", UpdateWorkflowExecutionLifecycleStage.Accepted);
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.Accept(task));
        await world.Engine.Resets.ResetAsync(World.Namespace, new ResetWorkflowExecutionRequest
        {
            WorkflowExecution = new WorkflowExecution { WorkflowId = "order" },
            WorkflowTaskFinishEventId = 4,
            RequestId = "reset",
        });
        return world;
    }

    private static Task SignalWithStartAsync(World world) => world.Engine.Starts.SignalWithStartAsync(World.Namespace, new SignalWithStartWorkflowExecutionRequest
    {
        WorkflowId = "order",
        WorkflowType = new WorkflowType { Name = "order" },
        TaskQueue = new TaskQueue { Name = "orders" },
        SignalName = "late",
    });

    private static async Task<string> RefusedAsync(Task call) => (await Should.ThrowAsync<RefusalException>(() => call)).Message;

    /// <summary>The token of an activity that the run doesn't have.</summary>
    private static async Task<ByteString> TokenOfNoneAsync(World world)
    {
        var description = await world.DescribeAsync();
        var key = new ExecutionKey(World.Namespace.Id, "order", description.WorkflowExecutionInfo.Execution.RunId);
        return new TaskToken(TaskTokenKind.Activity, key, 99, 0, 1, "none").ToBytes();
    }
}
