using System.Diagnostics.Metrics;

namespace Onramp.Worker.Metrics;

/// <summary>How durations are counted.</summary>
internal static class Durations
{
    /// <summary>Seconds, in bounds that fit from a call to an approval.</summary>
    public static readonly InstrumentAdvice<double> Buckets = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 86_400],
    };
}
