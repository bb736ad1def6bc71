using Grpc.Core;
using Temporalio.Api.Command.V1;
using Temporalio.Api.WorkflowService.V1;
using Queue = Temporalio.Api.TaskQueue.V1.TaskQueue;

namespace Onramp.EmbeddedServer.Tests.Crash;

/// <summary>What the scripts' workers do: take workflow tasks of a server that may die meanwhile, and answer them.</summary>
internal static class CrashWorker
{
    private const string Namespace = "default";
    private const string Identity = "crash-test";

    /// <summary>A workflow task, or null if none came in time.</summary>
    public static async Task<PollWorkflowTaskQueueResponse?> PollAsync(this MortalServer server, Queue queue, CancellationToken cancellationToken)
    {
        var task = await server.CallAsync<PollWorkflowTaskQueueResponse>(
            new PollWorkflowTaskQueueRequest { Namespace = Namespace, TaskQueue = queue, Identity = Identity }, cancellationToken);
        return task.TaskToken.IsEmpty ? null : task;
    }

    public static Task CompleteAsync(this MortalServer server, PollWorkflowTaskQueueResponse task, IEnumerable<Command> commands, CancellationToken cancellationToken) =>
        server.CallAsync<RespondWorkflowTaskCompletedResponse>(
            new RespondWorkflowTaskCompletedRequest { Namespace = Namespace, TaskToken = task.TaskToken, Identity = Identity, Commands = { commands } },
            cancellationToken);

    /// <summary>One try: whether it succeeded, the history tells.</summary>
    public static async Task TryCompleteNextAsync(this MortalServer server, Queue queue, IEnumerable<Command> commands, CancellationToken cancellationToken)
    {
        if (await server.PollAsync(queue, cancellationToken) is not { } task)
        {
            return;
        }

        try
        {
            await server.CompleteAsync(task, commands, cancellationToken);
        }
        catch (Exception failure) when (IsStale(failure))
        {
            // It timed out, or was carried out by a server that died before it could say so.
        }
    }

    public static bool IsStale(Exception failure) =>
        failure is RepeatedCallException { Code: StatusCode.NotFound } or RpcException { StatusCode: StatusCode.NotFound };
}
