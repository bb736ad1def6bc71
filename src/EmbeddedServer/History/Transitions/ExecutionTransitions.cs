using Temporalio.Api.Enums.V1;
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

/// <summary>A run is open until exactly one of these closes it; a closed run writes nothing more.</summary>
internal static class ExecutionTransitions
{
    public static readonly TransitionTable<WorkflowExecutionStatus, ExecutionTrigger> Table = new(
        "workflow execution",
        new(WorkflowExecutionStatus.Running, ExecutionTrigger.Complete, WorkflowExecutionStatus.Completed, WorkflowExecutionCompleted),
        new(WorkflowExecutionStatus.Running, ExecutionTrigger.Fail, WorkflowExecutionStatus.Failed, WorkflowExecutionFailed),
        new(WorkflowExecutionStatus.Running, ExecutionTrigger.Cancel, WorkflowExecutionStatus.Canceled, WorkflowExecutionCanceled),
        new(WorkflowExecutionStatus.Running, ExecutionTrigger.ContinueAsNew, WorkflowExecutionStatus.ContinuedAsNew, WorkflowExecutionContinuedAsNew),
        new(WorkflowExecutionStatus.Running, ExecutionTrigger.TimeOut, WorkflowExecutionStatus.TimedOut, WorkflowExecutionTimedOut),
        new(WorkflowExecutionStatus.Running, ExecutionTrigger.Terminate, WorkflowExecutionStatus.Terminated, WorkflowExecutionTerminated));
}
