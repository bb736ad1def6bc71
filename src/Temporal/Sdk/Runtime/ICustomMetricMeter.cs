namespace Temporalio.Runtime;

/// <summary>Takes metrics to somewhere else. Must not throw.</summary>
public interface ICustomMetricMeter
{
    /// <summary>A count that only grows.</summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="name">Name.</param>
    /// <param name="unit">Unit.</param>
    /// <param name="description">Description.</param>
    ICustomMetricCounter<T> CreateCounter<T>(string name, string? unit, string? description)
        where T : struct;

    /// <summary>A distribution of values.</summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="name">Name.</param>
    /// <param name="unit">Unit.</param>
    /// <param name="description">Description.</param>
    ICustomMetricHistogram<T> CreateHistogram<T>(string name, string? unit, string? description)
        where T : struct;

    /// <summary>A value that goes up and down.</summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="name">Name.</param>
    /// <param name="unit">Unit.</param>
    /// <param name="description">Description.</param>
    ICustomMetricGauge<T> CreateGauge<T>(string name, string? unit, string? description)
        where T : struct;

    /// <summary>Makes a set of tags to be given with values; made once and used often.</summary>
    /// <param name="appendFrom">An earlier set to add to.</param>
    /// <param name="tags">Tags; those of the same name replace earlier ones.</param>
    object CreateTags(object? appendFrom, IReadOnlyCollection<KeyValuePair<string, object>> tags);
}

/// <summary>One metric.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
public interface ICustomMetric<T>
    where T : struct
{
}

/// <summary>A count that only grows.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
public interface ICustomMetricCounter<T> : ICustomMetric<T>
    where T : struct
{
    /// <summary>Adds to the count.</summary>
    /// <param name="value">Not negative.</param>
    /// <param name="tags">From <see cref="ICustomMetricMeter.CreateTags"/>.</param>
    void Add(T value, object tags);
}

/// <summary>A distribution of values.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
public interface ICustomMetricHistogram<T> : ICustomMetric<T>
    where T : struct
{
    /// <summary>Records a value.</summary>
    /// <param name="value">Not negative.</param>
    /// <param name="tags">From <see cref="ICustomMetricMeter.CreateTags"/>.</param>
    void Record(T value, object tags);
}

/// <summary>A value that goes up and down.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
public interface ICustomMetricGauge<T> : ICustomMetric<T>
    where T : struct
{
    /// <summary>Sets the value.</summary>
    /// <param name="value">Not negative.</param>
    /// <param name="tags">From <see cref="ICustomMetricMeter.CreateTags"/>.</param>
    void Set(T value, object tags);
}
