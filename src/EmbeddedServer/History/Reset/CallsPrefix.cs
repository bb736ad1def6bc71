using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Reset;

/// <summary>The part of <see cref="HistoryPrefix"/> that concerns other workflows, and updates.</summary>
internal sealed class CallsPrefix(ExecutionTransaction tx)
{
    public void Replay(HistoryEvent @event)
    {
        switch (@event.AttributesCase)
        {
            case HistoryEvent.AttributesOneofCase.SignalExternalWorkflowExecutionInitiatedEventAttributes:
            case HistoryEvent.AttributesOneofCase.RequestCancelExternalWorkflowExecutionInitiatedEventAttributes:
                tx.ExternalCalls.Add(ExternalCallState.Of(@event, tx.State.Info.NamespaceName));
                break;
            case HistoryEvent.AttributesOneofCase.ExternalWorkflowExecutionSignaledEventAttributes:
                tx.ExternalCalls.Remove(@event.ExternalWorkflowExecutionSignaledEventAttributes.InitiatedEventId);
                break;
            case HistoryEvent.AttributesOneofCase.SignalExternalWorkflowExecutionFailedEventAttributes:
                tx.ExternalCalls.Remove(@event.SignalExternalWorkflowExecutionFailedEventAttributes.InitiatedEventId);
                break;
            case HistoryEvent.AttributesOneofCase.ExternalWorkflowExecutionCancelRequestedEventAttributes:
                tx.ExternalCalls.Remove(@event.ExternalWorkflowExecutionCancelRequestedEventAttributes.InitiatedEventId);
                break;
            case HistoryEvent.AttributesOneofCase.RequestCancelExternalWorkflowExecutionFailedEventAttributes:
                tx.ExternalCalls.Remove(@event.RequestCancelExternalWorkflowExecutionFailedEventAttributes.InitiatedEventId);
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionUpdateAdmittedEventAttributes:
                var admitted = @event.WorkflowExecutionUpdateAdmittedEventAttributes.Request.Meta.UpdateId;
                tx.Updates.Put(new UpdateState(admitted, 0, admittedEventId: @event.EventId));
                tx.State.NoteRequestId(@event.WorkflowExecutionUpdateAdmittedEventAttributes.Request.RequestId, @event);
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionUpdateAcceptedEventAttributes:
                var accepted = @event.WorkflowExecutionUpdateAcceptedEventAttributes.ProtocolInstanceId;
                tx.Updates.Put(new UpdateState(
                    accepted, @event.EventId, admittedEventId: tx.State.Updates.GetValueOrDefault(accepted)?.AdmittedEventId ?? 0));
                tx.State.NoteRequestId(@event.WorkflowExecutionUpdateAcceptedEventAttributes.AcceptedRequest?.RequestId, @event);
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionUpdateCompletedEventAttributes:
                var completed = @event.WorkflowExecutionUpdateCompletedEventAttributes;
                var known = tx.State.Updates[completed.Meta.UpdateId];
                tx.Updates.Put(new UpdateState(known.UpdateId, known.AcceptedEventId, @event.EventId, known.AdmittedEventId));
                break;
            default:
                ReplayChild(@event);
                break;
        }
    }

    private void ReplayChild(HistoryEvent @event)
    {
        if (@event.StartChildWorkflowExecutionInitiatedEventAttributes is not null)
        {
            tx.Children.Add(ChildState.Of(@event));
        }
        else if (@event.ChildWorkflowExecutionStartedEventAttributes is { } started && tx.State.Children.TryGetValue(started.InitiatedEventId, out var child))
        {
            child.RunId = started.WorkflowExecution.RunId;
            child.StartedEventId = @event.EventId;
        }
        else if (ChildNews.EndOf(@event) is { } ended)
        {
            tx.Children.Remove(ended);
        }
    }
}
