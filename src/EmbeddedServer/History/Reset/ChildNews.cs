using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Reset;

/// <summary>Events by which a parent learned of its children.</summary>
internal static class ChildNews
{
    /// <summary>The event that asked for the child, when this one tells that it has ended or never began; else null.</summary>
    public static long? EndOf(HistoryEvent @event) => @event.AttributesCase switch
    {
        HistoryEvent.AttributesOneofCase.StartChildWorkflowExecutionFailedEventAttributes =>
            @event.StartChildWorkflowExecutionFailedEventAttributes.InitiatedEventId,
        HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionCompletedEventAttributes =>
            @event.ChildWorkflowExecutionCompletedEventAttributes.InitiatedEventId,
        HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionFailedEventAttributes =>
            @event.ChildWorkflowExecutionFailedEventAttributes.InitiatedEventId,
        HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionCanceledEventAttributes =>
            @event.ChildWorkflowExecutionCanceledEventAttributes.InitiatedEventId,
        HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionTimedOutEventAttributes =>
            @event.ChildWorkflowExecutionTimedOutEventAttributes.InitiatedEventId,
        HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionTerminatedEventAttributes =>
            @event.ChildWorkflowExecutionTerminatedEventAttributes.InitiatedEventId,
        _ => null,
    };
}
