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
    public IEnumerable<MailRow> Rows =>
    [
        new(StoredMessage.BodyOneofCase.ChildStarted, Started),
        new(StoredMessage.BodyOneofCase.ChildNotStarted, NotStarted),
        new(StoredMessage.BodyOneofCase.ChildClosed, Closed),
    ];

    private void Started(MailRound round, StoredMessage message)
    {
        var news = message.ChildStarted;
        if (FindAwaited(round, message.From, news.RunId, news.InitiatedEventId) is var (tx, child))
        {
            var header = news.Header.IsEmpty ? null : Header.Parser.ParseFrom(news.Header);
            Record(tx, child, ChildTrigger.Start, ChildEvents.Started(tx, child, news.ChildRunId, header));
        }

        // Also when nobody is left to record it, so that an abandoned child does not wait for ever.
        round.Answer(message.From, new StoredMessage { ScheduleFirstTask = new ScheduleFirstTask { RunId = news.ChildRunId } });
    }

    private void NotStarted(MailRound round, StoredMessage message)
    {
        var news = message.ChildNotStarted;
        if (FindAwaited(round, message.From, news.RunId, news.InitiatedEventId) is var (tx, child))
        {
            Record(tx, child, ChildTrigger.FailToStart, ChildEvents.NotStarted(tx, child, (StartChildWorkflowExecutionFailedCause)news.Cause));
        }
    }

    private void Closed(MailRound round, StoredMessage message)
    {
        var news = message.ChildClosed;
        if (Find(round, message.From, news.RunId, news.InitiatedEventId) is var (tx, child))
        {
            var closing = HistoryEvent.Parser.ParseFrom(news.Closing);
            Record(tx, child, ChildEvents.TriggerOf(closing), ChildEvents.Closed(tx, child, message.From.RunId, closing));
        }
    }

    /// <summary>The parent, or the run that goes on for it after a reset, if it still has that child.</summary>
    private static (ExecutionTransaction Tx, ChildState Child)? Find(MailRound round, StoredSender child, string runId, long initiatedEventId)
    {
        var state = round.Find(runId);
        while (state is { IsOpen: false, ResetRunId.Length: > 0 })
        {
            state = round.Find(state.ResetRunId);
        }

        if (state is { IsOpen: false })
        {
            round.Refuse(state);
        }

        return state is { IsOpen: true } && state.Children.TryGetValue(initiatedEventId, out var known) && known.WorkflowId == child.WorkflowId
            ? (round.Change(state), known)
            : null;
    }

    /// <summary>The same, if it waits for the start that this run asked for.</summary>
    private static (ExecutionTransaction Tx, ChildState Child)? FindAwaited(MailRound round, StoredSender child, string runId, long initiatedEventId) =>
        Find(round, child, runId, initiatedEventId) is var (tx, known) && known.AwaitsStartBy(runId, tx.State.Key) ? (tx, known) : null;

    private void Record(ExecutionTransaction tx, ChildState child, ChildTrigger trigger, HistoryEvent news)
    {
        tx.Fire(ChildTransitions.Table, child.Status, trigger, new ChildStep(tx, news) { Child = child });
        workflowTasks.ScheduleWorkflowTask(tx);
    }
}
