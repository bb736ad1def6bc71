using System.Text.Json.Nodes;
using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Core.Tests;

/// <summary>Whatever an operator does to its workflows, a service is found again, and repaired or retired.</summary>
public sealed class RecoveryTests
{
    [Fact]
    public async Task A_change_that_was_terminated_leaves_the_service_interrupted_and_repair_goes_on()
    {
        await using var world = await World.StartAsync();
        await world.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["method"] = "POST", ["route"] = "/api/v1/namespaces", ["status"] = 503, ["times"] = 10_000 });
        var asked = await world.OnboardAsync("orders", "development");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Actions.Any(a => a.Id.StartsWith("namespace", StringComparison.Ordinal) && a.State == ActionState.Running));
        await world.Change("orders", asked.ChangeId).TerminateAsync("by an operator");
        await world.StateUntilAsync("orders", s => ServiceStatus.Of(s) == ServiceStatus.Interrupted);
        await world.ClearFaultsAsync();
        await DoneAsync(world, ChangeKind.Repair);
        (await world.StateUntilAsync("orders", s => s.Open.Count == 0)).Environments["development"].Phase.ShouldBe(EnvironmentPhase.Active);
        (await world.NamespacesAsync("orders")).ShouldBe(["orders-dev"]);
    }

    [Fact]
    public async Task A_service_whose_workflow_was_terminated_knows_what_it_knew()
    {
        await using var world = await World.StartAsync();
        await OnboardedAsync(world);
        await world.Service("orders").TerminateAsync("by an operator");
        await DoneAsync(world, ChangeKind.Configure);
        var state = await world.StateUntilAsync("orders", s => s.Open.Count == 0);
        (state.LastNumber, state.Ended.Count, state.Environments["development"].Phase).ShouldBe((2, 2, EnvironmentPhase.Active));
    }

    [Fact]
    public async Task A_change_outlives_its_service_and_tells_the_one_that_comes_after()
    {
        await using var world = await World.StartAsync();
        var asked = await world.OnboardAsync("orders", "staging");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Phase == ChangePhase.AwaitingApproval);
        await world.Service("orders").TerminateAsync("by an operator");
        await world.ApproveAsync("orders", asked.ChangeId);
        (await world.EndedAsync("orders", asked.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Completed);
        (await world.StateUntilAsync("orders", s => s.Open.Count == 0)).Environments["staging"].Phase.ShouldBe(EnvironmentPhase.Active);
    }

    [Fact]
    public async Task A_change_counts_as_it_said_that_it_ended_even_when_its_word_and_its_end_come_together()
    {
        await using var world = await World.StartAsync();
        await world.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["method"] = "POST", ["route"] = "/api/v1/namespaces", ["status"] = 503, ["times"] = 10_000 });
        var asked = await world.OnboardAsync("orders", "development");
        var open = (await world.StateUntilAsync("orders", s => s.Open.Any(o => o.Applying))).Open.Single();
        await world.StopWorkerAsync();
        await world.Service("orders").SignalAsync(ServiceContract.FinishedSignal, [new ChangeFinished { Change = open.Change, Outcome = ChangeOutcome.Failed, Message = "as it said" }]);
        await world.Change("orders", asked.ChangeId).TerminateAsync("its end");

        world.StartWorker();

        (await world.StateUntilAsync("orders", s => s.Ended.Count > 0)).Ended.Single().Message.ShouldBe("as it said");
    }

    [Fact]
    public async Task A_service_whose_history_was_deleted_is_found_by_its_marks_and_retired()
    {
        await using var world = await World.StartAsync(("Onramp:Services:Grace", "00:00:00"));
        await OnboardedAsync(world);
        var run = (await world.Service("orders").DescribeAsync()).RunId;
        await world.Service("orders").TerminateAsync("by an operator");
        await world.Client.WorkflowService.DeleteWorkflowExecutionAsync(new DeleteWorkflowExecutionRequest
        {
            Namespace = world.Client.Options.Namespace,
            WorkflowExecution = new Temporalio.Api.Common.V1.WorkflowExecution { WorkflowId = Ids.Service("orders"), RunId = run },
        });
        await DoneAsync(world, ChangeKind.Repair);
        await DoneAsync(world, ChangeKind.Quiet);
        await world.StateUntilAsync("orders", s => ServiceStatus.Of(s) == ServiceStatus.Gone && s.Open.Count == 0);
        (await world.NamespacesAsync("orders")).ShouldBeEmpty();
        (await world.RepositoryAsync("orders")).ShouldBeNull();
    }

    [Fact]
    public async Task A_service_that_was_stopped_removes_what_is_due_though_nobody_asks_it_anything()
    {
        await using var world = await World.StartAsync(("Onramp:Services:Grace", "00:00:01"));
        await OnboardedAsync(world);
        await DoneAsync(world, ChangeKind.Quiet);
        await world.Service("orders").TerminateAsync("by an operator");

        var started = await Eventually.AsAsync(() => world.KeepServicesAsync(), s => s.Count > 0, _ => "it isn't started");

        started.ShouldBe(["orders"]);
        await world.StateUntilAsync("orders", s => ServiceStatus.Of(s) == ServiceStatus.Gone && s.Open.Count == 0);
        (await world.NamespacesAsync("orders")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_service_that_ended_by_itself_or_goes_on_is_not_started()
    {
        await using var world = await World.StartAsync(("Onramp:Services:Grace", "00:00:00"));
        await OnboardedAsync(world);
        await world.Service("orders").TerminateAsync("by an operator");
        await DoneAsync(world, ChangeKind.Configure);
        (await world.KeepServicesAsync()).ShouldBeEmpty();
        await DoneAsync(world, ChangeKind.Quiet);
        await world.StateUntilAsync("orders", s => ServiceStatus.Of(s) == ServiceStatus.Gone && s.Open.Count == 0);
        await world.Service("orders").GetResultAsync();
        (await world.KeepServicesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task How_a_change_ended_is_known_also_when_its_word_was_lost_with_the_service_that_it_was_said_to()
    {
        await using var world = await World.StartAsync();
        await LostAsync(world);

        await Eventually.AsAsync(() => world.KeepServicesAsync(), s => s.Count > 0, _ => "it isn't started");
        var state = await world.StateUntilAsync("orders", s => s.Open.Count == 0);

        (state.Ended.ShouldHaveSingleItem().Outcome, state.Environments["development"].Phase).ShouldBe((ChangeOutcome.Completed, EnvironmentPhase.Active));
    }

    [Fact]
    public async Task What_became_of_its_changes_is_known_before_a_service_that_was_stopped_answers_anybody()
    {
        await using var world = await World.StartAsync();
        await LostAsync(world);

        var asked = await world.AskAsync("orders", new ChangeOrder { Kind = ChangeKind.Configure, Environment = "development" });

        asked.Accepted.ShouldBeTrue(asked.Message);
    }

    [Fact]
    public async Task A_change_that_its_service_took_for_dead_is_told_so_and_ends()
    {
        await using var world = await World.StartAsync();
        var asked = await world.OnboardAsync("orders", "staging");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Phase == ChangePhase.AwaitingApproval);
        var state = await world.StateUntilAsync("orders", s => s.Open.Count == 1);
        await world.Service("orders").TerminateAsync("by an operator");
        var book = new ServiceBook("orders", state);
        book.Interrupt(asked.ChangeId, DateTimeOffset.UnixEpoch);
        var input = new ServiceInput { Name = "orders", Revision = ServiceInput.CurrentRevision, Carried = book.State with { Environments = new(state.Environments, StringComparer.Ordinal) } };
        await world.Client.StartWorkflowAsync(ServiceContract.WorkflowType, [input], new WorkflowOptions(Ids.Service("orders"), ServiceContract.TaskQueue));

        await world.ApproveAsync("orders", asked.ChangeId);
        var ended = await world.EndedAsync("orders", asked.ChangeId);

        (ended.Outcome, ended.Actions.Count).ShouldBe((ChangeOutcome.Interrupted, 0));
    }

    [Fact]
    public async Task Before_a_service_has_found_out_it_does_not_say_that_there_is_nothing()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        await OnboardedAsync(world);
        await world.Service("orders").TerminateAsync("by an operator");
        await world.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["method"] = "GET", ["route"] = "/api/v1/namespaces", ["status"] = 503, ["times"] = 10_000 });
        await Eventually.AsAsync(() => world.KeepServicesAsync(), s => s.Count > 0, _ => "it isn't started");

        var asking = await Eventually.AsAsync(
            async () => await Should.ThrowAsync<Exception>(() => world.StateAsync("orders")), e => e is WorkflowQueryFailedException, e => e.Message);
        var shown = await api.StatusAsync($"{Api.Services}/orders", body: null, key: null);

        asking.Message.ShouldContain("looking for what is known");
        shown.ShouldBe(System.Net.HttpStatusCode.ServiceUnavailable);
    }

    private static async Task OnboardedAsync(World world)
    {
        var asked = await world.OnboardAsync("orders", "development");
        (await world.EndedAsync("orders", asked.ChangeId)).Outcome.ShouldBe(ChangeOutcome.Completed);
        await world.StateUntilAsync("orders", s => s.Open.Count == 0);
    }

    /// <summary>A change has completed while its service did nothing, and then somebody stopped the service: the change's word is lost.</summary>
    private static async Task LostAsync(World world)
    {
        await world.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["method"] = "POST", ["route"] = "/api/v1/namespaces", ["status"] = 503, ["times"] = 10_000 });
        var asked = await world.OnboardAsync("orders", "development");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Actions.Any(a => a.Id.StartsWith("namespace", StringComparison.Ordinal) && a.State == ActionState.Running));
        await world.StopWorkerAsync();
        world.StartWorker(withServices: false);
        await world.ClearFaultsAsync();
        await world.Change("orders", asked.ChangeId).GetResultAsync().WaitAsync(World.Patience);
        await world.Service("orders").TerminateAsync("by an operator");
        await world.StopWorkerAsync();
        world.StartWorker();
    }

    private static async Task DoneAsync(World world, ChangeKind kind)
    {
        var asked = await world.AskAsync("orders", new ChangeOrder { Kind = kind, Environment = "development" });
        asked.Accepted.ShouldBeTrue(asked.Message);
        var ended = await world.EndedAsync("orders", asked.ChangeId);
        ended.Outcome.ShouldBe(ChangeOutcome.Completed, ended.Message);
    }
}
