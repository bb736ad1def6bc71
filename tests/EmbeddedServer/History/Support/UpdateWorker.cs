using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.History.Support;

/// <summary>Updates as clients send them, and as workers answer them.</summary>
internal static class UpdateWorker
{
    /// <summary>The history of <see cref="IdleAsync"/>.</summary>
    public const string IdleHistory = """
        1 WorkflowExecutionStarted
        2 WorkflowTaskScheduled
        3 WorkflowTaskStarted
        4 WorkflowTaskCompleted
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>A world whose workflow has had its first task and waits.</summary>
    public static async Task<World> IdleAsync(HistoryEngineOptions? options = null)
    {
        var world = World.Create(options);
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync());
        return world;
    }

    public static Task<UpdateWorkflowExecutionResponse> UpdateAsync(
        this World world, string id, UpdateWorkflowExecutionLifecycleStage stage = UpdateWorkflowExecutionLifecycleStage.Completed, string runId = "",
        TimeSpan? hold = null) =>
        world.Engine.Updates.UpdateAsync(World.Namespace, Request(id, stage, runId), hold ?? Patience, CancellationToken.None);

    /// <summary>Sends an update and waits until the run has it; the inner task is the answer.</summary>
    public static Task<Task<UpdateWorkflowExecutionResponse>> SendUpdateAsync(
        this World world, string id, UpdateWorkflowExecutionLifecycleStage stage = UpdateWorkflowExecutionLifecycleStage.Completed, string runId = "") =>
        world.SettledAsync(world.UpdateAsync(id, stage, runId));

    /// <summary>Waits for a call's turn on the workflow to be over; the inner task is the call.</summary>
    public static async Task<Task<T>> SettledAsync<T>(this World world, Task<T> call)
    {
        await world.DescribeAsync();
        return call;
    }

    public static UpdateWorkflowExecutionRequest Request(
        string id, UpdateWorkflowExecutionLifecycleStage stage = UpdateWorkflowExecutionLifecycleStage.Completed, string runId = "") => new()
    {
        WorkflowExecution = new WorkflowExecution { WorkflowId = "order", RunId = runId },
        WaitPolicy = new WaitPolicy { LifecycleStage = stage },
        Request = new Request { Meta = new Meta { UpdateId = id }, Input = new Input { Name = "add" } },
    };

    public static Task<PollWorkflowExecutionUpdateResponse> PollUpdateAsync(
        this World world, string id, UpdateWorkflowExecutionLifecycleStage stage = UpdateWorkflowExecutionLifecycleStage.Completed) =>
        world.Engine.Updates.PollAsync(World.Namespace, new PollWorkflowExecutionUpdateRequest
        {
            UpdateRef = new UpdateRef { WorkflowExecution = new WorkflowExecution { WorkflowId = "order" }, UpdateId = id },
            WaitPolicy = new WaitPolicy { LifecycleStage = stage },
        }, Patience, CancellationToken.None);

    /// <summary>Accepts the updates of a task.</summary>
    public static void Accept(this RespondWorkflowTaskCompletedRequest request, PollWorkflowTaskQueueResponse task)
    {
        foreach (var message in task.Messages)
        {
            request.Send($"{message.Id}/accept", message.ProtocolInstanceId, new Acceptance
            {
                AcceptedRequestMessageId = message.Id,
                AcceptedRequestSequencingEventId = message.EventId,
                AcceptedRequest = message.Body.Unpack<Request>(),
            });
        }
    }

    /// <summary>Accepts an update that the worker knows by its admitted event.</summary>
    public static void AcceptAdmitted(this RespondWorkflowTaskCompletedRequest request, string id, long admittedEventId) =>
        request.Send($"{id}/accept", id, new Acceptance
        {
            AcceptedRequestMessageId = $"{id}/request",
            AcceptedRequestSequencingEventId = admittedEventId,
            AcceptedRequest = Request(id).Request,
        });

    public static void Respond(this RespondWorkflowTaskCompletedRequest request, string id) => request.Send($"{id}/complete", id, new Response
    {
        Meta = new Meta { UpdateId = id },
        Outcome = new Outcome { Success = World.Text($"did {id}") },
    });

    public static void Reject(this RespondWorkflowTaskCompletedRequest request, PollWorkflowTaskQueueResponse task)
    {
        foreach (var message in task.Messages)
        {
            request.Messages.Add(MessageOf($"{message.Id}/reject", message.ProtocolInstanceId, new Rejection
            {
                RejectedRequestMessageId = message.Id,
                Failure = new Failure { Message = "not now", ApplicationFailureInfo = new ApplicationFailureInfo() },
            }));
        }
    }

    /// <summary>Rejects an update that the worker knows by its admitted event.</summary>
    public static void RejectAdmitted(this RespondWorkflowTaskCompletedRequest request, string id) => request.Messages.Add(MessageOf($"{id}/reject", id, new Rejection
    {
        RejectedRequestMessageId = $"{id}/request",
        Failure = new Failure { Message = "not now", ApplicationFailureInfo = new ApplicationFailureInfo() },
    }));

    private static void Send(this RespondWorkflowTaskCompletedRequest request, string messageId, string updateId, IMessage body)
    {
        request.Messages.Add(MessageOf(messageId, updateId, body));
        request.Commands.Add(new Command
        {
            CommandType = CommandType.ProtocolMessage,
            ProtocolMessageCommandAttributes = new ProtocolMessageCommandAttributes { MessageId = messageId },
        });
    }

    private static Message MessageOf(string messageId, string updateId, IMessage body) =>
        new() { Id = messageId, ProtocolInstanceId = updateId, Body = Any.Pack(body) };
}
