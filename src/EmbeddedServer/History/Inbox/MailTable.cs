using System.Collections.Frozen;

namespace Onramp.EmbeddedServer.History.Inbox;

/// <summary>One kind of message: what it does, and whether what comes after it must see it committed.</summary>
internal sealed record MailRow(StoredMessage.BodyOneofCase Kind, Action<MailRound, StoredMessage> Deal, bool Alone = false);

/// <summary>Every kind of message that runs and schedules send each other. Who receives one brings its row.</summary>
internal sealed class MailTable(params IEnumerable<MailRow>[] rows)
{
    private readonly FrozenDictionary<StoredMessage.BodyOneofCase, MailRow> byKind = rows.SelectMany(some => some).ToFrozenDictionary(row => row.Kind);

    /// <exception cref="InvalidDataException">A later version of the server has sent it.</exception>
    public MailRow Find(StoredMessage message) =>
        byKind.TryGetValue(message.BodyCase, out var row) ? row : throw new InvalidDataException("a message of a kind that this server does not know");
}
