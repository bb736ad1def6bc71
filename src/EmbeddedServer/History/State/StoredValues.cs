using Google.Protobuf;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>
/// How values of the engine stand in stored messages (see <c>stored_state.proto</c>). State classes keep the message that is stored and
/// read and write its fields, so that fields which only a later version knows go through unharmed.
/// </summary>
internal static class StoredValues
{
    public static long ToTicks(this DateTimeOffset instant) => instant.UtcTicks;

    public static long ToTicks(this DateTimeOffset? instant) => instant?.UtcTicks ?? 0;

    public static DateTimeOffset ToInstant(this long ticks) => new(ticks, TimeSpan.Zero);

    public static DateTimeOffset? ToOptionalInstant(this long ticks) => ticks == 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero);

    /// <summary>A message of Temporal's as it is stored. It must not be changed in place afterwards.</summary>
    public static ByteString? ToStored(this IMessage? message) => message?.ToByteString();

    public static T? Read<T>(this MessageParser<T> parser, ByteString? stored)
        where T : class, IMessage<T> => stored is null ? null : parser.ParseFrom(stored);
}
