using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Common.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.External;

/// <summary>Signals and requests to cancel that come from other workflows. The caller is told how each ended.</summary>
internal sealed class TargetMail(SignalRecorder signals, CancelRecorder cancels, WorkflowTaskMachine workflowTasks)
{
    public IEnumerable<MailRow> Rows =>
    [
        new(StoredMessage.BodyOneofCase.Signal, Signal),
        new(StoredMessage.BodyOneofCase.Cancel, Cancel),
    ];

    private void Signal(MailRound round, StoredMessage message)
    {
        var initiated = HistoryEvent.Parser.ParseFrom(message.Signal.Initiated);
        var asked = initiated.SignalExternalWorkflowExecutionInitiatedEventAttributes;
        var outcome = Find(round, message.From, asked.WorkflowExecution.RunId) is { IsOpen: true } target
            && IsMeant(message.From, target, asked.ChildWorkflowOnly)
            ? Record(round.Change(target), asked, message)
            : CallOutcome.NotFound;
        Answer(round, message.From, initiated.EventId, outcome);
    }

    /// <summary>One that has ended, or was asked before, has nothing to do, and so succeeds.</summary>
    private void Cancel(MailRound round, StoredMessage message)
    {
        var initiated = HistoryEvent.Parser.ParseFrom(message.Cancel.Initiated);
        var asked = initiated.RequestCancelExternalWorkflowExecutionInitiatedEventAttributes;
        var target = Find(round, message.From, asked.WorkflowExecution.RunId);
        if (target is { IsOpen: true } && !IsMeant(message.From, target, asked.ChildWorkflowOnly))
        {
            target = null;
        }

        if (target is { IsOpen: true })
        {
            cancels.Record(round.Change(target), new CancelRequest(
                asked.Reason, WorkflowTaskMachine.ServerIdentity, [], ExecutionOf(message.From), initiated.EventId));
        }

        Answer(round, message.From, initiated.EventId, target is null ? CallOutcome.NotFound : CallOutcome.Done);
    }

    private CallOutcome Record(ExecutionTransaction tx, SignalExternalWorkflowExecutionInitiatedEventAttributes asked, StoredMessage message)
    {
        var signal = new Signal(
            asked.SignalName, asked.Input, asked.Header, WorkflowTaskMachine.ServerIdentity, message.Signal.RequestId, [], ExecutionOf(message.From));
        try
        {
            if (signals.Record(tx, signal))
            {
                workflowTasks.ScheduleWorkflowTask(tx);
            }

            return CallOutcome.Done;
        }
        catch (RefusalException refused) when (refused.Kind == RefusalKind.InvalidArgument)
        {
            return CallOutcome.TooManySignals;
        }
    }

    /// <summary>A workflow can't reach itself, nor a run that it was before.</summary>
    private static ExecutionState? Find(MailRound round, StoredSender from, string runId) =>
        from.Key() == round.Key ? null : runId.Length > 0 ? round.Find(runId) : round.Current;

    /// <summary>Of runs that are open, a parent may mean its own children only.</summary>
    private static bool IsMeant(StoredSender from, ExecutionState target, bool childOnly) => !childOnly || from.IsParentOf(target);

    private static WorkflowExecution ExecutionOf(StoredSender sender) => new() { WorkflowId = sender.WorkflowId, RunId = sender.RunId };

    private static void Answer(MailRound round, StoredSender to, long initiatedEventId, CallOutcome outcome) => round.Answer(to, new StoredMessage
    {
        CallAnswered = new CallAnswered { RunId = to.RunId, InitiatedEventId = initiatedEventId, Outcome = outcome },
    });
}
