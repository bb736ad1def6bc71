using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.History.Support;

/// <summary>Runs to be reset, and their resets.</summary>
internal static class Resets
{
    /// <summary>A run whose first task is done, and that waits.</summary>
    public static async Task<World> IdleAsync()
    {
        var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync());
        return world;
    }

    public static async Task<string> ResetAsync(World world, long eventId, Action<ResetWorkflowExecutionRequest>? change = null)
    {
        var request = new ResetWorkflowExecutionRequest
        {
            WorkflowExecution = new WorkflowExecution { WorkflowId = "order" },
            WorkflowTaskFinishEventId = eventId,
            RequestId = Guid.NewGuid().ToString(),
            Reason = "once more",
        };
        change?.Invoke(request);
        return (await world.Engine.Resets.ResetAsync(World.Namespace, request)).RunId;
    }

    public static async Task<string> RunIdAsync(World world, string workflowId = "order") =>
        (await world.DescribeAsync(workflowId)).WorkflowExecutionInfo.Execution.RunId;

    public static Task<DescribeWorkflowExecutionResponse> DescribeAsync(World world, string runId, string workflowId = "order") =>
        world.Engine.Reads.DescribeAsync(World.Namespace, new DescribeWorkflowExecutionRequest
        {
            Execution = new WorkflowExecution { WorkflowId = workflowId, RunId = runId },
        });
}
