using Google.Protobuf.WellKnownTypes;

namespace Onramp.EmbeddedServer.History;

/// <summary>Between protobuf's times and ours. Sums saturate: a timer of ten thousand years is legal and never fires.</summary>
internal static class Clock
{
    /// <summary>What a Go server sends for "no time" where it does not leave the field out.</summary>
    public static readonly Timestamp GoZero = new() { Seconds = -62135596800 };

    private const long MaximumSeconds = 900_000_000_000;
    private const long LongestSeconds = 100L * 365 * 24 * 60 * 60;

    public static Timestamp ToProto(this DateTimeOffset time) => Timestamp.FromDateTimeOffset(time);

    public static Timestamp? ToProto(this DateTimeOffset? time) => time is { } value ? Timestamp.FromDateTimeOffset(value) : null;

    /// <summary>What a caller says a time is, whatever it says of nanoseconds; null when there is no such time here.</summary>
    public static DateTimeOffset? ToInstant(this Timestamp time)
    {
        var seconds = time.Seconds - GoZero.Seconds;
        return seconds >= 0 && seconds < (DateTimeOffset.MaxValue.Ticks / TimeSpan.TicksPerSecond) - 1 && (seconds > 1 || time.Nanos >= 0)
            ? DateTimeOffset.MinValue.AddTicks((seconds * TimeSpan.TicksPerSecond) + (time.Nanos / 100))
            : null;
    }

    public static Duration ToProto(this TimeSpan span)
    {
        var seconds = span.Ticks / TimeSpan.TicksPerSecond;
        return new Duration { Seconds = seconds, Nanos = (int)((span.Ticks - (seconds * TimeSpan.TicksPerSecond)) * 100) };
    }

    /// <summary>A limit of zero is none, and stays out of the message: callers tell "not set" from "at once".</summary>
    public static Duration? ToLimit(this TimeSpan span) => span == TimeSpan.Zero ? null : span.ToProto();

    /// <summary>Absent is zero; what is longer than we can count becomes the longest we can.</summary>
    public static TimeSpan ToSpan(this Duration? duration)
    {
        if (duration is null)
        {
            return TimeSpan.Zero;
        }

        var seconds = Math.Clamp(duration.Seconds, -MaximumSeconds, MaximumSeconds);
        return new TimeSpan((seconds * TimeSpan.TicksPerSecond) + (duration.Nanos / 100));
    }

    /// <summary>Why callers may not set it, or null. What is longer than a hundred years is cut to them, in place.</summary>
    public static string? Fault(this Duration? duration)
    {
        if (duration is null)
        {
            return null;
        }

        if (duration is { Seconds: > 0, Nanos: < 0 } or { Seconds: < 0, Nanos: > 0 })
        {
            return "duration has seconds and nanos with different signs";
        }

        if (duration.Seconds < 0 || duration.Nanos < 0)
        {
            return "negative duration";
        }

        if (duration.Seconds >= LongestSeconds)
        {
            (duration.Seconds, duration.Nanos) = (LongestSeconds, 0);
        }

        return null;
    }

    public static DateTimeOffset Plus(this DateTimeOffset time, TimeSpan span) =>
        span.Ticks >= DateTimeOffset.MaxValue.UtcTicks - time.UtcTicks ? DateTimeOffset.MaxValue : time + span;

    public static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    public static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    public static DateTimeOffset? Earliest(DateTimeOffset? a, DateTimeOffset? b) => (a, b) switch
    {
        (null, _) => b,
        (_, null) => a,
        _ => a < b ? a : b,
    };
}
