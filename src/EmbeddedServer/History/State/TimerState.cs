namespace Onramp.EmbeddedServer.History.State;

/// <summary>A user timer that runs.</summary>
internal sealed record TimerState(string TimerId, long StartedEventId, DateTimeOffset FireAt)
{
    public byte[] ToBlob()
    {
        var to = new BlobWriter();
        to.Text(TimerId);
        to.Long(StartedEventId);
        to.Time(FireAt);
        return to.ToArray();
    }

    public static TimerState FromBlob(byte[] blob)
    {
        var from = new BlobReader(blob);
        return new TimerState(from.Text(), from.Long(), from.Time());
    }
}
