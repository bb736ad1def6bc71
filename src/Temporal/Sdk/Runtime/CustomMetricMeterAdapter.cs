using Temporalio.Common;

namespace Temporalio.Runtime;

/// <summary>Metrics that go to a user's own meter.</summary>
internal sealed class CustomMetricMeterAdapter : MetricMeter
{
    private readonly ICustomMetricMeter meter;
    private readonly CustomMetricMeterOptions options;
    private readonly object tags;

    public CustomMetricMeterAdapter(ICustomMetricMeter meter, MetricsOptions options)
        : this(
            meter,
            options.CustomMetricMeterOptions ?? new(),
            meter.CreateTags(null, [.. (options.GlobalTags ?? []).Select(t => KeyValuePair.Create(t.Key, (object)t.Value))]))
    {
    }

    private CustomMetricMeterAdapter(ICustomMetricMeter meter, CustomMetricMeterOptions options, object tags)
    {
        this.meter = meter;
        this.options = options;
        this.tags = tags;
    }

    public override MetricCounter<T> CreateCounter<T>(string name, string? unit = null, string? description = null) =>
        new CounterMetric<T>(this, meter.CreateCounter<T>(name, unit, description), tags, name, unit, description);

    public override MetricGauge<T> CreateGauge<T>(string name, string? unit = null, string? description = null) =>
        new GaugeMetric<T>(this, meter.CreateGauge<T>(name, unit, description), tags, name, unit, description);

    public override MetricHistogram<T> CreateHistogram<T>(string name, string? unit = null, string? description = null)
    {
        if (typeof(T) != typeof(TimeSpan))
        {
            return Histogram<T, T>(value => value);
        }

        return options.HistogramDurationFormat switch
        {
            CustomMetricMeterOptions.DurationFormat.IntegerMilliseconds => Histogram<T, long>(v => (long)((TimeSpan)(object)v).TotalMilliseconds),
            CustomMetricMeterOptions.DurationFormat.FloatSeconds => Histogram<T, double>(v => ((TimeSpan)(object)v).TotalSeconds),
            _ => Histogram<T, T>(value => value),
        };

        MetricHistogram<TFrom> Histogram<TFrom, TTo>(Func<TFrom, TTo> convert)
            where TFrom : struct
            where TTo : struct =>
            new HistogramMetric<TFrom, TTo>(this, meter.CreateHistogram<TTo>(name, unit, description), convert, tags, name, unit, description);
    }

    public override MetricMeter WithTags(IEnumerable<KeyValuePair<string, object>> tags) =>
        new CustomMetricMeterAdapter(meter, options, Append(this.tags, tags));

    private object Append(object from, IEnumerable<KeyValuePair<string, object>>? more) =>
        more is null ? from : meter.CreateTags(from, [.. more]);

    private sealed class CounterMetric<T>(
        CustomMetricMeterAdapter adapter, ICustomMetricCounter<T> counter, object tags, string name, string? unit, string? description)
        : MetricCounter<T>(name, unit, description)
        where T : struct
    {
        public override void Add(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) =>
            counter.Add(value, adapter.Append(tags, extraTags));

        public override MetricCounter<T> WithTags(IEnumerable<KeyValuePair<string, object>> more) =>
            new CounterMetric<T>(adapter, counter, adapter.Append(tags, more), Name, Unit, Description);
    }

    private sealed class GaugeMetric<T>(
        CustomMetricMeterAdapter adapter, ICustomMetricGauge<T> gauge, object tags, string name, string? unit, string? description)
        : MetricGauge<T>(name, unit, description)
        where T : struct
    {
        public override void Set(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) =>
            gauge.Set(value, adapter.Append(tags, extraTags));

        public override MetricGauge<T> WithTags(IEnumerable<KeyValuePair<string, object>> more) =>
            new GaugeMetric<T>(adapter, gauge, adapter.Append(tags, more), Name, Unit, Description);
    }

    private sealed class HistogramMetric<T, TValue>(
        CustomMetricMeterAdapter adapter,
        ICustomMetricHistogram<TValue> histogram,
        Func<T, TValue> convert,
        object tags,
        string name,
        string? unit,
        string? description)
        : MetricHistogram<T>(name, unit, description)
        where T : struct
        where TValue : struct
    {
        public override void Record(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) =>
            histogram.Record(convert(value), adapter.Append(tags, extraTags));

        public override MetricHistogram<T> WithTags(IEnumerable<KeyValuePair<string, object>> more) =>
            new HistogramMetric<T, TValue>(adapter, histogram, convert, adapter.Append(tags, more), Name, Unit, Description);
    }
}
