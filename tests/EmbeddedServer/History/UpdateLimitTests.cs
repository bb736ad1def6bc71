using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.UpdateWorker;
using Stage = Temporalio.Api.Enums.V1.UpdateWorkflowExecutionLifecycleStage;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>How many updates a run takes, and how long one is waited for.</summary>
public sealed class UpdateLimitTests
{
    [Fact]
    public async Task Who_waits_too_long_is_told_how_far_it_has_come()
    {
        await using var world = await IdleAsync();

        var answer = await world.UpdateAsync("u", hold: TimeSpan.FromMilliseconds(1));

        answer.Stage.ShouldBe(Stage.Admitted);
        answer.Outcome.ShouldBeNull();
    }

    [Fact]
    public async Task Ten_updates_may_be_under_way_and_no_more()
    {
        await using var world = await IdleAsync();
        for (var i = 0; i < 10; i++)
        {
            _ = await world.SendUpdateAsync($"u{i}");
        }

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.UpdateAsync("one-too-many"));

        refusal.Kind.ShouldBe(RefusalKind.ResourceExhausted);
        refusal.Detail.ShouldBeOfType<ResourceExhaustedFailure>().Cause.ShouldBe(ResourceExhaustedCause.ConcurrentLimit);
    }

    [Fact]
    public async Task A_run_takes_so_many_updates_and_no_more()
    {
        await using var world = await IdleAsync(new HistoryEngineOptions { MaximumUpdates = 1 });
        var updating = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r =>
        {
            r.Accept(task);
            r.Respond("u");
        });
        await updating;

        (await Should.ThrowAsync<RefusalException>(() => world.UpdateAsync("v"))).Kind.ShouldBe(RefusalKind.FailedPrecondition);
        (await world.UpdateAsync("u")).Stage.ShouldBe(Stage.Completed);
    }

    [Fact]
    public async Task Updates_under_way_may_be_so_large_and_no_larger()
    {
        await using var world = await IdleAsync(new HistoryEngineOptions { MaximumUpdateBytesInFlight = 1024 });

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.UpdateAsync(new string('u', 1024)));

        refusal.Message.ShouldBe("limit on total payload size of in-flight updates has been reached (1024 bytes)");
    }

    [Fact]
    public async Task Updates_of_all_runs_that_no_worker_has_accepted_may_take_so_much_memory_and_no_more()
    {
        await using var world = await IdleAsync(new HistoryEngineOptions { MaximumUpdateBytesInMemory = 5_000 });
        foreach (var id in new[] { "a", "b", "c", "d" })
        {
            await world.StartAsync(id, r => r.TaskQueue.Name = id);
            _ = await world.SettledAsync(SendAsync(world, id));
        }

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.UpdateAsync("one-too-many"));

        refusal.Kind.ShouldBe(RefusalKind.ResourceExhausted);
        refusal.Detail.ShouldBeOfType<ResourceExhaustedFailure>().Cause.ShouldBe(ResourceExhaustedCause.SystemOverloaded);
    }

    [Fact]
    public async Task What_a_worker_has_accepted_takes_no_memory()
    {
        await using var world = await IdleAsync(new HistoryEngineOptions { MaximumUpdateBytesInMemory = 1_500 });
        _ = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.Accept(task));

        _ = await world.SendUpdateAsync("v");

        (await world.PollAsync()).Messages.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_update_that_would_take_too_much_memory_starts_no_workflow()
    {
        await using var world = await IdleAsync(new HistoryEngineOptions { MaximumUpdateBytesInMemory = 1_024 });

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.Engine.UpdatesWithStart.ExecuteAsync(
            World.Namespace,
            new()
            {
                WorkflowId = "new", RequestId = "r", WorkflowType = new() { Name = "Order" }, TaskQueue = new() { Name = "orders" },
                WorkflowIdConflictPolicy = WorkflowIdConflictPolicy.UseExisting,
            },
            new() { WorkflowExecution = new() { WorkflowId = "new" }, Request = Request("u").Request },
            TimeSpan.FromSeconds(1),
            CancellationToken.None));

        refusal.Kind.ShouldBe(RefusalKind.ResourceExhausted);
        world.Store.FindCurrentRunId(World.Namespace.Id, "new").ShouldBeNull();
    }

    private static Task<Temporalio.Api.WorkflowService.V1.UpdateWorkflowExecutionResponse> SendAsync(World world, string workflowId)
    {
        var request = Request("u");
        request.WorkflowExecution.WorkflowId = workflowId;
        return world.Engine.Updates.UpdateAsync(World.Namespace, request, TimeSpan.FromSeconds(20), CancellationToken.None);
    }

    [Fact]
    public async Task A_failing_commit_leaves_no_update_behind()
    {
        await using var world = await IdleAsync();
        world.Store.FailsNextCommit = true;
        await Should.ThrowAsync<RefusalException>(() => world.UpdateAsync("u"));

        var updating = await world.SendUpdateAsync("u");

        var task = await world.PollAsync();
        task.Messages.ShouldHaveSingleItem();
        await world.CompleteAsync(task, r => r.Reject(task));
        await updating;
    }
}
