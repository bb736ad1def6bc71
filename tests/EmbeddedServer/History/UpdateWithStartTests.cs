using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.UpdateWorker;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>An update that starts the run that it is for.</summary>
public sealed class UpdateWithStartTests
{
    [Fact]
    public async Task Update_with_start_starts_and_its_repetition_finds_both()
    {
        await using var world = World.Create();
        var starting = await world.SettledAsync(WithStartAsync(world, "u"));
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r =>
        {
            r.Accept(task);
            r.Respond("u");
        });

        var first = await starting;
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

    private static Task<ExecuteMultiOperationResponse> WithStartAsync(World world, string id, Action<StartWorkflowExecutionRequest>? change = null)
    {
        var start = new StartWorkflowExecutionRequest
        {
            WorkflowId = "order",
            WorkflowType = new WorkflowType { Name = "Order" },
            TaskQueue = new() { Name = "orders" },
            RequestId = "start-order",
        };
        change?.Invoke(start);
        return world.Engine.UpdatesWithStart.ExecuteAsync(World.Namespace, start, UpdateWorker.Request(id), TimeSpan.FromSeconds(20), CancellationToken.None);
    }
}
