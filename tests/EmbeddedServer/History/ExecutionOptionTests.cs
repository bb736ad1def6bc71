using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Changing what a workflow was started with.</summary>
public sealed class ExecutionOptionTests
{
    [Fact]
    public async Task A_new_priority_is_recorded_and_outlives_a_restart()
    {
        await using var world = World.Create();
        await world.StartAsync();

        await ChangeAsync(world, new Priority { PriorityKey = 1 }, "priority");

        await world.RestartAsync();
        (await world.DescribeAsync()).WorkflowExecutionInfo.Priority.PriorityKey.ShouldBe(1);
        (await world.EventsAsync())[^1].EventType.ShouldBe(EventType.WorkflowExecutionOptionsUpdated);
    }

    [Fact]
    public async Task The_same_priority_again_writes_nothing()
    {
        await using var world = World.Create();
        await world.StartAsync(change: r => r.Priority = new Priority { PriorityKey = 1 });

        await ChangeAsync(world, new Priority { PriorityKey = 1 }, "priority.priority_key");

        (await world.EventsAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_next_run_has_it_too()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await ChangeAsync(world, new Priority { PriorityKey = 1 }, "priority");

        await world.CompleteAsync(await world.PollAsync(), ContinueAsNew());

        (await world.DescribeAsync()).WorkflowExecutionInfo.Priority.PriorityKey.ShouldBe(1);
    }

    [Fact]
    public async Task A_closed_run_has_nothing_to_change()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.TerminateAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => ChangeAsync(world, new Priority { PriorityKey = 1 }, "priority"));

        refused.Kind.ShouldBe(RefusalKind.NotFound);
    }

    [Fact]
    public void What_is_not_there_is_refused_by_name()
    {
        var pinned = new WorkflowExecutionOptions { VersioningOverride = new VersioningOverride { AutoUpgrade = true } };

        Refusal(pinned, "versioning_override").ShouldBe((RefusalKind.Unimplemented, "versioning overrides are not supported"));
        Refusal(new WorkflowExecutionOptions(), "no_such_field").ShouldBe((
            RefusalKind.InvalidArgument,
            "error parsing UpdateMask: proto:\u00a0invalid path \"no_such_field\" for message \"temporal.api.workflow.v1.WorkflowExecutionOptions\""));
    }

    private static (RefusalKind Kind, string Message) Refusal(WorkflowExecutionOptions options, string path)
    {
        var refused = Should.Throw<RefusalException>(() => ExecutionOptions.Check(options, new FieldMask { Paths = { path } }));
        return (refused.Kind, refused.Message);
    }

    private static Task<UpdateWorkflowExecutionOptionsResponse> ChangeAsync(World world, Priority priority, string path) =>
        world.Engine.Requests.UpdateOptionsAsync(World.Namespace, new UpdateWorkflowExecutionOptionsRequest
        {
            WorkflowExecution = new WorkflowExecution { WorkflowId = "order" },
            WorkflowExecutionOptions = new WorkflowExecutionOptions { Priority = priority },
            UpdateMask = new FieldMask { Paths = { path } },
        });
}
