using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History;

/// <summary>What holds for every decision, whatever it was about: bounds on held events and on history.</summary>
internal sealed class TransactionRules(HistoryEngineOptions options, WorkflowTaskMachine workflowTasks, ExecutionCloser closer)
{
    public void Enforce(ExecutionTransaction tx)
    {
        if (!tx.State.IsOpen)
        {
            return;
        }

        if (tx.State.Task.IsStarted && BuffersTooMuch(tx))
        {
            WorkflowTaskMachine.Fail(tx, WorkflowTaskFailedCause.ForceCloseCommand, null, WorkflowTaskMachine.ServerIdentity);
            workflowTasks.ScheduleWorkflowTask(tx);
        }

        WorkflowTaskMachine.SettleSpeculative(tx);
        if (tx.State.LastEventId >= options.MaximumHistoryEvents)
        {
            closer.Terminate(tx, "Workflow history count exceeds limit.", null, WorkflowTaskMachine.ServerIdentity, []);
        }
        else if (tx.State.HistorySizeBytes >= options.MaximumHistoryBytes)
        {
            closer.Terminate(tx, "Workflow history size exceeds limit.", null, WorkflowTaskMachine.ServerIdentity, []);
        }
    }

    private bool BuffersTooMuch(ExecutionTransaction tx)
    {
        var count = 0;
        long bytes = 0;
        foreach (var @event in tx.BufferedEvents)
        {
            count++;
            bytes += @event.CalculateSize();
        }

        return count > options.MaximumBufferedEvents || bytes > options.MaximumBufferedBytes;
    }
}
