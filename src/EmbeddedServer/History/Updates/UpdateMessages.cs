using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History.Commands;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Updates;

/// <summary>The messages by which a workflow task carries updates to a worker, and by which the worker answers them.</summary>
internal sealed class UpdateMessages(UpdateRegistry registry, CommandLimits limits)
{
    private const WorkflowTaskFailedCause Bad = WorkflowTaskFailedCause.BadUpdateWorkflowExecutionMessage;
    private const string RequestSuffix = "/request";

    /// <summary>Hands the updates that wait to a workflow task that has just been started.</summary>
    public void Attach(ExecutionState state, PollWorkflowTaskQueueResponse task)
    {
        foreach (var update in registry.Send(state.Key).Where(update => update.Request is not null))
        {
            task.Messages.Add(new Message
            {
                Id = update.Id + RequestSuffix,
                ProtocolInstanceId = update.Id,
                EventId = state.Task.StartedEventId - 1,
                Body = Any.Pack(update.Request),
            });
        }
    }

    /// <summary>PROTOCOL_MESSAGE: the place among the commands of a message that stands beside them.</summary>
    public void Apply(CommandContext context, Command command)
    {
        var attributes = CommandContext.Require(command.ProtocolMessageCommandAttributes, "ProtocolMessageCommandAttributes", "ProtocolMessageCommand", Bad);
        var message = context.TakeMessage(attributes.MessageId)
            ?? throw new CommandFailedException(Bad, $"ProtocolMessageCommand referenced absent message ID {attributes.MessageId}");
        Apply(context, message);
    }

    /// <summary>
    /// What no command refers to comes after all commands; then what the worker was given and did not answer is rejected, unless it asks for
    /// another task to answer with.
    /// </summary>
    public void ApplyRest(CommandContext context, bool rejectsUnanswered)
    {
        foreach (var message in context.TakeMessages())
        {
            Apply(context, message);
        }

        if (!rejectsUnanswered || !context.State.IsOpen)
        {
            return;
        }

        foreach (var update in registry.Select(context.State.Key, UpdateStatus.Sent))
        {
            if (!context.AnsweredUpdates.Contains(update.Id))
            {
                End(context, update.Id, UpdateTrigger.Reject, new Outcome { Failure = Unprocessed() });
            }
        }
    }

    private void Apply(CommandContext context, Message message)
    {
        if (message.Body is null)
        {
            throw new CommandFailedException(Bad, $"message {message.Id} has no body");
        }

        if (TryUnpack<Acceptance>(message.Body, out var acceptance))
        {
            Accept(context, message, acceptance);
        }
        else if (TryUnpack<Response>(message.Body, out var response))
        {
            Complete(context, message, response);
        }
        else if (TryUnpack<Rejection>(message.Body, out var rejection))
        {
            Reject(context, message, rejection);
        }
        else
        {
            throw new CommandFailedException(Bad, $"message {message.Id} is of an unknown type {message.Body.TypeUrl}");
        }
    }

    private void Accept(CommandContext context, Message message, Acceptance acceptance)
    {
        var id = message.ProtocolInstanceId;
        var known = context.State.Updates.GetValueOrDefault(id);
        if (known is { IsAccepted: true })
        {
            throw new CommandFailedException(Bad, $"update {id} was accepted before");
        }

        // A server that was started anew learns of the update by the worker's copy of the request. What an event has is not said again.
        var request = known is not null
            ? null
            : acceptance.AcceptedRequest ?? registry.Find(context.State.Key, id)?.Request
            ?? throw new CommandFailedException(Bad, $"update {id} is not known, and its acceptance lacks the request");
        context.Tx.Take(UpdateTransitions.Table, UpdateStatus.Sent, UpdateTrigger.Accept);
        var accepted = context.Tx.NewEvent(EventType.WorkflowExecutionUpdateAccepted);
        accepted.WorkflowExecutionUpdateAcceptedEventAttributes = new WorkflowExecutionUpdateAcceptedEventAttributes
        {
            ProtocolInstanceId = id,
            AcceptedRequestMessageId = acceptance.AcceptedRequestMessageId,
            AcceptedRequestSequencingEventId = acceptance.AcceptedRequestSequencingEventId,
            AcceptedRequest = request,
        };
        context.Tx.Updates.Put(new UpdateState(id, context.Tx.Append(accepted).EventId, admittedEventId: known?.AdmittedEventId ?? 0));
        context.AnsweredUpdates.Add(id);
        var state = context.State;
        context.Tx.Then(() => registry.Accept(state.Key, id, isLast: !state.Updates[id].IsCompleted));
    }

    private void Complete(CommandContext context, Message message, Response response)
    {
        var id = message.ProtocolInstanceId;
        if (!context.State.Updates.TryGetValue(id, out var update) || !update.IsAccepted || update.IsCompleted)
        {
            throw new CommandFailedException(Bad, $"update {id} is not one that was accepted and is still open");
        }

        if (response.Outcome is null)
        {
            throw new CommandFailedException(Bad, $"the response of update {id} has no outcome");
        }

        limits.RequireBlob(response.Outcome, Bad, "UpdateResponse.Outcome");
        context.Tx.Take(UpdateTransitions.Table, UpdateStatus.Accepted, UpdateTrigger.Complete);
        var completed = context.Tx.NewEvent(EventType.WorkflowExecutionUpdateCompleted);
        completed.WorkflowExecutionUpdateCompletedEventAttributes = new WorkflowExecutionUpdateCompletedEventAttributes
        {
            Meta = response.Meta,
            AcceptedEventId = update.AcceptedEventId,
            Outcome = response.Outcome,
        };
        context.Tx.Updates.Put(new UpdateState(id, update.AcceptedEventId, context.Tx.Append(completed).EventId, update.AdmittedEventId));
        End(context, id, UpdateTrigger.Complete, response.Outcome);
    }

    private void Reject(CommandContext context, Message message, Rejection rejection)
    {
        var id = message.ProtocolInstanceId;
        if (context.State.Updates.GetValueOrDefault(id) is { IsAccepted: true })
        {
            throw new CommandFailedException(Bad, $"update {id} was accepted and can't be rejected any more");
        }

        if (rejection.Failure is null)
        {
            throw new CommandFailedException(Bad, $"the rejection of update {id} has no failure");
        }

        End(context, id, UpdateTrigger.Reject, new Outcome { Failure = rejection.Failure });
    }

    private void End(CommandContext context, string id, UpdateTrigger trigger, Outcome outcome)
    {
        context.AnsweredUpdates.Add(id);
        if (trigger == UpdateTrigger.Reject)
        {
            context.Tx.Updates.Remove(id);
        }

        var key = context.State.Key;
        context.Tx.Then(() => registry.End(key, id, trigger, outcome));
    }

    private static bool TryUnpack<T>(Any body, out T message)
        where T : IMessage, new()
    {
        try
        {
            return body.TryUnpack(out message);
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw new CommandFailedException(Bad, $"a message of type {body.TypeUrl} can't be read: {broken.Message}");
        }
    }

    private static Failure Unprocessed() => new()
    {
        Message = "Workflow Update is rejected because it wasn't processed by worker. Probably, Workflow Update is not supported by the worker.",
        Source = "Server",
        ApplicationFailureInfo = new ApplicationFailureInfo { Type = "UnprocessedUpdate", NonRetryable = true },
    };
}
