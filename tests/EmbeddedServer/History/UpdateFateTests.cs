using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;
using static Onramp.EmbeddedServer.Tests.History.Support.UpdateWorker;
using Stage = Temporalio.Api.Enums.V1.UpdateWorkflowExecutionLifecycleStage;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>What becomes of updates when their run ends or goes on as another one, and when the server is started anew.</summary>
public sealed class UpdateFateTests
{
    [Fact]
    public async Task A_run_that_ends_answers_an_accepted_update_with_a_failure()
    {
        await using var world = await IdleAsync();
        var accepting = await world.SendUpdateAsync("u", Stage.Accepted);
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.Accept(task));
        await accepting;
        var polling = world.PollUpdateAsync("u");

        await world.TerminateAsync();

        (await polling).Outcome.Failure.ApplicationFailureInfo.Type.ShouldBe("AcceptedUpdateCompletedWorkflow");
        (await world.UpdateAsync("u")).Outcome.Failure.ApplicationFailureInfo.Type.ShouldBe("AcceptedUpdateCompletedWorkflow");
    }

    [Fact]
    public async Task A_run_that_ends_refuses_an_update_that_it_has_not_looked_at()
    {
        await using var world = await IdleAsync();
        var updating = await world.SendUpdateAsync("u");

        await world.TerminateAsync();

        (await Should.ThrowAsync<RefusalException>(() => updating)).Message.ShouldBe("workflow update was aborted by closing workflow");
        (await world.HistoryAsync()).ShouldBe($"""
            {IdleHistory}
            5 WorkflowExecutionTerminated enough
            """);
    }

    [Fact]
    public async Task An_update_that_the_old_run_left_unanswered_goes_to_the_next_unless_it_names_a_run()
    {
        await using var world = World.Create();
        var first = await world.StartAsync();
        await world.PassAsync(TimeSpan.FromSeconds(2));
        var updating = await world.SendUpdateAsync("any");
        var pinned = await world.SendUpdateAsync("pinned", runId: first.RunId);
        var task = await world.PollAsync();
        task.Messages.Select(m => m.ProtocolInstanceId).ShouldBe(["any", "pinned"]);

        await world.CompleteAsync(task, ContinueAsNew());

        var retried = await PollForUpdateAsync(world);
        await world.CompleteAsync(retried, r =>
        {
            r.Accept(retried);
            r.Respond("any");
        });
        (await updating).UpdateRef.WorkflowExecution.RunId.ShouldBe(retried.WorkflowExecution.RunId);
        (await Should.ThrowAsync<RefusalException>(() => pinned)).Kind.ShouldBe(RefusalKind.NotFound);
    }

    [Fact]
    public async Task An_accepted_update_outlives_a_restart_and_its_repetition_gets_its_outcome()
    {
        await using var world = await IdleAsync();
        var accepting = await world.SendUpdateAsync("u", Stage.Accepted);
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.Accept(task), Timer("t", 5));
        await accepting;

        await world.RestartAsync();
        var repeated = await world.SendUpdateAsync("u");
        await world.PassAsync(TimeSpan.FromSeconds(5));
        await world.CompleteAsync(await world.PollAsync(), r => r.Respond("u"));

        (await repeated).Outcome.Success.ShouldBe(World.Text("did u"));
    }

    [Fact]
    public async Task After_a_restart_the_task_of_a_forgotten_update_is_dropped()
    {
        await using var world = await IdleAsync();
        _ = await world.SendUpdateAsync("u");

        await world.RestartAsync();

        (await world.TryPollAsync()).ShouldBeNull();
        (await world.HistoryAsync()).ShouldBe(IdleHistory);
    }

    [Fact]
    public async Task A_server_that_was_restarted_learns_of_an_update_by_its_acceptance()
    {
        await using var world = await IdleAsync();
        _ = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();

        await world.RestartAsync();
        await world.CompleteAsync(task, r =>
        {
            r.Accept(task);
            r.Respond("u");
        });

        (await world.UpdateAsync("u")).Outcome.Success.ShouldBe(World.Text("did u"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_update_that_is_sent_again_after_a_restart_is_answered_by_the_worker_that_still_has_it(bool accepts)
    {
        await using var world = await IdleAsync();
        _ = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();

        await world.RestartAsync();
        var again = await world.SendUpdateAsync("u");
        await world.CompleteAsync(task, r =>
        {
            if (accepts)
            {
                r.Accept(task);
                r.Respond("u");
            }
            else
            {
                r.Reject(task);
            }
        });

        ((await again).Outcome.Success is not null).ShouldBe(accepts);
    }

    /// <summary>The task that carries an update which another thread is about to send.</summary>
    private static async Task<PollWorkflowTaskQueueResponse> PollForUpdateAsync(World world)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var task = await world.TryPollAsync();
            if (task?.Messages.Count > 0)
            {
                return task;
            }

            if (task is not null)
            {
                await world.CompleteAsync(task);
            }

            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
