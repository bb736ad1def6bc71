using System.Globalization;

namespace Onramp.Bench;

/// <summary>How much was put to the test: a storm that never lost an answer would show nothing.</summary>
internal sealed class StormTally
{
    private long _ended;
    private long _acknowledged;
    private long _lost;
    private long _kept;

    public long Ended => Interlocked.Read(ref _ended);

    public void Add(StormDriver driver, IReadOnlyList<string> seen)
    {
        Interlocked.Increment(ref _ended);
        Interlocked.Add(ref _acknowledged, driver.Acknowledged.Count);
        Interlocked.Add(ref _lost, driver.Unanswered.Count);
        Interlocked.Add(ref _kept, driver.Unanswered.Count(seen.Contains));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{_acknowledged} acknowledged, each there once; {_lost} never answered, of which {_kept} are there once and the others not at all");
}
