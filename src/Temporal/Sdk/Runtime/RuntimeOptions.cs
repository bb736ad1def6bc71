namespace Temporalio.Runtime;

/// <summary>Options of a runtime.</summary>
public class TemporalRuntimeOptions : ICloneable
{
    /// <summary>Everything at its default.</summary>
    public TemporalRuntimeOptions()
    {
    }

    /// <summary>With telemetry options.</summary>
    /// <param name="telemetry">Telemetry.</param>
    public TemporalRuntimeOptions(TelemetryOptions telemetry) => Telemetry = telemetry;

    /// <summary>Telemetry.</summary>
    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>A copy.</summary>
    public virtual object Clone()
    {
        var copy = (TemporalRuntimeOptions)MemberwiseClone();
        copy.Telemetry = (TelemetryOptions)Telemetry.Clone();
        return copy;
    }
}

/// <summary>Options of telemetry.</summary>
public class TelemetryOptions : ICloneable
{
    /// <summary>Metrics. Default: the .NET meter named <c>Temporalio</c>.</summary>
    public MetricsOptions? Metrics { get; set; }

    /// <summary>A copy.</summary>
    public virtual object Clone()
    {
        var copy = (TelemetryOptions)MemberwiseClone();
        copy.Metrics = (MetricsOptions?)Metrics?.Clone();
        return copy;
    }
}

/// <summary>Options of metrics.</summary>
public class MetricsOptions : ICloneable
{
    /// <summary>Where metrics go instead of the .NET meter.</summary>
    public ICustomMetricMeter? CustomMetricMeter { get; set; }

    /// <summary>How the custom meter wants its values.</summary>
    public CustomMetricMeterOptions? CustomMetricMeterOptions { get; set; }

    /// <summary>Tags of every metric.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>>? GlobalTags { get; set; }

    /// <summary>Put in front of the names of the SDK's own metrics. Default: <c>temporal_</c>.</summary>
    public string? MetricPrefix { get; set; }

    /// <summary>A copy; the meter is not copied.</summary>
    public virtual object Clone()
    {
        var copy = (MetricsOptions)MemberwiseClone();
        copy.CustomMetricMeterOptions = (CustomMetricMeterOptions?)CustomMetricMeterOptions?.Clone();
        return copy;
    }
}

/// <summary>How a custom meter wants its values.</summary>
public class CustomMetricMeterOptions : ICloneable
{
    /// <summary>Forms of a duration.</summary>
    public enum DurationFormat
    {
        /// <summary>Whole milliseconds, as <c>long</c>.</summary>
        IntegerMilliseconds = 0,

        /// <summary>Seconds, as <c>double</c>.</summary>
        FloatSeconds = 1,

        /// <summary>A <see cref="System.TimeSpan"/>.</summary>
        TimeSpan = 2,
    }

    /// <summary>Form of the durations in histograms. Default: whole milliseconds.</summary>
    public DurationFormat HistogramDurationFormat { get; set; } = DurationFormat.IntegerMilliseconds;

    /// <summary>A copy.</summary>
    public virtual object Clone() => MemberwiseClone();
}
