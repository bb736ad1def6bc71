using Onramp.EmbeddedServer.History.Children;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using static Temporalio.Api.Enums.V1.EventType;

namespace Onramp.EmbeddedServer.History.Transitions;

internal enum ExecutionTrigger
{
    Complete,
    Fail,
    Cancel,
    ContinueAsNew,
    TimeOut,
    Terminate,
}

/// <summary>The end of a run.</summary>
/// <param name="Event">Its last event.</param>
/// <param name="TellsOthers">Whether parent, children and the schedule that began it hear of it; not when it goes on as another run from an earlier point.</param>
internal sealed record ExecutionStep(ExecutionTransaction Tx, HistoryEvent Event, bool TellsOthers = true);

/// <summary>A run is open until exactly one of these closes it; a closed run writes nothing more.</summary>
internal static class ExecutionTransitions
{
    public static readonly TransitionTable<WorkflowExecutionStatus, ExecutionTrigger, ExecutionStep> Table = new(
        "workflow execution", enter: static (step, status) => step.Tx.State.Status = status,
        new([WorkflowExecutionStatus.Running], ExecutionTrigger.Complete, WorkflowExecutionStatus.Completed, Close, WorkflowExecutionCompleted),
        new([WorkflowExecutionStatus.Running], ExecutionTrigger.Fail, WorkflowExecutionStatus.Failed, Close, WorkflowExecutionFailed),
        new([WorkflowExecutionStatus.Running], ExecutionTrigger.Cancel, WorkflowExecutionStatus.Canceled, Close, WorkflowExecutionCanceled),
        new([WorkflowExecutionStatus.Running], ExecutionTrigger.ContinueAsNew, WorkflowExecutionStatus.ContinuedAsNew, Close, WorkflowExecutionContinuedAsNew),
        new([WorkflowExecutionStatus.Running], ExecutionTrigger.TimeOut, WorkflowExecutionStatus.TimedOut, Close, WorkflowExecutionTimedOut),
        new([WorkflowExecutionStatus.Running], ExecutionTrigger.Terminate, WorkflowExecutionStatus.Terminated, Close, WorkflowExecutionTerminated));

    private static void Close(ExecutionStep step)
    {
        var tx = step.Tx;
        tx.Append(step.Event);
        tx.State.CloseTime = tx.Now;
        tx.DispatchesWorkflowTask = false;
        tx.ChangeVisibility();
        if (step.TellsOthers)
        {
            CloseNotices.Send(tx, step.Event);
        }
    }
}
