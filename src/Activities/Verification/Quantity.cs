using System.Globalization;

namespace Onramp.Activities.Verification;

/// <summary>Kubernetes quantities compare by value: <c>1</c> is <c>1000m</c>, <c>1Gi</c> is <c>1024Mi</c>.</summary>
internal static class Quantity
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1024m * 1024), ("Gi", 1024m * 1024 * 1024), ("Ti", 1024m * 1024 * 1024 * 1024),
        ("m", 0.001m), ("k", 1000m), ("M", 1_000_000m), ("G", 1_000_000_000m), ("T", 1_000_000_000_000m),
    ];

    public static bool AreEqual(string? left, string? right) =>
        left == right || (Parse(left) is { } l && Parse(right) is { } r && l == r);

    private static decimal? Parse(string? text)
    {
        if (text is null)
            return null;
        var (suffix, factor) = Array.Find(Suffixes, s => text.EndsWith(s.Suffix, StringComparison.Ordinal));
        if (suffix is null)
            (suffix, factor) = ("", 1m);
        return decimal.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.Number, CultureInfo.InvariantCulture, out var number)
            ? number * factor
            : null;
    }
}
