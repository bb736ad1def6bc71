using System.Globalization;

namespace Onramp.EmbeddedServer;

/// <summary>A duration in Go's form, e.g. <c>1h30m</c> or <c>-1.5s</c>; what is wrong with one is told as Go tells it.</summary>
internal static class GoDuration
{
    /// <summary>The duration, or null.</summary>
    public static TimeSpan? TryParse(string text)
    {
        try
        {
            return Parse(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <exception cref="FormatException">It is none.</exception>
    public static TimeSpan Parse(string text)
    {
        var rest = text.AsSpan();
        var isNegative = rest is ['-', ..];
        rest = rest is ['-' or '+', ..] ? rest[1..] : rest;
        if (rest is "0")
        {
            return TimeSpan.Zero;
        }

        double ticks = rest.IsEmpty ? throw Invalid(text) : 0;
        while (!rest.IsEmpty)
        {
            var digits = Count(rest, isNumber: true);
            if (!double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                throw Invalid(text);
            }

            rest = rest[digits..];
            var letters = Count(rest, isNumber: false);
            ticks += number * TicksOf(rest[..letters], text);
            rest = rest[letters..];
        }

        return ticks < TimeSpan.MaxValue.Ticks ? TimeSpan.FromTicks((long)(isNegative ? -ticks : ticks)) : throw Invalid(text);
    }

    private static int Count(ReadOnlySpan<char> text, bool isNumber)
    {
        var count = 0;
        while (count < text.Length && (char.IsAsciiDigit(text[count]) || text[count] == '.') == isNumber)
        {
            count++;
        }

        return count;
    }

    private static double TicksOf(ReadOnlySpan<char> unit, string text) => unit switch
    {
        "" => throw new FormatException($"time: missing unit in duration \"{text}\""),
        "ns" => 0.01,
        "us" or "µs" => TimeSpan.TicksPerMicrosecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        "h" => TimeSpan.TicksPerHour,
        _ => throw new FormatException($"time: unknown unit \"{unit}\" in duration \"{text}\""),
    };

    private static FormatException Invalid(string text) => new($"time: invalid duration \"{text}\"");
}
