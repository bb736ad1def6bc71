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
    private const string Protocol = "temporal.api.update.v1";
    private const string RequestSuffix = "/request";
    private const string Admitted = "Admitted";
    private const string Sent = "Sent";
    private const string AcceptedNow = "ProvisionallyAccepted";
    private const string Accepted = "Accepted";
    private const string CompletedNow = "ProvisionallyCompleted";
    private const string Completed = "Completed";

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
        if (attributes.MessageId.Length == 0)
        {
            throw new CommandFailedException(Bad, "MessageID is not set on ProtocolMessageCommand.");
        }

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
                Reject(context, update.Id, Unprocessed());
            }
        }
    }

    private void Apply(CommandContext context, Message message)
    {
        var type = TypeOf(message);
        limits.RequireBlob(message.Body, Bad, $"Message type {type}");
        var protocol = type[..type.LastIndexOf('.')];
        if (protocol != Protocol)
        {
            throw new CommandFailedException(Bad, $"unsupported protocol type {protocol}");
        }

        var acceptance = Unpack<Acceptance>(message.Body);
        var rejection = Unpack<Rejection>(message.Body);
        var response = Unpack<Response>(message.Body);
        if (acceptance is null && rejection is null && response is null)
        {
            throw new CommandFailedException(Bad, $"Message type *update.{type[(protocol.Length + 1)..]} not supported");
        }

        var id = message.ProtocolInstanceId;
        var state = StateOf(context, id) ?? ((acceptance?.AcceptedRequest ?? rejection?.RejectedRequest) is not null ? Admitted : throw new CommandFailedException(
            Bad, $"update {id} wasn't found on the server. This is most likely a transient error which will be resolved automatically by retries"));
        if (rejection is not null)
        {
            RequireState(id, "Rejection", state, Admitted, Sent);
            Reject(context, id, rejection.Failure ?? new Failure());
        }
        else if (!context.State.IsOpen)
        {
            // An earlier command has closed the run: who waits for the update is told so.
        }
        else if (acceptance is not null)
        {
            RequireState(id, "Acceptance", state, Admitted, Sent);
            Accept(context, id, acceptance);
        }
        else
        {
            RequireState(id, "Response", state, AcceptedNow, Accepted);
            Complete(context, id, response!);
        }
    }

    /// <summary>What the body is called; not a fault of the task if that can't be said, but one of the call.</summary>
    private static string TypeOf(Message message)
    {
        if (message.Body is null)
        {
            throw Errors.InvalidArgument("nil message body");
        }

        var type = Any.GetTypeName(message.Body.TypeUrl);
        if (type.Length == 0)
        {
            throw Errors.InvalidArgument("no message name specified");
        }

        return type.Contains('.', StringComparison.Ordinal)
            ? type
            : throw Errors.InvalidArgument($"failed to extract protocol type: no . found in \"{type}\"");
    }

    /// <summary>How far an update has come, in the reference's words, which tell what the answer at hand has done; null for one that the run doesn't know.</summary>
    private string? StateOf(CommandContext context, string id)
    {
        var isAnswered = context.AnsweredUpdates.Contains(id);
        var known = context.State.Updates.GetValueOrDefault(id);
        if (known is { IsAccepted: true })
        {
            return known.IsCompleted ? (isAnswered ? CompletedNow : Completed) : isAnswered ? AcceptedNow : Accepted;
        }

        if (isAnswered)
        {
            return CompletedNow;
        }

        var waiting = registry.Find(context.State.Key, id);
        return waiting is { Status: UpdateStatus.Sent } ? Sent : waiting is null && known is null ? null : Admitted;
    }

    private static void RequireState(string id, string message, string state, params ReadOnlySpan<string> allowed)
    {
        if (!allowed.Contains(state))
        {
            throw new CommandFailedException(Bad, $"invalid state transition attempted for Update {id}: received *update.{message} message while in state {state}");
        }
    }

    private static void RequireField(bool isSet, string message, string field)
    {
        if (!isSet)
        {
            throw new CommandFailedException(Bad, $"invalid *update.{message}: {field}");
        }
    }

    private void Accept(CommandContext context, string id, Acceptance acceptance)
    {
        RequireField(acceptance.AcceptedRequestSequencingEventId != 0, "Acceptance", "accepted_request_sequencing_event_id is not set");
        RequireField(acceptance.AcceptedRequestMessageId.Length > 0, "Acceptance", "accepted_request_message_id is not set");

        // A server that was started anew learns of the update by the worker's copy of the request. What an event has is not said again.
        var known = context.State.Updates.GetValueOrDefault(id);
        var request = known is not null ? null : registry.Find(context.State.Key, id)?.Request ?? acceptance.AcceptedRequest;
        var accepted = context.Tx.NewEvent(EventType.WorkflowExecutionUpdateAccepted);
        accepted.WorkflowExecutionUpdateAcceptedEventAttributes = new WorkflowExecutionUpdateAcceptedEventAttributes
        {
            ProtocolInstanceId = id,
            AcceptedRequestMessageId = id + RequestSuffix,
            AcceptedRequestSequencingEventId = acceptance.AcceptedRequestSequencingEventId,
            AcceptedRequest = request,
        };
        context.Tx.Fire(UpdateTransitions.Table, UpdateStatus.Sent, UpdateTrigger.Accept, new UpdateStep(context.Tx, id, accepted) { RequestId = request?.RequestId });
        context.AnsweredUpdates.Add(id);
        var state = context.State;
        context.Tx.Then(() => registry.Accept(state.Key, id, isLast: state.IsOpen && !state.Updates[id].IsCompleted));
    }

    private void Complete(CommandContext context, string id, Response response)
    {
        RequireField(response.Meta is not null, "Response", "meta is not set");
        RequireField(response.Meta!.UpdateId.Length > 0, "Response", "meta.update_id is not set");
        RequireField(response.Meta.UpdateId == id, "Response", $"meta.update_id != {id}");
        RequireField(response.Outcome is not null, "Response", "outcome is not set");
        var completed = context.Tx.NewEvent(EventType.WorkflowExecutionUpdateCompleted);
        completed.WorkflowExecutionUpdateCompletedEventAttributes = new WorkflowExecutionUpdateCompletedEventAttributes
        {
            Meta = response.Meta,
            AcceptedEventId = context.State.Updates[id].AcceptedEventId,
            Outcome = response.Outcome,
        };
        context.Tx.Fire(UpdateTransitions.Table, UpdateStatus.Accepted, UpdateTrigger.Complete, new UpdateStep(context.Tx, id, completed));
        Tell(context, id, UpdateTrigger.Complete, response.Outcome!);
    }

    private void Reject(CommandContext context, string id, Failure failure)
    {
        context.Tx.Fire(UpdateTransitions.Table, UpdateStatus.Sent, UpdateTrigger.Reject, new UpdateStep(context.Tx, id));
        Tell(context, id, UpdateTrigger.Reject, new Outcome { Failure = failure });
    }

    /// <summary>Who waits for it learns of its end once that is kept.</summary>
    private void Tell(CommandContext context, string id, UpdateTrigger trigger, Outcome outcome)
    {
        context.AnsweredUpdates.Add(id);
        var key = context.State.Key;
        context.Tx.Then(() => registry.End(key, id, trigger, outcome));
    }

    private static T? Unpack<T>(Any body)
        where T : class, IMessage, new()
    {
        try
        {
            return body.TryUnpack(out T message) ? message : null;
        }
        catch (InvalidProtocolBufferException)
        {
            throw new CommandFailedException(Bad, $"unable to unmarshal request: {GoProtobuf.ErrorPrefix}cannot parse invalid wire-format data");
        }
    }

    private static Failure Unprocessed() => new()
    {
        Message = "Workflow Update is rejected because it wasn't processed by worker. Probably, Workflow Update is not supported by the worker.",
        Source = "Server",
        ApplicationFailureInfo = new ApplicationFailureInfo { Type = "UnprocessedUpdate", NonRetryable = true },
    };
}
