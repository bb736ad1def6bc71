using Google.Protobuf;
using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.Children;

/// <summary>What a parent hears of its children. One that has closed, or was deleted, hears nothing more.</summary>
internal sealed class ParentMail(WorkflowTaskMachine workflowTasks)
{
    public void Started(MailRound round, StoredMessage message)
    {
        var news = message.ChildStarted;
        if (Find(round, news.RunId, news.InitiatedEventId) is var (tx, child))
        {
            ChildTransitions.Table.Take(child.Status, ChildTrigger.Start);
            child.RunId = news.ChildRunId;
            tx.Children.Change(child.InitiatedEventId, child);
            Record(tx, ChildEvents.Started(tx, child, news.Header.IsEmpty ? null : Header.Parser.ParseFrom(news.Header)));
        }

        // Also when nobody is left to record it, so that an abandoned child does not wait for ever.
        round.Answer(message.From, new StoredMessage { ScheduleFirstTask = new ScheduleFirstTask { RunId = news.ChildRunId } });
    }

    public void NotStarted(MailRound round, StoredMessage message)
    {
        var news = message.ChildNotStarted;
        if (Find(round, news.RunId, news.InitiatedEventId) is var (tx, child))
        {
            ChildTransitions.Table.Take(child.Status, ChildTrigger.FailToStart);
            tx.Children.Remove(child.InitiatedEventId);
            Record(tx, ChildEvents.NotStarted(tx, child, (StartChildWorkflowExecutionFailedCause)news.Cause));
        }
    }

    public void Closed(MailRound round, StoredMessage message)
    {
        var news = message.ChildClosed;
        if (Find(round, news.RunId, news.InitiatedEventId) is var (tx, child))
        {
            var closing = HistoryEvent.Parser.ParseFrom(news.Closing);
            ChildTransitions.Table.Take(child.Status, ChildEvents.TriggerOf(closing));
            tx.Children.Remove(child.InitiatedEventId);
            Record(tx, ChildEvents.Closed(tx, child, message.From.RunId, closing));
        }
    }

    private static (ExecutionTransaction Tx, ChildState Child)? Find(MailRound round, string runId, long initiatedEventId) =>
        round.Find(runId) is { IsOpen: true } state && state.Children.TryGetValue(initiatedEventId, out var child)
            ? (round.Change(state), child)
            : null;

    private void Record(ExecutionTransaction tx, HistoryEvent news)
    {
        tx.Hold(news);
        workflowTasks.Wake(tx);
    }
}
