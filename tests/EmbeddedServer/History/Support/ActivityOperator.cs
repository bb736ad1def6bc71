using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Activity.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.History.Support;

/// <summary>What an operator asks of pending activities of the workflow "order".</summary>
public static class ActivityOperator
{
    public static WorkflowExecution Order => new() { WorkflowId = "order" };

    public static Task PauseActivityAsync(this World world, string id, string requestId = "") => world.Engine.ActivityOperations.PauseAsync(World.Namespace, new PauseActivityRequest
    {
        Execution = Order,
        Id = id,
        Identity = "operator",
        Reason = "a break",
        RequestId = requestId,
    });

    public static Task UnpauseActivityAsync(this World world, string id, Action<UnpauseActivityRequest>? change = null)
    {
        var request = new UnpauseActivityRequest { Execution = Order, Id = id };
        change?.Invoke(request);
        return world.Engine.ActivityOperations.UnpauseAsync(World.Namespace, request);
    }

    public static Task ResetActivityAsync(this World world, string id, Action<ResetActivityRequest>? change = null)
    {
        var request = new ResetActivityRequest { Execution = Order, Id = id };
        change?.Invoke(request);
        return world.Engine.ActivityOperations.ResetAsync(World.Namespace, request);
    }

    public static Task<UpdateActivityOptionsResponse> ChangeOptionsAsync(this World world, string id, ActivityOptions options, params string[] paths) =>
        world.Engine.ActivityOperations.UpdateOptionsAsync(World.Namespace, new UpdateActivityOptionsRequest
        {
            Execution = Order,
            Id = id,
            ActivityOptions = options,
            UpdateMask = new FieldMask { Paths = { paths } },
        });
}
