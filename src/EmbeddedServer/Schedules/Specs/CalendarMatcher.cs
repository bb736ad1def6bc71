using Google.Protobuf.Collections;
using Temporalio.Api.Schedule.V1;
using Range = Temporalio.Api.Schedule.V1.Range;

namespace Onramp.EmbeddedServer.Schedules.Specs;

/// <summary>
/// The times of one structured calendar, in a time zone. A local time that a change of clocks leaves out never comes. Of one that comes twice the reference
/// has both, or in zones east of Greenwich the second; so have we.
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
    }

    /// <summary>Whether the calendar has this time, which is of whole seconds.</summary>
    public bool Matches(DateTimeOffset time)
    {
        var local = Local(time);
        return HasYear(local.Year) && Has(months, local.Month) && HasDay(local) && Has(hours, local.Hour) && Has(minutes, local.Minute) && Has(seconds, local.Second);
    }

    /// <summary>The first time after another; null when there is none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset time)
    {
        if (seconds == 0 || minutes == 0 || hours == 0 || days == 0 || months == 0 || weekdays == 0)
        {
            return null;
        }

        var local = Local(time);
        var candidate = new Candidate(
            new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, local.Second), IsSecond: Local(time.AddHours(-1)).Hour == local.Hour);
        candidate = Later(candidate, candidate.Time.AddSeconds(1));
        while (candidate.Time.Year <= CalendarField.Year.Largest)
        {
            var at = candidate.Time;
            if (!HasYear(at.Year))
            {
                candidate = new Candidate(new DateTime(at.Year + 1, 1, 1));
            }
            else if (!Has(months, at.Month))
            {
                candidate = new Candidate(new DateTime(at.Year, at.Month, 1).AddMonths(1));
            }
            else if (!HasDay(at))
            {
                candidate = new Candidate(at.Date.AddDays(1));
            }
            else if (!Has(hours, at.Hour))
            {
                candidate = new Candidate(at.Date.AddHours(at.Hour + 1));
            }
            else if (!Has(minutes, at.Minute))
            {
                candidate = Later(candidate, at.AddSeconds(-at.Second).AddMinutes(1));
            }
            else if (!Has(seconds, at.Second))
            {
                candidate = Later(candidate, at.AddSeconds(1));
            }
            else if (InstantOf(at) is var found && Local(found).Hour != at.Hour)
            {
                candidate = candidate with { Time = at.Date.AddHours(at.Hour + 1) };
            }
            else
            {
                return candidate.IsSecond ? found.AddHours(1) : found;
            }
        }

        return null;
    }

    /// <summary>A local time that is looked at.</summary>
    /// <param name="IsSecond">Whether its hour comes for the second time.</param>
    private readonly record struct Candidate(DateTime Time, bool IsSecond = false);

    /// <summary>
    /// Goes on by seconds or minutes. Where that leads into the next hour, and an hour more lies between the two than the clock shows, the old hour is gone
    /// through once more.
    /// </summary>
    private Candidate Later(Candidate earlier, DateTime to)
    {
        if (to.Hour == earlier.Time.Hour)
        {
            return earlier with { Time = to };
        }

        var hour = earlier.Time.Date.AddHours(earlier.Time.Hour);
        return !earlier.IsSecond && InstantOf(to) - InstantOf(hour) > TimeSpan.FromHours(1) ? new Candidate(hour, IsSecond: true) : new Candidate(to);
    }

    private DateTime Local(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, zone).DateTime;

    /// <summary>
    /// The instant of a local time, by the offset that the zone has at the instant of the same digits in UTC; where that doesn't hold at the instant that it
    /// leads to, by the one that holds there.
    /// </summary>
    private DateTimeOffset InstantOf(DateTime local)
    {
        var digits = new DateTimeOffset(local, TimeSpan.Zero);
        return digits - zone.GetUtcOffset(digits - zone.GetUtcOffset(digits));
    }

    private bool HasYear(int year) => years is null || years.Contains(year);

    private bool HasDay(DateTime time) => Has(days, time.Day) && Has(weekdays, (int)time.DayOfWeek);

    private static bool Has(ulong bits, int value) => (bits & (1UL << value)) != 0;

    private static ulong Bits(RepeatedField<Range> ranges) => ranges.SelectMany(Values).Where(value => value < 64).Aggregate(0UL, (bits, value) => bits | (1UL << value));

    /// <summary>Of excluded calendars, which may hold anything, those that some field can have.</summary>
    private static IEnumerable<int> Values(Range range)
    {
        long step = Math.Max(1, range.Step);
        long end = Math.Min(Math.Max(range.Start, range.End), CalendarField.Year.Largest);
        var start = range.Start >= 0 ? range.Start : range.Start + ((step - 1 - range.Start) / step * step);
        for (var value = start; value <= end; value += step)
        {
            yield return (int)value;
        }
    }
}
