using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History.Inbox;

/// <summary>What was decided about a schedule, which has an inbox as workflows do: stored in one commit with the messages that it was decided by.</summary>
internal interface IScheduleDecision
{
    ScheduleKey Key { get; }

    /// <summary>What it asks of workflows, in order.</summary>
    IReadOnlyList<OutgoingMessage> Sent { get; }

    /// <summary>When it is next to be woken; known once <see cref="Finish"/> was called.</summary>
    DateTimeOffset? WakeUpAt { get; }

    /// <summary>Ends the decision: what is to be stored.</summary>
    ScheduleWrite Finish();
}
