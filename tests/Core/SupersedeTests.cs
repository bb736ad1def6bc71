using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;
using Temporalio.Client;

namespace Onramp.Core.Tests;

/// <summary>A newer request takes the place of an older one of the same kind, as long as that doesn't apply.</summary>
public sealed class SupersedeTests
{
    /// <summary>What starts a child and what signals it are carried out side by side on a cluster: sent in one task, the word may come to nobody.</summary>
    [Fact]
    public async Task A_change_whose_place_is_taken_before_it_has_begun_is_told_so_when_it_has()
    {
        await using var world = await World.StartAsync();
        var onboarded = await world.OnboardAsync("orders", "staging");
        await world.ApproveAsync("orders", onboarded.ChangeId);
        await world.StateUntilAsync("orders", s => s.Open.Count == 0);
        await world.StopWorkerAsync();
        var first = RequestAsync(world, "first");
        var second = RequestAsync(world, "second");

        world.StartWorker();

        var (older, newer) = (await first, await second) is var (a, b) && a.Number < b.Number ? (a, b) : (b, a);
        (await world.EndedAsync("orders", older.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Superseded);
        (await world.UntilAsync("orders", newer.ChangeId, v => v.Phase == ChangePhase.AwaitingApproval)).Outcome.ShouldBe(ChangeOutcome.None);
        var history = (await world.Service("orders").FetchHistoryAsync()).Events.ToList();
        var started = history.FindIndex(e => e.ChildWorkflowExecutionStartedEventAttributes?.WorkflowExecution.WorkflowId == Ids.Change("orders", older.ChangeId));
        var told = history.FindIndex(e => e.SignalExternalWorkflowExecutionInitiatedEventAttributes is { SignalName: ChangeContract.SupersedeSignal });
        told.ShouldBeGreaterThan(started);
    }

    private static Task<RequestAnswer> RequestAsync(World world, string tier) => world.Service("orders").ExecuteUpdateAsync<RequestAnswer>(ServiceContract.RequestUpdate, [new ServiceRequested
    {
        ChangeId = Ids.ChangeId("ada", tier),
        Order = new ChangeOrder { Kind = ChangeKind.Configure, Environment = "staging", Labels = new(StringComparer.Ordinal) { ["tier"] = tier } },
        AskedBy = new Principal("ada"),
    }]);
}
