using System.Globalization;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>
/// How long a call over HTTP may take: as long as the caller's <c>Grpc-Timeout</c> says (<c>500m</c>, <c>5S</c>), and never longer than a minute. HTTP has
/// no deadlines of its own, and a query that no worker takes would be held for ever.
/// </summary>
internal static class CallTimeouts
{
    public const string Header = "Grpc-Timeout";

    /// <summary>Longer than any call is held that waits for something by its nature.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <exception cref="RefusalException">INVALID_ARGUMENT: the header is no such time.</exception>
    public static TimeSpan Read(string? header)
    {
        if (string.IsNullOrEmpty(header))
        {
            return Longest;
        }

        if (!long.TryParse(header.AsSpan(0, header.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || TicksOf(header[^1]) is not { } ticks)
        {
            throw HttpAnswers.Invalid($"invalid {Header.ToLowerInvariant()}: {header}");
        }

        var wanted = (decimal)count * ticks;
        return wanted < Longest.Ticks ? TimeSpan.FromTicks((long)Math.Max(wanted, 1)) : Longest;
    }

    private static decimal? TicksOf(char unit) => unit switch
    {
        'H' => TimeSpan.TicksPerHour,
        'M' => TimeSpan.TicksPerMinute,
        'S' => TimeSpan.TicksPerSecond,
        'm' => TimeSpan.TicksPerMillisecond,
        'u' => TimeSpan.TicksPerMicrosecond,
        'n' => 0.01m,
        _ => null,
    };
}
