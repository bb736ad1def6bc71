using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>
/// Closes runs. A closing that no command asked for first ends the workflow task that is out, and records what was held; one by command has
/// nothing held, else it would not have been allowed.
/// </summary>
internal sealed class ExecutionCloser
{
    private const string ResetIdentity = "history-resetter";

    public void Terminate(ExecutionTransaction tx, string reason, Payloads? details, string identity, IEnumerable<Link> links)
    {
        Interrupt(tx);
        var terminated = tx.NewEvent(EventType.WorkflowExecutionTerminated);
        terminated.WorkflowExecutionTerminatedEventAttributes = new WorkflowExecutionTerminatedEventAttributes
        {
            Reason = reason,
            Details = details,
            Identity = identity,
        };
        terminated.Links.Add(links);
        Close(tx, ExecutionTrigger.Terminate, terminated);
    }

    /// <summary>Ends a run that goes on as another one from an earlier point: neither parent nor children hear of it.</summary>
    public void TerminateForReset(ExecutionTransaction tx, string reason)
    {
        Interrupt(tx);
        var terminated = tx.NewEvent(EventType.WorkflowExecutionTerminated);
        terminated.WorkflowExecutionTerminatedEventAttributes = new WorkflowExecutionTerminatedEventAttributes { Reason = reason, Identity = ResetIdentity };
        Close(tx, ExecutionTrigger.Terminate, terminated, tellsOthers: false);
    }

    public void TimeOut(ExecutionTransaction tx, RetryState retryState, string newRunId)
    {
        Interrupt(tx);
        var timedOut = tx.NewEvent(EventType.WorkflowExecutionTimedOut);
        timedOut.WorkflowExecutionTimedOutEventAttributes = new WorkflowExecutionTimedOutEventAttributes
        {
            RetryState = retryState,
            NewExecutionRunId = newRunId,
        };
        Close(tx, ExecutionTrigger.TimeOut, timedOut);
    }

    /// <summary>Closes by a workflow's own command.</summary>
    public void CloseByCommand(ExecutionTransaction tx, ExecutionTrigger trigger, HistoryEvent closing)
    {
        tx.DropBuffered();
        Close(tx, trigger, closing);
    }

    private void Interrupt(ExecutionTransaction tx)
    {
        if (tx.State.Task.IsStarted)
        {
            WorkflowTaskMachine.Fail(tx, WorkflowTaskFailedCause.ForceCloseCommand, null, WorkflowTaskMachine.ServerIdentity);
        }

        tx.FlushBufferedEvents();
    }

    private static void Close(ExecutionTransaction tx, ExecutionTrigger trigger, HistoryEvent closing, bool tellsOthers = true) =>
        tx.Fire(ExecutionTransitions.Table, tx.State.Status, trigger, new ExecutionStep(tx, closing, tellsOthers));
}
