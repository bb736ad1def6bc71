using Google.Protobuf;
using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Children;

/// <summary>
/// What the end of a run means for others: its parent hears of it, its children meet their parent close policy, and what it asked of others
/// with its last word is lost, even children that were to outlive it. The schedule that started its chain hears of the chain's end. Children belong to a run, so all of it holds for a run that continues as
/// new too, except that its parent waits for the last one of the chain.
/// </summary>
internal static class CloseNotices
{
    public static void Send(ExecutionTransaction tx, HistoryEvent closing)
    {
        var neverStarted = DropLastWords(tx);
        foreach (var child in tx.State.Children.Values.OrderBy(child => child.InitiatedEventId))
        {
            if (child.ParentClosePolicy != ParentClosePolicy.Abandon && !neverStarted.Contains(child.InitiatedEventId))
            {
                TellChild(tx, child);
            }
        }

        if (!IsEndOfChain(closing))
        {
            return;
        }

        if (tx.State.Info.Parent is not null)
        {
            TellParent(tx, closing);
        }

        if (tx.State.Info.ScheduledBy is { } schedule)
        {
            TellSchedule(tx, schedule, closing);
        }
    }

    /// <returns>The children that will never be started.</returns>
    private static HashSet<long> DropLastWords(ExecutionTransaction tx)
    {
        var dropped = tx.Unsend(message => message.Message.BodyCase
            is StoredMessage.BodyOneofCase.Signal or StoredMessage.BodyOneofCase.Cancel or StoredMessage.BodyOneofCase.StartChild);
        return [.. dropped.Where(message => message.Message.StartChild is not null).Select(message => message.Message.StartChild.InitiatedEventId)];
    }

    private static void TellChild(ExecutionTransaction tx, ChildState child) => tx.Send(OutgoingMessage.From(
        tx.State, new WorkflowKey(child.NamespaceId, child.WorkflowId), new StoredMessage
        {
            ParentClosed = new ParentClosed { InitiatedEventId = child.InitiatedEventId, Policy = (int)child.ParentClosePolicy },
        }));

    private static void TellParent(ExecutionTransaction tx, HistoryEvent closing)
    {
        var info = tx.State.Info;
        tx.Send(OutgoingMessage.From(tx.State, new WorkflowKey(info.ParentNamespaceId!, info.Parent!.WorkflowId), new StoredMessage
        {
            ChildClosed = new ChildClosed
            {
                RunId = info.Parent.RunId,
                InitiatedEventId = info.ParentInitiatedEventId,
                Closing = closing.ToByteString(),
            },
        }));
    }

    private static void TellSchedule(ExecutionTransaction tx, WorkflowExecution schedule, HistoryEvent closing) => tx.Send(OutgoingMessage.From(
        tx.State, new WorkflowKey(tx.State.Key.NamespaceId, schedule.WorkflowId), new StoredMessage
        {
            ScheduledClosed = new ScheduledClosed
            {
                ScheduleRunId = schedule.RunId,
                FirstRunId = tx.State.Info.FirstExecutionRunId,
                Closing = closing.ToByteString(),
            },
        }));

    private static bool IsEndOfChain(HistoryEvent closing) => closing.AttributesCase switch
    {
        HistoryEvent.AttributesOneofCase.WorkflowExecutionContinuedAsNewEventAttributes => false,
        HistoryEvent.AttributesOneofCase.WorkflowExecutionCompletedEventAttributes =>
            closing.WorkflowExecutionCompletedEventAttributes.NewExecutionRunId.Length == 0,
        HistoryEvent.AttributesOneofCase.WorkflowExecutionFailedEventAttributes =>
            closing.WorkflowExecutionFailedEventAttributes.NewExecutionRunId.Length == 0,
        HistoryEvent.AttributesOneofCase.WorkflowExecutionTimedOutEventAttributes =>
            closing.WorkflowExecutionTimedOutEventAttributes.NewExecutionRunId.Length == 0,
        _ => true,
    };
}
