using System.Globalization;
using System.Text.RegularExpressions;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>Times as texts: a date, <c>T</c>, a time of day with up to nine decimals, and a zone.</summary>
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

    [GeneratedRegex(
        @"^(?<seconds>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.(?<decimals>\d{1,9}))?(?<zone>Z|[+-]\d{2}:\d{2})\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
