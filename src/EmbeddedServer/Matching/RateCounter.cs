namespace Onramp.EmbeddedServer.Matching;

/// <summary>Events a second over the last half minute. Not thread safe: its queue's lock guards it.</summary>
internal sealed class RateCounter
{
    private const int Slots = 10;
    private const long SlotTicks = 3 * TimeSpan.TicksPerSecond;

    private readonly int[] counts = new int[Slots];
    private long currentSlot;

    public void Add(DateTimeOffset now)
    {
        Advance(now);
        counts[currentSlot % Slots]++;
    }

    public float PerSecond(DateTimeOffset now)
    {
        Advance(now);
        return counts.Sum() / (float)(Slots * SlotTicks / TimeSpan.TicksPerSecond);
    }

    private void Advance(DateTimeOffset now)
    {
        var slot = now.UtcTicks / SlotTicks;
        if (Math.Abs(slot - currentSlot) >= Slots)
        {
            Array.Clear(counts);
            currentSlot = slot;
        }

        while (currentSlot < slot)
        {
            currentSlot++;
            counts[currentSlot % Slots] = 0;
        }
    }
}
