using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.Schedules;

/// <summary>How the workflow of an action has ended.</summary>
/// <param name="Result">Of one that completed, null also when it said nothing.</param>
/// <param name="Failure">Of one that failed.</param>
internal sealed record ActionEnd(WorkflowExecutionStatus Status, Payloads? Result, Failure? Failure)
{
    /// <summary>Whether it counts as a failure: one that was canceled or terminated doesn't.</summary>
    public bool IsFailure => Status is WorkflowExecutionStatus.Failed or WorkflowExecutionStatus.TimedOut;

    /// <summary>What the notes of a schedule say that is paused because of it.</summary>
    public string NoteOf(string workflowId) => Status == WorkflowExecutionStatus.TimedOut
        ? $"paused due to workflow timeout: {workflowId}"
        : $"paused due to workflow failure: {workflowId}: {Failure?.Message}";

    public static ActionEnd Of(HistoryEvent closing) => closing.AttributesCase switch
    {
        HistoryEvent.AttributesOneofCase.WorkflowExecutionCompletedEventAttributes =>
            new(WorkflowExecutionStatus.Completed, closing.WorkflowExecutionCompletedEventAttributes.Result, null),
        HistoryEvent.AttributesOneofCase.WorkflowExecutionFailedEventAttributes =>
            new(WorkflowExecutionStatus.Failed, null, closing.WorkflowExecutionFailedEventAttributes.Failure),
        HistoryEvent.AttributesOneofCase.WorkflowExecutionCanceledEventAttributes => new(WorkflowExecutionStatus.Canceled, null, null),
        HistoryEvent.AttributesOneofCase.WorkflowExecutionTimedOutEventAttributes => new(WorkflowExecutionStatus.TimedOut, null, null),
        _ => new(WorkflowExecutionStatus.Terminated, null, null),
    };
}
