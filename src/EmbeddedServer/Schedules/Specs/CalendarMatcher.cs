using Google.Protobuf.Collections;
using Temporalio.Api.Schedule.V1;
using Range = Temporalio.Api.Schedule.V1.Range;

namespace Onramp.EmbeddedServer.Schedules.Specs;

/// <summary>
/// The times of one structured calendar, in a time zone. A local time that a change of clocks leaves out never comes; one that comes twice counts
/// once, the first time.
/// </summary>
internal sealed class CalendarMatcher
{
    private readonly TimeZoneInfo zone;
    private readonly ulong seconds;
    private readonly ulong minutes;
    private readonly ulong hours;
    private readonly ulong days;
    private readonly ulong months;
    private readonly ulong weekdays;
    private readonly HashSet<int>? years;

    public CalendarMatcher(StructuredCalendarSpec calendar, TimeZoneInfo zone)
    {
        this.zone = zone;
        seconds = Bits(calendar.Second);
        minutes = Bits(calendar.Minute);
        hours = Bits(calendar.Hour);
        days = Bits(calendar.DayOfMonth);
        months = Bits(calendar.Month);
        weekdays = Bits(calendar.DayOfWeek);
        years = calendar.Year.Count == 0 ? null : [.. calendar.Year.SelectMany(Values)];

        // A Sunday is 0 or 7.
        weekdays |= (weekdays >> 7) & 1;
    }

    /// <summary>Whether the calendar has this time, which is of whole seconds.</summary>
    public bool Matches(DateTimeOffset time)
    {
        var local = TimeZoneInfo.ConvertTime(time, zone).DateTime;
        return HasYear(local.Year) && Has(months, local.Month) && HasDay(local) && Has(hours, local.Hour) && Has(minutes, local.Minute)
            && Has(seconds, local.Second) && FirstInstantOf(local) == time;
    }

    /// <summary>The first time after another; null when there is none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset time)
    {
        if (seconds == 0 || minutes == 0 || hours == 0)
        {
            return null;
        }

        var local = TimeZoneInfo.ConvertTime(time, zone).DateTime;
        var candidate = new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, local.Second).AddSeconds(1);
        while (candidate.Year <= CalendarField.Year.Largest)
        {
            if (Skip(candidate) is { } later)
            {
                candidate = later;
            }
            else if (!zone.IsInvalidTime(candidate) && FirstInstantOf(candidate) is var found && found > time)
            {
                return found;
            }
            else
            {
                candidate = candidate.AddSeconds(1);
            }
        }

        return null;
    }

    /// <summary>Where to go on when the largest field that doesn't match doesn't; null when all do.</summary>
    private DateTime? Skip(DateTime time)
    {
        if (!HasYear(time.Year))
        {
            return new DateTime(time.Year + 1, 1, 1);
        }

        if (!Has(months, time.Month))
        {
            return new DateTime(time.Year, time.Month, 1).AddMonths(1);
        }

        if (!HasDay(time))
        {
            return time.Date.AddDays(1);
        }

        if (!Has(hours, time.Hour))
        {
            return time.Date.AddHours(time.Hour + 1);
        }

        if (!Has(minutes, time.Minute))
        {
            return time.Date.AddMinutes((time.Hour * 60) + time.Minute + 1);
        }

        return Has(seconds, time.Second) ? null : time.AddSeconds(1);
    }

    private DateTimeOffset FirstInstantOf(DateTime local)
    {
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }

    private bool HasYear(int year) => years is null || years.Contains(year);

    private bool HasDay(DateTime time) => Has(days, time.Day) && Has(weekdays, (int)time.DayOfWeek);

    private static bool Has(ulong bits, int value) => (bits & (1UL << value)) != 0;

    private static ulong Bits(RepeatedField<Range> ranges) => ranges.SelectMany(Values).Aggregate(0UL, (bits, value) => bits | (1UL << value));

    private static IEnumerable<int> Values(Range range)
    {
        for (var value = range.Start; value <= Math.Max(range.Start, range.End); value += Math.Max(1, range.Step))
        {
            yield return value;
        }
    }
}
