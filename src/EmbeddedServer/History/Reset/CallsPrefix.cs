using Onramp.EmbeddedServer.History.State;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Reset;

#pragma warning disable CS0612 // Events still have the control field.

/// <summary>The part of <see cref="HistoryPrefix"/> that concerns other workflows, and updates.</summary>
internal sealed class CallsPrefix(ExecutionTransaction tx)
{
    public void Replay(HistoryEvent @event)
    {
        switch (@event.AttributesCase)
        {
            case HistoryEvent.AttributesOneofCase.SignalExternalWorkflowExecutionInitiatedEventAttributes:
                var signal = @event.SignalExternalWorkflowExecutionInitiatedEventAttributes;
                Call(@event, true, signal.NamespaceId, signal.Namespace, signal.WorkflowExecution.WorkflowId, signal.WorkflowExecution.RunId, signal.Control);
                break;
            case HistoryEvent.AttributesOneofCase.RequestCancelExternalWorkflowExecutionInitiatedEventAttributes:
                var cancel = @event.RequestCancelExternalWorkflowExecutionInitiatedEventAttributes;
                Call(@event, false, cancel.NamespaceId, cancel.Namespace, cancel.WorkflowExecution.WorkflowId, cancel.WorkflowExecution.RunId, cancel.Control);
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
                tx.ChangeUpdate(new UpdateState(admitted, 0, admittedEventId: @event.EventId));
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionUpdateAcceptedEventAttributes:
                var accepted = @event.WorkflowExecutionUpdateAcceptedEventAttributes.ProtocolInstanceId;
                tx.ChangeUpdate(new UpdateState(
                    accepted, @event.EventId, admittedEventId: tx.State.Updates.GetValueOrDefault(accepted)?.AdmittedEventId ?? 0));
                break;
            case HistoryEvent.AttributesOneofCase.WorkflowExecutionUpdateCompletedEventAttributes:
                var completed = @event.WorkflowExecutionUpdateCompletedEventAttributes;
                var known = tx.State.Updates[completed.Meta.UpdateId];
                tx.ChangeUpdate(new UpdateState(known.UpdateId, known.AcceptedEventId, @event.EventId, known.AdmittedEventId));
                break;
            default:
                ReplayChild(@event);
                break;
        }
    }

    private void ReplayChild(HistoryEvent @event)
    {
        if (@event.StartChildWorkflowExecutionInitiatedEventAttributes is { } initiated)
        {
            tx.Children.Add(@event.EventId, new ChildState
            {
                InitiatedEventId = @event.EventId,
                NamespaceId = initiated.NamespaceId,
                NamespaceName = initiated.Namespace,
                WorkflowId = initiated.WorkflowId,
                Type = initiated.WorkflowType.Name,
                ParentClosePolicy = initiated.ParentClosePolicy,
            });
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

    private void Call(HistoryEvent @event, bool isSignal, string namespaceId, string namespaceName, string workflowId, string runId, string control) =>
        tx.ExternalCalls.Add(@event.EventId, new ExternalCallState
        {
            InitiatedEventId = @event.EventId,
            IsSignal = isSignal,
            NamespaceId = namespaceId,
            NamespaceName = namespaceName,
            WorkflowId = workflowId,
            RunId = runId,
            Control = control,
        });
}
