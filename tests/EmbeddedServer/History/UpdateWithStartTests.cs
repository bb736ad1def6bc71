using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.UpdateWorker;
using Stage = Temporalio.Api.Enums.V1.UpdateWorkflowExecutionLifecycleStage;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>An update that starts the run that it is for.</summary>
public sealed class UpdateWithStartTests
{
    [Fact]
    public async Task Update_with_start_starts_and_its_repetition_finds_both()
    {
        await using var world = World.Create();
        var first = await CompletedAsync(world);
        var again = await WithStartAsync(world, "u");

        first.Responses[0].StartWorkflow.Started.ShouldBeTrue();
        again.Responses[0].StartWorkflow.Started.ShouldBeFalse();
        again.Responses[0].StartWorkflow.RunId.ShouldBe(first.Responses[0].StartWorkflow.RunId);
        again.Responses[1].UpdateWorkflow.Outcome.ShouldBe(first.Responses[1].UpdateWorkflow.Outcome);
    }

    [Fact]
    public async Task Update_with_start_that_may_not_start_tells_the_fate_of_each_half()
    {
        await using var world = await IdleAsync();

        var refusal = await Should.ThrowAsync<RefusalException>(() => WithStartAsync(world, "u", r => r.RequestId = "another"));

        refusal.Kind.ShouldBe(RefusalKind.AlreadyExists);
        var statuses = refusal.Detail.ShouldBeOfType<MultiOperationExecutionFailure>().Statuses;
        statuses[0].Details.ShouldHaveSingleItem().Is(WorkflowExecutionAlreadyStartedFailure.Descriptor).ShouldBeTrue();
        statuses[1].Code.ShouldBe((int)RefusalKind.Aborted);
        (await world.HistoryAsync()).ShouldBe(IdleHistory);
    }

    [Fact]
    public async Task Update_with_start_tells_again_what_a_closed_run_has_completed()
    {
        await using var world = World.Create();
        var first = await CompletedAsync(world);
        await world.TerminateAsync();

        var again = await WithStartAsync(world, "u", r => r.RequestId = "another");

        again.Responses[0].StartWorkflow.Status.ShouldBe(WorkflowExecutionStatus.Terminated);
        again.Responses[1].UpdateWorkflow.Outcome.ShouldBe(first.Responses[1].UpdateWorkflow.Outcome);
    }

    [Theory]
    [InlineData(WorkflowIdConflictPolicy.Fail)]
    [InlineData(WorkflowIdConflictPolicy.TerminateExisting)]
    public async Task Update_with_start_joins_an_accepted_update_whatever_the_policy(WorkflowIdConflictPolicy policy)
    {
        await using var world = await IdleAsync();
        var accepting = await world.SendUpdateAsync("u", Stage.Accepted);
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.Accept(task));
        await accepting;

        var joined = await WithStartAsync(world, "u", r => (r.RequestId, r.WorkflowIdConflictPolicy) = ("another", policy), Stage.Accepted);

        joined.Responses[0].StartWorkflow.RunId.ShouldBe(task.WorkflowExecution.RunId);
        joined.Responses[0].StartWorkflow.Link.ShouldNotBeNull();
    }

    [Fact]
    public async Task Update_with_start_that_started_a_run_which_ended_unaware_of_it_says_that_it_was_started()
    {
        await using var world = World.Create();
        var starting = await world.SettledAsync(WithStartAsync(world, "u"));
        await world.CompleteAsync(await world.PollAsync(), Commands.Complete());

        var refusal = await Should.ThrowAsync<RefusalException>(() => starting);

        refusal.Kind.ShouldBe(RefusalKind.NotFound);
        refusal.Detail.ShouldBeOfType<MultiOperationExecutionFailure>().Statuses.Select(status => status.Code).ShouldBe([0, (int)RefusalKind.NotFound]);
    }

    /// <summary>One that has started its run, and that a worker has completed.</summary>
    private static async Task<ExecuteMultiOperationResponse> CompletedAsync(World world)
    {
        var starting = await world.SettledAsync(WithStartAsync(world, "u"));
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r =>
        {
            r.Accept(task);
            r.Respond("u");
        });
        return await starting;
    }

    private static Task<ExecuteMultiOperationResponse> WithStartAsync(World world, string id, Action<StartWorkflowExecutionRequest>? change = null, Stage stage = Stage.Completed)
    {
        var start = new StartWorkflowExecutionRequest
        {
            WorkflowId = "order",
            WorkflowType = new WorkflowType { Name = "Order" },
            TaskQueue = new() { Name = "orders" },
            RequestId = "start-order",
        };
        change?.Invoke(start);
        return world.Engine.UpdatesWithStart.ExecuteAsync(World.Namespace, start, UpdateWorker.Request(id, stage), TimeSpan.FromSeconds(20), CancellationToken.None);
    }
}
