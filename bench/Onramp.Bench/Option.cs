using System.Globalization;

namespace Onramp.Bench;

/// <summary>An option of a verb: <c>--name value</c>.</summary>
internal sealed class Option
{
    private readonly Func<string, bool> _fits;

    private Option(string name, string values, string means, string? otherwise, Func<string, bool> fits)
    {
        Name = name;
        Values = values;
        Means = means;
        Default = otherwise;
        _fits = fits;
    }

    /// <summary>Where the data is kept.</summary>
    public static Option Data { get; } = new(
        "data", "FILE|:memory:", "where the data is kept; without it a file in a temporary folder, synced at every commit", otherwise: null, text => text.Length > 0);

    /// <summary>Where the data is kept, where memory won't do.</summary>
    public static Option DataFile { get; } = new(
        "data", "FILE", "where the data is kept; without it a file in a temporary folder", otherwise: null, text => text is not ("" or ":memory:"));

    /// <summary>What chance begins with.</summary>
    public static Option Seed { get; } = Number("seed", otherwise: null, "what chance begins with; without it another each time");

    public string Name { get; }

    /// <summary>What may be given.</summary>
    public string Values { get; }

    /// <summary>What it is for.</summary>
    public string Means { get; }

    public string? Default { get; }

    public static Option Text(string name, string values, string means) => new(name, values, means, otherwise: null, text => text.Length > 0);

    /// <summary>A whole number that isn't negative.</summary>
    public static Option Number(string name, int? otherwise, string means) => new(
        name, "N", means, otherwise?.ToString(CultureInfo.InvariantCulture),
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _));

    /// <summary>One of some words; the first by default.</summary>
    public static Option Choice(string name, string means, params string[] words) => new(
        name, string.Join('|', words), means, words[0], text => words.Contains(text, StringComparer.Ordinal));

    /// <exception cref="UsageException">The text is no value of this.</exception>
    public void Check(string text)
    {
        if (!_fits(text))
        {
            throw new UsageException($"--{Name} takes {Values}, not '{text}'");
        }
    }

    public override string ToString() => $"  --{Name} {Values}".PadRight(26) + Means + (Default is null ? "" : $"; {Default} by default");
}
