using System.Diagnostics.Metrics;
using Temporalio.Common;

namespace Temporalio.Runtime;

/// <summary>Metrics as instruments of .NET's own <see cref="Meter"/>.</summary>
internal sealed class DiagnosticsMetricMeter : MetricMeter
{
    private static readonly Meter Meter = new("Temporalio");

    private readonly TagSet tags;

    public DiagnosticsMetricMeter(MetricsOptions? options)
        : this(TagSet.Empty.With((options?.GlobalTags ?? []).Select(t => KeyValuePair.Create(t.Key, (object)t.Value))))
    {
    }

    private DiagnosticsMetricMeter(TagSet tags) => this.tags = tags;

    public override MetricCounter<T> CreateCounter<T>(string name, string? unit = null, string? description = null) =>
        new CounterMetric<T>(Meter.CreateCounter<T>(name, unit, description), tags);

    public override MetricHistogram<T> CreateHistogram<T>(string name, string? unit = null, string? description = null) =>
        typeof(T) == typeof(TimeSpan)
            ? new HistogramMetric<T, double>(Meter.CreateHistogram<double>(name, unit ?? "s", description), tags, v => ((TimeSpan)(object)v).TotalSeconds)
            : new HistogramMetric<T, T>(Meter.CreateHistogram<T>(name, unit, description), tags, v => v);

    public override MetricGauge<T> CreateGauge<T>(string name, string? unit = null, string? description = null) =>
        new GaugeMetric<T>(Meter.CreateGauge<T>(name, unit, description), tags);

    public override MetricMeter WithTags(IEnumerable<KeyValuePair<string, object>> tags) => new DiagnosticsMetricMeter(this.tags.With(tags));

    private sealed class CounterMetric<T>(Counter<T> counter, TagSet tags) : MetricCounter<T>(counter.Name, counter.Unit, counter.Description)
        where T : struct
    {
        public override void Add(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) =>
            counter.Add(value, tags.Span(extraTags));

        public override MetricCounter<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags1) => new CounterMetric<T>(counter, tags.With(tags1));
    }

    private sealed class HistogramMetric<T, TValue>(Histogram<TValue> histogram, TagSet tags, Func<T, TValue> convert)
        : MetricHistogram<T>(histogram.Name, histogram.Unit, histogram.Description)
        where T : struct
        where TValue : struct
    {
        public override void Record(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) =>
            histogram.Record(convert(value), tags.Span(extraTags));

        public override MetricHistogram<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags1) =>
            new HistogramMetric<T, TValue>(histogram, tags.With(tags1), convert);
    }

    private sealed class GaugeMetric<T>(Gauge<T> gauge, TagSet tags) : MetricGauge<T>(gauge.Name, gauge.Unit, gauge.Description)
        where T : struct
    {
        public override void Set(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) =>
            gauge.Record(value, tags.Span(extraTags));

        public override MetricGauge<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags1) => new GaugeMetric<T>(gauge, tags.With(tags1));
    }

    /// <summary>Tags in the form that instruments take; later ones replace earlier ones of the same name.</summary>
    private sealed class TagSet(KeyValuePair<string, object?>[] tags)
    {
        public static TagSet Empty { get; } = new([]);

        public TagSet With(IEnumerable<KeyValuePair<string, object>> more)
        {
            var merged = tags.ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal);
            foreach (var (name, value) in more)
            {
                merged[name] = value;
            }

            return new([.. merged]);
        }

        public ReadOnlySpan<KeyValuePair<string, object?>> Span(IEnumerable<KeyValuePair<string, object>>? extra) =>
            extra is null ? tags : With(extra).Span(null);
    }
}
