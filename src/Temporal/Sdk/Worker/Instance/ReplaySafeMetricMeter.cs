using Temporalio.Common;

namespace Temporalio.Worker.Instance;

/// <summary>A meter whose metrics do nothing while history is replayed.</summary>
internal sealed class ReplaySafeMetricMeter(MetricMeter inner, WorkflowInstance instance) : MetricMeter
{
    public override MetricCounter<T> CreateCounter<T>(string name, string? unit = null, string? description = null) =>
        new Counter<T>(inner.CreateCounter<T>(name, unit, description), instance);

    public override MetricHistogram<T> CreateHistogram<T>(string name, string? unit = null, string? description = null) =>
        new Histogram<T>(inner.CreateHistogram<T>(name, unit, description), instance);

    public override MetricGauge<T> CreateGauge<T>(string name, string? unit = null, string? description = null) =>
        new Gauge<T>(inner.CreateGauge<T>(name, unit, description), instance);

    public override MetricMeter WithTags(IEnumerable<KeyValuePair<string, object>> tags) =>
        new ReplaySafeMetricMeter(inner.WithTags(tags), instance);

    private sealed class Counter<T>(MetricCounter<T> inner, WorkflowInstance instance)
        : MetricCounter<T>(inner.Name, inner.Unit, inner.Description)
        where T : struct
    {
        public override void Add(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null)
        {
            if (!instance.IsReplayingHistoryEvents)
            {
                inner.Add(value, extraTags);
            }
        }

        public override MetricCounter<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags) =>
            new Counter<T>(inner.WithTags(tags), instance);
    }

    private sealed class Histogram<T>(MetricHistogram<T> inner, WorkflowInstance instance)
        : MetricHistogram<T>(inner.Name, inner.Unit, inner.Description)
        where T : struct
    {
        public override void Record(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null)
        {
            if (!instance.IsReplayingHistoryEvents)
            {
                inner.Record(value, extraTags);
            }
        }

        public override MetricHistogram<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags) =>
            new Histogram<T>(inner.WithTags(tags), instance);
    }

    private sealed class Gauge<T>(MetricGauge<T> inner, WorkflowInstance instance)
        : MetricGauge<T>(inner.Name, inner.Unit, inner.Description)
        where T : struct
    {
        public override void Set(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null)
        {
            if (!instance.IsReplayingHistoryEvents)
            {
                inner.Set(value, extraTags);
            }
        }

        public override MetricGauge<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags) =>
            new Gauge<T>(inner.WithTags(tags), instance);
    }
}
