using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.Schedule.V1;

namespace Onramp.EmbeddedServer.Schedules.Specs;

/// <summary>A time of a schedule.</summary>
/// <param name="Nominal">As the spec has it, of whole seconds.</param>
/// <param name="Due">When it is to be acted on: the nominal time plus jitter, never past the next nominal one.</param>
internal readonly record struct ScheduleTime(DateTimeOffset Nominal, DateTimeOffset Due);

/// <summary>The times of a schedule: those of all its calendars and intervals, without the excluded ones, between its start and its end.</summary>
/// <param name="canon">A spec in the form of <see cref="SpecCanon"/>.</param>
/// <param name="seed">Makes jitter differ from schedule to schedule, and the same every time it is asked for.</param>
internal sealed class CompiledSpec(ScheduleSpec canon, string seed)
{
    /// <summary>So many excluded times in a row, and the schedule is taken to have none left.</summary>
    private const int MaximumExcluded = 100_000;

    private readonly CalendarMatcher[] calendars = Compile(canon, canon.StructuredCalendar);
    private readonly CalendarMatcher[] excluded = Compile(canon, canon.ExcludeStructuredCalendar);
    private readonly (long Interval, long Phase)[] intervals = [.. canon.Interval.Select(i => (Seconds(i.Interval), Seconds(i.Phase)))];
    private readonly DateTimeOffset start = canon.StartTime is null ? DateTimeOffset.UnixEpoch : Within(canon.StartTime);
    private readonly DateTimeOffset? end = canon.EndTime is null ? null : Within(canon.EndTime);
    private readonly TimeSpan jitter = canon.Jitter.ToSpan();

    /// <summary>The first time whose nominal time is after another; null when there is none.</summary>
    public ScheduleTime? NextAfter(DateTimeOffset nominal)
    {
        // One that falls on the very start counts, and so does the whole second in which it lies. Without a start, none is before 1970.
        var after = Clock.Max(nominal, start.AddSeconds(-1));
        for (var skipped = 0; skipped < MaximumExcluded; skipped++)
        {
            if (RawAfter(after) is not { } next || next > end || next.Year > CalendarField.Year.Largest)
            {
                return null;
            }

            if (!excluded.Any(calendar => calendar.Matches(next)))
            {
                return new ScheduleTime(next, next + JitterOf(next));
            }

            after = next;
        }

        return null;
    }

    /// <summary>Times in order, all after a nominal one.</summary>
    public IEnumerable<ScheduleTime> After(DateTimeOffset nominal)
    {
        for (var next = NextAfter(nominal); next is { } time; next = NextAfter(time.Nominal))
        {
            yield return time;
        }
    }

    private static CalendarMatcher[] Compile(ScheduleSpec canon, IEnumerable<StructuredCalendarSpec> calendars)
    {
        var zone = SpecCanon.FindZone(canon.TimezoneName) ?? TimeZoneInfo.Utc;
        return [.. calendars.Select(calendar => new CalendarMatcher(calendar, zone))];
    }

    /// <summary>Times that lie beyond those of any calendar are as good as its first and its last.</summary>
    private static DateTimeOffset Within(Timestamp time)
    {
        var first = new DateTimeOffset(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var last = new DateTimeOffset(CalendarField.Year.Largest + 2, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var instant = time.ToInstant() ?? (time.Seconds < 0 ? first : last);
        return instant < first ? first : instant > last ? last : instant;
    }

    private static long Seconds(Duration? duration) => duration.ToSpan().Ticks / TimeSpan.TicksPerSecond;

    private DateTimeOffset? RawAfter(DateTimeOffset time)
    {
        DateTimeOffset? earliest = null;
        foreach (var calendar in calendars)
        {
            earliest = Clock.Earliest(earliest, calendar.NextAfter(time));
        }

        foreach (var (interval, phase) in intervals)
        {
            earliest = Clock.Earliest(earliest, NextOf(interval, phase, time));
        }

        return earliest;
    }

    private static DateTimeOffset? NextOf(long interval, long phase, DateTimeOffset time)
    {
        // Rounded towards 1970, as the reference does.
        var seconds = ((((time.ToUnixTimeSeconds() - phase) / interval) + 1) * interval) + phase;
        return seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
    }

    private TimeSpan JitterOf(DateTimeOffset nominal)
    {
        if (jitter <= TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        var most = RawAfter(nominal) is { } following ? Clock.Min(jitter, following - nominal) : jitter;
        var hash = BinaryPrimitives.ReadUInt64BigEndian(
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}/{nominal.ToUnixTimeSeconds()}"))));

        // The upper bits as a fraction below one.
        var fraction = (hash >> 11) / (double)(1UL << 53);
        return TimeSpan.FromMilliseconds(Math.Floor(most.TotalMilliseconds * fraction));
    }
}
