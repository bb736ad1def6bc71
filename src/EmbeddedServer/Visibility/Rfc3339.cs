using System.Globalization;
using System.Text.RegularExpressions;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>Times as texts: a date, <c>T</c>, a time of day with any number of decimals, and a zone.</summary>
internal static partial class Rfc3339
{
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        var match = Pattern().Match(text);
        if (!match.Success)
        {
            return false;
        }

        // Ticks are 100 ns; what is finer is cut off.
        var decimals = match.Groups["decimals"].Value;
        var kept = decimals[..Math.Min(decimals.Length, 7)].PadRight(7, '0');
        var zone = match.Groups["zone"].Value;
        return DateTimeOffset.TryParseExact(
            $"{match.Groups["seconds"].Value}.{kept}{(zone == "Z" ? "+00:00" : zone)}",
            "yyyy-MM-ddTHH:mm:ss.fffffffzzz",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal,
            out time);
    }

    /// <summary>A time that can be parsed, as the reference writes it: nine decimals at most and none that say nothing, and UTC by its letter.</summary>
    public static string Canonical(string text)
    {
        var match = Pattern().Match(text);
        var decimals = match.Groups["decimals"].Value;
        decimals = decimals[..Math.Min(decimals.Length, 9)].TrimEnd('0');
        var zone = match.Groups["zone"].Value;
        return $"{match.Groups["seconds"].Value}{(decimals.Length == 0 ? "" : ".")}{decimals}{(zone is "+00:00" or "-00:00" ? "Z" : zone)}";
    }

    [GeneratedRegex(
        @"^(?<seconds>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.(?<decimals>\d+))?(?<zone>Z|[+-]\d{2}:\d{2})\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
