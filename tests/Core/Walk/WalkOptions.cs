namespace Onramp.Core.Tests.Walk;

/// <summary>How far a walk goes. The same seed takes the same decisions; what they meet is the machine's.</summary>
internal sealed record WalkOptions
{
    public int Services { get; init; } = 20;

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(20);

    public int Seed { get; init; }

    /// <summary>Mean time between two faults.</summary>
    public TimeSpan FaultEvery { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Share of changes that are called off while they are under way.</summary>
    public double Cancels { get; init; } = 0.1;

    /// <summary>Share of changes whose workflow somebody terminates.</summary>
    public double Terminates { get; init; } = 0.02;

    /// <summary>Share of changes during which somebody terminates the service's workflow.</summary>
    public double Stops { get; init; } = 0.01;

    /// <summary>How long anything may take when nothing is out of order any more. A word that was lost is said again within seconds; the rest is for a busy machine.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>What a walk saw.</summary>
/// <param name="Changes">Ended changes of each outcome.</param>
/// <param name="Elapsed">How long changes were asked for.</param>
/// <param name="Answers">Milliseconds until each request was answered.</param>
/// <param name="Faults">Faults that were laid out.</param>
/// <param name="Wrong">What isn't as predicted; empty: all is well.</param>
internal sealed record WalkResult(
    IReadOnlyDictionary<string, int> Changes, TimeSpan Elapsed, IReadOnlyList<double> Answers, int Faults, IReadOnlyList<string> Wrong)
{
    public int Total => Changes.Values.Sum();

    public double EventsPerChange { get; init; }
    public double BytesPerChange { get; init; }

    /// <summary>Of the services' own histories.</summary>
    public double ServiceEventsPerChange { get; init; }

    public double ServiceBytesPerChange { get; init; }

    public override string ToString()
    {
        var sorted = Answers.Order().ToList();
        double At(double fraction) => sorted.Count == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(fraction * sorted.Count) - 1, 0, sorted.Count - 1)];
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{Total} changes in {Elapsed.TotalSeconds:0} s, {Total / Elapsed.TotalSeconds:0.0} a second ({string.Join(", ", Changes.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Value} {c.Key}"))}), {Faults} faults\n"
            + $"a change: {EventsPerChange:0} events, {BytesPerChange / 1024:0.0} KiB; in its service's history {ServiceEventsPerChange:0} events, {ServiceBytesPerChange / 1024:0.0} KiB\n"
            + $"a request's answer: p50 {At(0.5):0} ms, p95 {At(0.95):0} ms, p99 {At(0.99):0} ms");
    }
}
