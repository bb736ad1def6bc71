using System.Globalization;
using System.Text;

namespace Onramp.Worker.Metrics;

/// <summary>One instrument with one set of tags. Callers hold the registry's lock.</summary>
internal abstract class MetricSeries(string labels)
{
    protected string Labels { get; } = labels;

    public abstract void Take(double value);

    public abstract void Write(StringBuilder text, string name);

    protected static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>A number that is added to.</summary>
internal sealed class SumSeries(string labels) : MetricSeries(labels)
{
    private double sum;

    public override void Take(double value) => sum += value;

    public override void Write(StringBuilder text, string name) => text.Append($"{name}{(Labels.Length == 0 ? "" : $"{{{Labels}}}")} {Number(sum)}\n");
}

/// <summary>A number that is what it was last.</summary>
internal sealed class LastSeries(string labels) : MetricSeries(labels)
{
    private double last;

    public override void Take(double value) => last = value;

    public override void Write(StringBuilder text, string name) => text.Append($"{name}{(Labels.Length == 0 ? "" : $"{{{Labels}}}")} {Number(last)}\n");
}

/// <summary>Counts by size, in bounds that fit from a call to an approval.</summary>
internal sealed class HistogramSeries(string labels) : MetricSeries(labels)
{
    private static readonly double[] Bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 86_400];

    private readonly long[] counts = new long[Bounds.Length];
    private double sum;
    private long count;

    public override void Take(double value)
    {
        sum += value;
        count++;
        for (var i = 0; i < Bounds.Length; i++)
        {
            if (value <= Bounds[i])
                counts[i]++;
        }
    }

    public override void Write(StringBuilder text, string name)
    {
        var prefix = Labels.Length == 0 ? "" : Labels + ",";
        for (var i = 0; i < Bounds.Length; i++)
            text.Append($"{name}_bucket{{{prefix}le=\"{Number(Bounds[i])}\"}} {counts[i]}\n");
        text.Append($"{name}_bucket{{{prefix}le=\"+Inf\"}} {count}\n");
        var labels = Labels.Length == 0 ? "" : $"{{{Labels}}}";
        text.Append($"{name}_sum{labels} {Number(sum)}\n{name}_count{labels} {count}\n");
    }
}
