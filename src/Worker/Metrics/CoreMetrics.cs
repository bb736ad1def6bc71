using System.Diagnostics.Metrics;
using Temporalio.Runtime;

namespace Onramp.Worker.Metrics;

/// <summary>
/// What Temporal's core measures (requests, polls, latencies, slots), as .NET metrics. So one <c>/metrics</c> page, one token and one
/// OTLP exporter serve all; core's own exporters would want a second port, without a token, or a second connection to the collector.
/// </summary>
public sealed class CoreMetrics : ICustomMetricMeter
{
    public const string MeterName = "Temporalio.Core";

    /// <summary>Lives as long as the process's runtime, which never ends.</summary>
    private readonly Meter meter = new(MeterName);

    public ICustomMetricCounter<T> CreateCounter<T>(string name, string? unit, string? description)
        where T : struct => new Counting<T>(meter.CreateCounter<T>(name, unit, Described(name, description)));

    public ICustomMetricGauge<T> CreateGauge<T>(string name, string? unit, string? description)
        where T : struct
        => new Gauging<T>(meter.CreateGauge<T>(name, unit, Described(name, description)));

    /// <remarks>Durations come as seconds, told by their unit.</remarks>
    public ICustomMetricHistogram<T> CreateHistogram<T>(string name, string? unit, string? description)
        where T : struct
    {
        var advice = unit == "s" && typeof(T) == typeof(double) ? (InstrumentAdvice<T>)(object)Durations.Buckets : null;
        return new Recording<T>(meter.CreateHistogram(name, unit, Described(name, description), tags: null, advice));
    }

    public object CreateTags(object? appendFrom, IReadOnlyCollection<KeyValuePair<string, object>> tags)
    {
        // Later ones win, and a name is there once.
        var all = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in (KeyValuePair<string, object?>[]?)appendFrom ?? [])
            all[name] = value;
        foreach (var (name, value) in tags)
            all[name] = value;
        return all.ToArray();
    }

    /// <summary>Core describes most of its metrics; the rest get their name in words.</summary>
    private static string Described(string name, string? description) =>
        string.IsNullOrEmpty(description) ? $"Temporal core: {name.Replace("temporal_", "", StringComparison.Ordinal).Replace('_', ' ')}" : description;

    private static ReadOnlySpan<KeyValuePair<string, object?>> Tags(object tags) => (KeyValuePair<string, object?>[])tags;

    private sealed class Counting<T>(Counter<T> counter) : ICustomMetricCounter<T>
        where T : struct
    {
        public void Add(T value, object tags) => counter.Add(value, Tags(tags));
    }

    private sealed class Gauging<T>(Gauge<T> gauge) : ICustomMetricGauge<T>
        where T : struct
    {
        public void Set(T value, object tags) => gauge.Record(value, Tags(tags));
    }

    private sealed class Recording<T>(Histogram<T> histogram) : ICustomMetricHistogram<T>
        where T : struct
    {
        public void Record(T value, object tags) => histogram.Record(value, Tags(tags));
    }
}
