using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Updates;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
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
    public async Task Who_asks_afterwards_for_an_update_that_it_has_not_looked_at_is_told_so()
    {
        await using var world = await IdleAsync();
        _ = await world.SendUpdateAsync("u");
        await world.TerminateAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => world.PollUpdateAsync("u"));

        refused.Message.ShouldBe("workflow update was aborted by closing workflow");
    }

    [Fact]
    public async Task It_is_not_known_any_more_once_a_call_about_the_run_was_refused()
    {
        await using var world = await IdleAsync();
        _ = await world.SendUpdateAsync("u");
        await world.TerminateAsync();
        await Should.ThrowAsync<RefusalException>(() => world.SignalAsync("late"));

        var refused = await Should.ThrowAsync<RefusalException>(() => world.PollUpdateAsync("u"));

        refused.Message.ShouldBe("update \"u\" not found");
    }

    [Fact]
    public async Task Nor_is_it_once_a_child_has_told_the_closed_run_of_its_end()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Child("part"));
        await world.SettleAsync();
        _ = await world.SendUpdateAsync("u");
        await world.TerminateAsync();
        await world.SettleAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => world.PollUpdateAsync("u"));

        refused.Message.ShouldBe("update \"u\" not found");
    }

    [Fact]
    public void Of_too_many_runs_the_first_to_end_are_forgotten()
    {
        var unseen = new UnseenUpdates();
        static ExecutionKey Run(int number) => new("namespace", "order", $"run {number}");

        for (var number = 0; number <= UnseenUpdates.Runs; number++)
        {
            unseen.Keep(Run(number), [new PendingUpdate("u", null, UpdateStatus.Admitted)]);
        }

        (unseen.Find(Run(0), "u"), unseen.Find(Run(1), "u")?.Id).ShouldBe((null, "u"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_update_that_the_old_run_left_unanswered_is_to_be_asked_again(bool namesRun)
    {
        await using var world = World.Create();
        var first = await world.StartAsync();
        await world.PassAsync(TimeSpan.FromSeconds(2));
        var updating = await world.SendUpdateAsync("u", runId: namesRun ? first.RunId : "");
        var task = await world.PollAsync();

        await world.CompleteAsync(task, ContinueAsNew());

        var refusal = await Should.ThrowAsync<RefusalException>(() => updating);
        refusal.Message.ShouldBe("workflow operation can not be applied because workflow is closing");
        refusal.Detail.ShouldBeOfType<ResourceExhaustedFailure>().Cause.ShouldBe(ResourceExhaustedCause.BusyWorkflow);
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
}
