using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Onramp.Worker.Metrics;

/// <summary>Collects the meters it is told to and writes them in Prometheus' text format (version 0.0.4). Bounded: new series past the limit are dropped.</summary>
public sealed class PrometheusRegistry : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const int MaxSeries = 5000;

    private readonly Lock gate = new();
    private readonly MeterListener listener = new();
    private readonly SortedDictionary<string, Family> families = new(StringComparer.Ordinal);
    private int seriesCount;

    public PrometheusRegistry(params IReadOnlyCollection<string> meterNames)
    {
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (meterNames.Contains(instrument.Meter.Name))
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Take(i, value, tags));
        listener.SetMeasurementEventCallback<float>((i, value, tags, _) => Take(i, value, tags));
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Take(i, value, tags));
        listener.SetMeasurementEventCallback<int>((i, value, tags, _) => Take(i, value, tags));
        listener.Start();
    }

    /// <summary>Everything collected, as one page.</summary>
    public string Write()
    {
        listener.RecordObservableInstruments();
        var text = new StringBuilder();
        lock (gate)
        {
            foreach (var (name, family) in families)
                family.Write(text, name);
        }
        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = LabelsOf(tags);
        lock (gate)
        {
            var name = NameOf(instrument.Name);
            if (!families.TryGetValue(name, out var family))
                families[name] = family = new Family(instrument);
            if (!family.Series.TryGetValue(labels, out var series))
            {
                if (seriesCount >= MaxSeries)
                    return;
                seriesCount++;
                family.Series[labels] = series = family.NewSeries(labels);
            }
            series.Take(value);
        }
    }

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            var escaped = Convert.ToString(value, CultureInfo.InvariantCulture)?
                .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(text.Length == 0 ? "" : ",").Append(NameOf(key)).Append("=\"").Append(escaped).Append('"');
        }
        return text.ToString();
    }

    private static string NameOf(string name) => string.Create(name.Length, name, (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = char.IsAsciiLetterOrDigit(source[i]) ? source[i] : '_';
    });

    private sealed class Family(Instrument instrument)
    {
        private readonly string kind = instrument.GetType().Name;

        public SortedDictionary<string, MetricSeries> Series { get; } = new(StringComparer.Ordinal);

        private bool IsHistogram => kind.StartsWith("Histogram", StringComparison.Ordinal);

        /// <summary>Observed instruments tell their whole value each time; the others tell what to add.</summary>
        private bool IsObserved => instrument.IsObservable || kind.StartsWith("Gauge", StringComparison.Ordinal);

        private bool IsCounter => kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal);

        public MetricSeries NewSeries(string labels) =>
            IsHistogram ? new HistogramSeries(labels) : IsObserved ? new LastSeries(labels) : new SumSeries(labels);

        public void Write(StringBuilder text, string name)
        {
            if (instrument.Description is { Length: > 0 } description)
                text.Append($"# HELP {name} {description}\n");
            text.Append($"# TYPE {name} {(IsHistogram ? "histogram" : IsCounter ? "counter" : "gauge")}\n");
            foreach (var series in Series.Values)
                series.Write(text, name);
        }
    }
}
