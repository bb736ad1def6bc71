namespace Temporalio.Common;

/// <summary>Makes metrics. Values are <c>long</c>, <c>int</c>, <c>double</c>, <c>float</c> or, for histograms, <c>TimeSpan</c>.</summary>
public abstract class MetricMeter
{
    /// <summary>A count that only grows.</summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="name">Name.</param>
    /// <param name="unit">Unit.</param>
    /// <param name="description">Description.</param>
    public abstract MetricCounter<T> CreateCounter<T>(string name, string? unit = null, string? description = null)
        where T : struct;

    /// <summary>A distribution of values.</summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="name">Name.</param>
    /// <param name="unit">Unit.</param>
    /// <param name="description">Description.</param>
    public abstract MetricHistogram<T> CreateHistogram<T>(string name, string? unit = null, string? description = null)
        where T : struct;

    /// <summary>A value that goes up and down.</summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="name">Name.</param>
    /// <param name="unit">Unit.</param>
    /// <param name="description">Description.</param>
    public abstract MetricGauge<T> CreateGauge<T>(string name, string? unit = null, string? description = null)
        where T : struct;

    /// <summary>A meter whose metrics all carry these tags as well.</summary>
    /// <param name="tags">Tags; those of the same name replace earlier ones.</param>
    public abstract MetricMeter WithTags(IEnumerable<KeyValuePair<string, object>> tags);
}

/// <summary>One metric.</summary>
public abstract class Metric
{
    private protected Metric(string name, string? unit, string? description)
    {
        Name = name;
        Unit = unit;
        Description = description;
    }

    /// <summary>Name.</summary>
    public string Name { get; private init; }

    /// <summary>Unit, if any.</summary>
    public string? Unit { get; private init; }

    /// <summary>Description, if any.</summary>
    public string? Description { get; private init; }
}

/// <summary>One metric with values of one type.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
public abstract class Metric<T> : Metric
    where T : struct
{
    private protected Metric(string name, string? unit, string? description)
        : base(name, unit, description)
    {
    }
}

/// <summary>A count that only grows.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
public abstract class MetricCounter<T> : Metric<T>
    where T : struct
{
    protected MetricCounter(string name, string? unit = null, string? description = null)
        : base(name, unit, description)
    {
    }

    /// <summary>Adds to the count.</summary>
    /// <param name="value">Not negative.</param>
    /// <param name="extraTags">Tags for this value only.</param>
    public abstract void Add(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null);

    /// <summary>The same counter with more tags.</summary>
    /// <param name="tags">Tags to add.</param>
    public abstract MetricCounter<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags);
}

/// <summary>A distribution of values.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
public abstract class MetricHistogram<T> : Metric<T>
    where T : struct
{
    protected MetricHistogram(string name, string? unit = null, string? description = null)
        : base(name, unit, description)
    {
    }

    /// <summary>Records a value.</summary>
    /// <param name="value">Not negative.</param>
    /// <param name="extraTags">Tags for this value only.</param>
    public abstract void Record(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null);

    /// <summary>The same histogram with more tags.</summary>
    /// <param name="tags">Tags to add.</param>
    public abstract MetricHistogram<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags);
}

/// <summary>A value that goes up and down.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
public abstract class MetricGauge<T> : Metric<T>
    where T : struct
{
    protected MetricGauge(string name, string? unit = null, string? description = null)
        : base(name, unit, description)
    {
    }

    /// <summary>Sets the value.</summary>
    /// <param name="value">Not negative.</param>
    /// <param name="extraTags">Tags for this value only.</param>
    public abstract void Set(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null);

    /// <summary>The same gauge with more tags.</summary>
    /// <param name="tags">Tags to add.</param>
    public abstract MetricGauge<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags);
}
