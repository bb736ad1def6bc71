using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History.Children;

/// <summary>What a child hears of its parent: that it may begin, and that the parent has ended.</summary>
internal sealed class ChildMail(WorkflowTaskMachine workflowTasks, ExecutionCloser closer, CancelRecorder cancels)
{
    private const string TerminationReason = "by parent close policy";

    public IEnumerable<MailRow> Rows =>
    [
        new(StoredMessage.BodyOneofCase.ScheduleFirstTask, ScheduleFirstTask),
        new(StoredMessage.BodyOneofCase.ParentClosed, ParentClosed),
    ];

    private void ScheduleFirstTask(MailRound round, StoredMessage message)
    {
        if (round.Find(message.ScheduleFirstTask.RunId) is not { IsOpen: true, AwaitsParent: true } state)
        {
            return;
        }

        var tx = round.Change(state);
        state.AwaitsParent = false;
        tx.Touch();
        workflowTasks.ScheduleWorkflowTask(tx, endBackoff: state.CancelRequested);
    }

    private void ParentClosed(MailRound round, StoredMessage message)
    {
        if (round.Current is not { IsOpen: true } state || !message.From.IsParentOf(state)
            || state.Info.ParentInitiatedEventId != message.ParentClosed.InitiatedEventId)
        {
            return;
        }

        var tx = round.Change(state);
        if ((ParentClosePolicy)message.ParentClosed.Policy == ParentClosePolicy.RequestCancel)
        {
            var parent = new WorkflowExecution { WorkflowId = message.From.WorkflowId, RunId = message.From.RunId };
            cancels.Record(tx, new CancelRequest("", WorkflowTaskMachine.ServerIdentity, [], parent));
        }
        else
        {
            closer.Terminate(tx, TerminationReason, null, WorkflowTaskMachine.ServerIdentity, []);
        }
    }
}
