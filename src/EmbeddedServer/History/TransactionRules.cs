using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History;

/// <summary>What holds for every decision, whatever it was about: bounds on held events, on history and on what else is kept of a run.</summary>
internal sealed class TransactionRules(HistoryEngineOptions options, WorkflowTaskMachine workflowTasks, ExecutionCloser closer)
{
    /// <summary>What a run that stays open would have too much of by a decision; null when there is nothing.</summary>
    public string? FindExcess(ExecutionTransaction tx)
    {
        var state = tx.State;
        return !state.IsOpen ? null
            : state.HistorySizeBytes > options.MaximumHistoryBytes ? "Workflow history size exceeds limit."
            : state.LastEventId > options.MaximumHistoryEvents ? "Workflow history count exceeds limit."
            : state.MayTake(options.MaximumStateBytes) && state.CountBytes() > options.MaximumStateBytes ? "Workflow mutable state size exceeds limit."
            : null;
    }

    /// <summary>Ends a run that has too much of something.</summary>
    public void End(ExecutionTransaction tx, string excess) => closer.Terminate(tx, excess, null, WorkflowTaskMachine.ServerIdentity, []);

    public void Enforce(ExecutionTransaction tx)
    {
        if (!tx.State.IsOpen)
        {
            return;
        }

        var excess = FindExcess(tx);
        if (tx.State.Task.IsStarted && BuffersTooMuch(tx))
        {
            WorkflowTaskMachine.Fail(tx, WorkflowTaskFailedCause.ForceCloseCommand, null, WorkflowTaskMachine.ServerIdentity);

            // Written before the next task, so that this one counts as its second attempt.
            tx.FlushBufferedEvents();
            workflowTasks.ScheduleWorkflowTask(tx);
        }

        WorkflowTaskMachine.SettleSpeculative(tx);
        if (excess is not null)
        {
            End(tx, excess);
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
