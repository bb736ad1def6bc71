using Temporalio.Common;

namespace Temporalio.Runtime;

/// <summary>What connections and workers of a process share: where metrics go.</summary>
public sealed class TemporalRuntime
{
    private static readonly Lazy<TemporalRuntime> LazyDefault = new(() => new TemporalRuntime(new TemporalRuntimeOptions()));

    private readonly Lazy<MetricMeter> metricMeter;

    /// <summary>Makes one.</summary>
    /// <param name="options">Options.</param>
    public TemporalRuntime(TemporalRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var metrics = ((TemporalRuntimeOptions)options.Clone()).Telemetry.Metrics;
        metricMeter = new(() => metrics?.CustomMetricMeter is { } custom
            ? new CustomMetricMeterAdapter(custom, metrics)
            : new DiagnosticsMetricMeter(metrics));
    }

    /// <summary>The one that is used where none is given.</summary>
    public static TemporalRuntime Default => LazyDefault.Value;

    /// <summary>
    /// Makes metrics. Unless a custom meter is given they are those of the <see cref="System.Diagnostics.Metrics.Meter"/> named
    /// <c>Temporalio</c>, for any .NET exporter to collect.
    /// </summary>
    public MetricMeter MetricMeter => metricMeter.Value;
}
