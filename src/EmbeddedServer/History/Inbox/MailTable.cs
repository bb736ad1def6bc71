using System.Collections.Frozen;
using Onramp.EmbeddedServer.History.Children;
using Onramp.EmbeddedServer.History.External;
using Onramp.EmbeddedServer.Schedules;

namespace Onramp.EmbeddedServer.History.Inbox;

/// <summary>One kind of message: what it does, and whether what comes after it must see it committed.</summary>
internal sealed record MailRow(StoredMessage.BodyOneofCase Kind, Action<MailRound, StoredMessage> Deal, bool Alone = false);

/// <summary>Every kind of message that runs send each other.</summary>
internal sealed class MailTable
{
    private readonly FrozenDictionary<StoredMessage.BodyOneofCase, MailRow> rows;

    public MailTable(ChildStarter starter, ChildMail child, ParentMail parent, TargetMail target, CallerMail caller, ActionMail action,
        ScheduleMail schedule)
    {
        MailRow[] all =
        [
            new(StoredMessage.BodyOneofCase.StartChild, starter.Start, Alone: true),
            new(StoredMessage.BodyOneofCase.ScheduleFirstTask, child.ScheduleFirstTask),
            new(StoredMessage.BodyOneofCase.ParentClosed, child.ParentClosed),
            new(StoredMessage.BodyOneofCase.Signal, target.Signal),
            new(StoredMessage.BodyOneofCase.Cancel, target.Cancel),
            new(StoredMessage.BodyOneofCase.ChildStarted, parent.Started),
            new(StoredMessage.BodyOneofCase.ChildNotStarted, parent.NotStarted),
            new(StoredMessage.BodyOneofCase.ChildClosed, parent.Closed),
            new(StoredMessage.BodyOneofCase.CallAnswered, caller.Answered),
            new(StoredMessage.BodyOneofCase.StartScheduled, action.Start, Alone: true),
            new(StoredMessage.BodyOneofCase.StopScheduled, action.Stop),
            new(StoredMessage.BodyOneofCase.ScheduledStarted, schedule.Started),
            new(StoredMessage.BodyOneofCase.ScheduledNotStarted, schedule.NotStarted),
            new(StoredMessage.BodyOneofCase.ScheduledClosed, schedule.Closed),
        ];
        rows = all.ToFrozenDictionary(row => row.Kind);
    }

    /// <exception cref="InvalidDataException">A later version of the server has sent it.</exception>
    public MailRow Find(StoredMessage message) =>
        rows.TryGetValue(message.BodyCase, out var row) ? row : throw new InvalidDataException("a message of a kind that this server does not know");
}
