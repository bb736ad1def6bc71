using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History;

namespace Onramp.EmbeddedServer.Frontend.Validation;

/// <summary>Durations as callers send them: absent counts as zero, and none may be negative.</summary>
internal static class Durations
{
    /// <summary>The greatest that a <see cref="TimeSpan"/> of ours holds; what is longer never ends either.</summary>
    private const long MaximumSeconds = 900_000_000_000;

    public static TimeSpan ToSpan(Duration? duration)
    {
        if (duration is null)
        {
            return TimeSpan.Zero;
        }

        var seconds = Math.Clamp(duration.Seconds, -MaximumSeconds, MaximumSeconds);
        return new TimeSpan((seconds * TimeSpan.TicksPerSecond) + (duration.Nanos / 100));
    }

    public static bool IsZero(Duration? duration) => duration is null || (duration.Seconds == 0 && duration.Nanos == 0);

    /// <inheritdoc cref="Clock.Fault(Duration?)"/>
    public static string? Fault(Duration? duration) => duration.Fault();

    public static void Check(Duration? duration, string name)
    {
        if (Fault(duration) is { } fault)
        {
            throw Refusals.InvalidArgument($"An invalid {name} is set on request. cause: {fault}");
        }
    }
}
