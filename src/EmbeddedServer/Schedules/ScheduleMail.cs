using Google.Protobuf;
using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.Schedules;

/// <summary>What a schedule hears of the workflows of its actions. One that was deleted hears nothing, nor does a later one of the same id.</summary>
internal sealed class ScheduleMail(IStore store)
{
    public IEnumerable<MailRow> Rows =>
    [
        new(StoredMessage.BodyOneofCase.ScheduledStarted, Started),
        new(StoredMessage.BodyOneofCase.ScheduledNotStarted, NotStarted),
        new(StoredMessage.BodyOneofCase.ScheduledClosed, Closed),
    ];

    private void Started(MailRound round, StoredMessage message) => Hear(round, message.ScheduledStarted.ScheduleRunId, tx =>
    {
        if (Take(tx, message.ScheduledStarted.RequestId) is { } action)
        {
            Record(tx, action, message.ScheduledStarted.RunId);
        }
    });

    /// <summary>The workflow id is taken: that action was taken before, or by somebody else.</summary>
    private void NotStarted(MailRound round, StoredMessage message) => Hear(
        round, message.ScheduledNotStarted.ScheduleRunId, tx => Take(tx, message.ScheduledNotStarted.RequestId));

    private void Closed(MailRound round, StoredMessage message) => Hear(round, message.ScheduledClosed.ScheduleRunId, tx =>
    {
        var firstRunId = message.ScheduledClosed.FirstRunId;
        if (tx.Progress.Running.FirstOrDefault(one => one.FirstRunId == firstRunId) is not { } running)
        {
            return;
        }

        tx.Progress.Running.Remove(running);
        var end = ActionEnd.Of(HistoryEvent.Parser.ParseFrom(message.ScheduledClosed.Closing));
        if (tx.Progress.Recent.FirstOrDefault(one => one.RunId == firstRunId) is { } recent)
        {
            recent.Status = (int)end.Status;
        }

        Keep(tx, end);
        if (end.IsFailure && tx.Schedule.Policies.PauseOnFailure && !tx.Schedule.State.Paused)
        {
            tx.Schedule.State.Paused = true;
            tx.Schedule.State.Notes = end.NoteOf(running.WorkflowId);
            tx.CountChange();
        }
    });

    private static void Record(ScheduleTransaction tx, StoredAction action, string runId)
    {
        var progress = tx.Progress;
        progress.ActionCount++;

        // Workflows that start side by side answer in any order.
        var place = progress.Recent.Count(one => one.Number < action.Number);
        progress.Recent.Insert(place, new StoredRecentAction
        {
            Number = action.Number,
            DueAt = action.DueAt,
            TakenAt = tx.Now.ToTicks(),
            WorkflowId = action.WorkflowId,
            RunId = runId,
            Status = (int)WorkflowExecutionStatus.Running,
        });
        if (progress.Recent.Count > ScheduleLimits.RecentActions)
        {
            progress.Recent.RemoveAt(0);
        }

        if (action.IsAwaited)
        {
            progress.Running.Add(new StoredRunningAction { WorkflowId = action.WorkflowId, FirstRunId = runId });
        }
    }

    /// <summary>What the next action is given of this one.</summary>
    private static void Keep(ScheduleTransaction tx, ActionEnd end)
    {
        if (end.Result is { } result)
        {
            tx.Definition.LastResult = result.ToByteString();
            tx.Definition.LastFailure = null;
        }
        else if (end.Failure is { } failure)
        {
            tx.Definition.LastFailure = failure.ToByteString();
        }
    }

    /// <summary>The action of this request, which is being started no longer.</summary>
    private static StoredAction? Take(ScheduleTransaction tx, string requestId)
    {
        var action = tx.Progress.Starting.FirstOrDefault(one => one.RequestId == requestId);
        if (action is not null)
        {
            tx.Progress.Starting.Remove(action);
        }

        return action;
    }

    private void Hear(MailRound round, string scheduleRunId, Action<ScheduleTransaction> change)
    {
        if (Find(round, scheduleRunId) is { } tx)
        {
            change(tx);
            ScheduleDecider.Decide(tx);
        }
    }

    /// <summary>The decision about the schedule; the same one for all messages of this round.</summary>
    private ScheduleTransaction? Find(MailRound round, string scheduleRunId)
    {
        var tx = round.Schedule as ScheduleTransaction;
        if (tx is null && store.FindSchedule(ScheduleNames.ScheduleOf(round.Key)) is { } row)
        {
            tx = ScheduleTransaction.Read(row, round.Now);
        }

        if (tx is null || tx.IsDeleted || tx.Definition.RunId != scheduleRunId)
        {
            return null;
        }

        round.Schedule = tx;
        return tx;
    }
}
