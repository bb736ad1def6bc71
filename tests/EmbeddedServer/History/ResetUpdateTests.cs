using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;
using static Onramp.EmbeddedServer.Tests.History.Support.Resets;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Updates of runs that are reset.</summary>
public sealed class ResetUpdateTests
{
    [Fact]
    public async Task An_accepted_update_is_admitted_again_and_keeps_its_id()
    {
        await using var world = await IdleAsync();
        var first = await world.SendUpdateAsync("add");
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r =>
        {
            r.Accept(task);
            r.Respond("add");
        });
        await first;

        await ResetAsync(world, 4);

        (await world.HistoryAsync()).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowTaskScheduled
            3 WorkflowTaskStarted
            4 WorkflowTaskFailed ResetWorkflow
            5 WorkflowExecutionUpdateAdmitted add
            6 WorkflowTaskScheduled
            """);
        (await world.PollAsync()).Messages.ShouldBeEmpty("its event is how the worker learns of it");
    }

    [Fact]
    public async Task A_run_can_not_be_given_two_updates_of_one_id()
    {
        await using var world = await IdleAsync();
        var old = await RunIdAsync(world);
        await DoAsync(world, ContinueAsNew());
        await DoAsync(world);

        var refused = await Should.ThrowAsync<RefusalException>(() => ResetAsync(world, 4, r => r.WorkflowExecution.RunId = old));

        refused.Kind.ShouldBe(RefusalKind.Internal);
        refused.InnerException!.Message.ShouldBe("Update ID add is already present in mutable state");
        (await world.DescribeAsync()).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Running);
    }

    [Fact]
    public async Task One_that_was_carried_over_to_a_run_that_ended_without_it_stays_admitted()
    {
        await using var world = await CarriedOverAsync();
        await world.TerminateAsync();
        await Should.ThrowAsync<RefusalException>(() => world.SignalAsync("late"));

        var told = await world.PollUpdateAsync("add", UpdateWorkflowExecutionLifecycleStage.Unspecified);

        (told.Stage, told.Outcome).ShouldBe((UpdateWorkflowExecutionLifecycleStage.Admitted, null));
    }

    [Fact]
    public async Task One_that_was_carried_over_and_rejected_has_no_answer_when_the_run_has_ended_either()
    {
        await using var world = await CarriedOverAsync();
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.RejectAdmitted("add"));
        await world.TerminateAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => world.PollUpdateAsync("add"));

        refused.InnerException!.Message.ShouldBe("update has not completed");
    }

    [Fact]
    public async Task Whoever_asks_for_an_update_that_was_carried_over_gets_what_comes_of_it()
    {
        await using var world = await IdleAsync();
        var first = await world.SendUpdateAsync("add");
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r =>
        {
            r.Accept(task);
            r.Respond("add");
        });
        await first;
        await ResetAsync(world, 4);
        var again = await world.SendUpdateAsync("add");
        var next = await world.PollAsync();

        await world.CompleteAsync(next, r =>
        {
            r.AcceptAdmitted("add", 5);
            r.Respond("add");
        });

        (await again).Outcome.Success.ShouldNotBeNull();
        (await world.EventsAsync()).Single(e => e.EventType == EventType.WorkflowExecutionUpdateAccepted)
            .WorkflowExecutionUpdateAcceptedEventAttributes.AcceptedRequest.ShouldBeNull("it stands in the admitted event");
    }

    /// <summary>An update that is accepted and done, with what else the workflow wants then.</summary>
    private static async Task DoAsync(World world, params Command[] commands)
    {
        var update = await world.SendUpdateAsync("add");
        var task = await world.PollAsync();
        await world.CompleteAsync(
            task,
            r =>
            {
                r.Accept(task);
                r.Respond("add");
                r.Commands.Add(commands);
            });
        await update;
    }

    /// <summary>A run that a reset has given an update.</summary>
    private static async Task<World> CarriedOverAsync()
    {
        var world = await IdleAsync();
        await DoAsync(world);
        await ResetAsync(world, 4);
        return world;
    }
}
