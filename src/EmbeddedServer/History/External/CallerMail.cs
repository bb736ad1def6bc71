using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.External;

/// <summary>How a call to another workflow ended, in the history of its caller.</summary>
internal sealed class CallerMail(WorkflowTaskMachine workflowTasks)
{
    public IEnumerable<MailRow> Rows => [new(StoredMessage.BodyOneofCase.CallAnswered, Answered)];

    private void Answered(MailRound round, StoredMessage message)
    {
        var news = message.CallAnswered;
        if (round.Find(news.RunId) is not { IsOpen: true } state || !state.ExternalCalls.TryGetValue(news.InitiatedEventId, out var call))
        {
            return;
        }

        var tx = round.Change(state);
        var trigger = news.Outcome == CallOutcome.Done ? ExternalCallTrigger.Succeed : ExternalCallTrigger.Fail;
        var answered = call.IsSignal ? SignalEvent(tx, call, news.Outcome) : CancelEvent(tx, call, news.Outcome);
        tx.Fire(ExternalCallTransitions.Table, ExternalCallStatus.Pending, trigger, new ExternalCallStep(tx, answered) { Call = call });
        workflowTasks.ScheduleWorkflowTask(tx);
    }

#pragma warning disable CS0612 // What was sent as control is sent back.
    private static HistoryEvent SignalEvent(ExecutionTransaction tx, ExternalCallState call, CallOutcome outcome)
    {
        if (outcome == CallOutcome.Done)
        {
            var signaled = tx.NewEvent(EventType.ExternalWorkflowExecutionSignaled);
            signaled.ExternalWorkflowExecutionSignaledEventAttributes = new ExternalWorkflowExecutionSignaledEventAttributes
            {
                InitiatedEventId = call.InitiatedEventId,
                Namespace = call.NamespaceName,
                NamespaceId = call.NamespaceId,
                WorkflowExecution = call.Execution,
                Control = call.Control,
            };
            return signaled;
        }

        var failed = tx.NewEvent(EventType.SignalExternalWorkflowExecutionFailed);
        failed.SignalExternalWorkflowExecutionFailedEventAttributes = new SignalExternalWorkflowExecutionFailedEventAttributes
        {
            Cause = outcome == CallOutcome.TooManySignals
                ? SignalExternalWorkflowExecutionFailedCause.SignalCountLimitExceeded
                : SignalExternalWorkflowExecutionFailedCause.ExternalWorkflowExecutionNotFound,
            Namespace = call.NamespaceName,
            NamespaceId = call.NamespaceId,
            WorkflowExecution = call.Execution,
            InitiatedEventId = call.InitiatedEventId,
            Control = call.Control,
        };
        return failed;
    }

    private static HistoryEvent CancelEvent(ExecutionTransaction tx, ExternalCallState call, CallOutcome outcome)
    {
        if (outcome == CallOutcome.Done)
        {
            var requested = tx.NewEvent(EventType.ExternalWorkflowExecutionCancelRequested);
            requested.ExternalWorkflowExecutionCancelRequestedEventAttributes = new ExternalWorkflowExecutionCancelRequestedEventAttributes
            {
                InitiatedEventId = call.InitiatedEventId,
                Namespace = call.NamespaceName,
                NamespaceId = call.NamespaceId,
                WorkflowExecution = call.Execution,
            };
            return requested;
        }

        var failed = tx.NewEvent(EventType.RequestCancelExternalWorkflowExecutionFailed);
        failed.RequestCancelExternalWorkflowExecutionFailedEventAttributes = new RequestCancelExternalWorkflowExecutionFailedEventAttributes
        {
            Cause = CancelExternalWorkflowExecutionFailedCause.ExternalWorkflowExecutionNotFound,
            Namespace = call.NamespaceName,
            NamespaceId = call.NamespaceId,
            WorkflowExecution = call.Execution,
            InitiatedEventId = call.InitiatedEventId,
            Control = call.Control,
        };
        return failed;
    }
#pragma warning restore CS0612
}
