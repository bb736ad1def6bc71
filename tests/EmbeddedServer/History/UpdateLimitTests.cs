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
