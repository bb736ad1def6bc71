using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;

namespace Onramp.Core.Tests;

/// <summary>A change may stay open for as long as nobody helps it; its service looks after it all that time, and its history doesn't grow for it.</summary>
public sealed class LookTests
{
    [Fact]
    public async Task A_change_that_stays_is_looked_at_less_and_less_often()
    {
        await using var world = await World.StartAsync(("Onramp:Services:LookAfter", "00:01:00"));
        await AdoptedAsync(world);

        await world.Environment.DelayAsync(TimeSpan.FromHours(12));

        (await WaitsAsync(world)).ShouldBeInRange(12, 24);
    }

    [Fact]
    public async Task What_is_asked_of_a_service_makes_it_look_at_once()
    {
        await using var world = await World.StartAsync(("Onramp:Services:LookAfter", "00:30:00"));
        var stays = await AdoptedAsync(world);
        await world.Change("orders", stays).TerminateAsync("by an operator");

        await world.OnboardAsync("orders", "development");

        (await world.StateUntilAsync("orders", s => s.Open.All(o => o.Change.ChangeId != stays))).Ended.ShouldContain(e => e.Change.ChangeId == stays && e.Outcome == ChangeOutcome.Interrupted);
    }

    [Fact]
    public async Task What_is_asked_is_judged_by_what_has_become_of_an_earlier_runs_changes_by_then()
    {
        await using var world = await World.StartAsync(("Onramp:Services:LookAfter", "00:30:00"));
        var stays = await AdoptedAsync(world);
        await world.Change("orders", stays).TerminateAsync("by an operator");

        var again = await world.OnboardAsync("orders", "staging");

        (again.Accepted, again.Message).ShouldBe((true, ""));
    }

    [Fact]
    public async Task A_service_goes_on_as_new_though_a_change_of_an_earlier_run_stays_open()
    {
        await using var world = await World.StartAsync(s => s.History.SuggestContinueAsNewEvents = 60, ("Onramp:Services:LookAfter", "00:01:00"));
        var stays = await AdoptedAsync(world);
        var run = (await world.Service("orders").DescribeAsync()).RunId;

        await world.Environment.DelayAsync(TimeSpan.FromHours(12));

        (await world.Service("orders").DescribeAsync()).RunId.ShouldNotBe(run);
        await world.ApproveAsync("orders", stays);
        (await world.StateUntilAsync("orders", s => s.Open.Count == 0)).Environments["staging"].Phase.ShouldBe(EnvironmentPhase.Active);
    }

    [Fact]
    public async Task A_service_goes_on_as_new_while_a_change_of_its_own_waits_and_notices_when_that_is_stopped()
    {
        await using var world = await World.StartAsync(s => s.History.SuggestContinueAsNewEvents = 60);
        var waits = await WaitingAsync(world);
        var run = (await world.Service("orders").DescribeAsync()).RunId;
        await world.EndedAsync("orders", (await world.OnboardAsync("orders", "development")).ChangeId);
        for (var times = 0; (await world.Service("orders").DescribeAsync()).RunId == run && times < 10; times++)
            await world.EndedAsync("orders", (await world.AskAsync("orders", new ChangeOrder { Kind = ChangeKind.Repair, Environment = "development" })).ChangeId);
        (await world.Service("orders").DescribeAsync()).RunId.ShouldNotBe(run);

        await world.Change("orders", waits).TerminateAsync("by an operator");

        (await world.StateUntilAsync("orders", s => s.Open.Count == 0)).Ended.Single(e => e.Change.ChangeId == waits).Outcome.ShouldBe(ChangeOutcome.Interrupted);
    }

    [Fact]
    public async Task However_many_ask_their_services_find_out_what_there_is_and_answer()
    {
        await using var world = await World.StartAsync();
        await world.StopWorkerAsync();
        world.StartWorker(activities: 1);

        await world.OnboardAsync("orders", "staging");

        // Not before it was given up and delivered again.
        var delivered = (await world.Client.GetWorkflowHandle(Ids.Request("ada", "key-1")).FetchHistoryAsync()).Events.Single(e => e.EventType == EventType.ActivityTaskStarted);
        delivered.ActivityTaskStartedEventAttributes.Attempt.ShouldBe(1);
    }

    /// <summary>A change that waits for approval, for as long as nobody gives it.</summary>
    private static async Task<string> WaitingAsync(World world)
    {
        var asked = await world.OnboardAsync("orders", "staging");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Phase == ChangePhase.AwaitingApproval);
        return asked.ChangeId;
    }

    /// <summary>The same, begun by a run of the service that somebody stopped.</summary>
    private static async Task<string> AdoptedAsync(World world)
    {
        var waits = await WaitingAsync(world);
        await world.Service("orders").TerminateAsync("by an operator");
        await Eventually.AsAsync(() => world.KeepServicesAsync(), s => s.Count > 0, _ => "it isn't started");
        await world.StateUntilAsync("orders", s => s.Open.Any(o => o.Adopted));
        return waits;
    }

    /// <summary>How often it has waited until it looks again.</summary>
    private static async Task<int> WaitsAsync(World world) => (await world.Service("orders").FetchHistoryAsync()).Events.Count(e => e.EventType == EventType.TimerStarted);
}
