using Google.Protobuf;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>A user timer that runs.</summary>
internal sealed class TimerState
{
    private readonly StoredTimer stored;

    public TimerState(string timerId, long startedEventId, DateTimeOffset fireAt)
        : this(new StoredTimer { TimerId = timerId, StartedEventId = startedEventId, FireAt = fireAt.ToTicks() })
    {
    }

    private TimerState(StoredTimer stored) => this.stored = stored;

    public string TimerId => stored.TimerId;

    public long StartedEventId => stored.StartedEventId;

    public DateTimeOffset FireAt => stored.FireAt.ToInstant();

    public int StoredBytes => stored.CalculateSize();

    public byte[] ToBytes() => stored.ToByteArray();

    public static TimerState FromBytes(byte[] bytes) => new(StoredTimer.Parser.ParseFrom(bytes));
}
