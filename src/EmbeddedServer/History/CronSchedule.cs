namespace Onramp.EmbeddedServer.History;

/// <summary>
/// When a workflow with a cron schedule runs: five fields (minute, hour, day of month, month, day of week), a descriptor such as
/// <c>@hourly</c>, or <c>@every 90s</c>; optionally after <c>CRON_TZ=Area/City</c>. Without a zone, in UTC.
/// </summary>
public sealed class CronSchedule
{
    /// <summary>A schedule that has no match within this many years has none.</summary>
    private const int SearchYears = 5;

    private static readonly Dictionary<string, string> Descriptors = new(StringComparer.Ordinal)
    {
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
        ["@monthly"] = "0 0 1 * *",
        ["@weekly"] = "0 0 * * 0",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@hourly"] = "0 * * * *",
    };

    private readonly TimeZoneInfo zone;
    private readonly TimeSpan? every;
    private readonly CronField minute;
    private readonly CronField hour;
    private readonly CronField day;
    private readonly CronField month;
    private readonly CronField weekday;

    private CronSchedule(TimeSpan every)
    {
        this.every = every;
        zone = TimeZoneInfo.Utc;
    }

    private CronSchedule(TimeZoneInfo zone, CronField minute, CronField hour, CronField day, CronField month, CronField weekday)
    {
        this.zone = zone;
        this.minute = minute;
        this.hour = hour;
        this.day = day;
        this.month = month;
        this.weekday = weekday;
    }

    /// <summary>Why the expression can't be a workflow's, or null. The empty one is none, and can.</summary>
    public static string? Fault(string expression, DateTimeOffset now)
    {
        if (expression.Length == 0)
        {
            return null;
        }

        return TryParse(expression) is not { } schedule ? "invalid CronSchedule."
            : schedule.NextAfter(now) is null ? "invalid CronSchedule, no time can be found to satisfy the schedule"
            : null;
    }

    /// <summary>The schedule, or null when the expression is none.</summary>
    public static CronSchedule? TryParse(string expression)
    {
        var text = expression;
        var zone = TimeZoneInfo.Utc;
        if (text.StartsWith("CRON_TZ=", StringComparison.Ordinal) || text.StartsWith("TZ=", StringComparison.Ordinal))
        {
            var end = text.IndexOf(' ', StringComparison.Ordinal);
            var name = end < 0 ? string.Empty : text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..end];
            if (name.Length == 0 || !TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone!))
            {
                return null;
            }

            text = text[end..].Trim();
        }

        if (text.StartsWith("@every ", StringComparison.Ordinal))
        {
            // Whole seconds, and at least one: also for nothing, and for less than nothing.
            return GoDuration.TryParse(text["@every ".Length..]) is { } interval ? new CronSchedule(TimeSpan.FromSeconds(Math.Max(1, Math.Floor(interval.TotalSeconds)))) : null;
        }

        if (Descriptors.TryGetValue(text, out var fields))
        {
            text = fields;
        }

        var parts = text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 5
            && CronField.TryParse(parts[0], CronField.Kind.Minute, out var minute)
            && CronField.TryParse(parts[1], CronField.Kind.Hour, out var hour)
            && CronField.TryParse(parts[2], CronField.Kind.DayOfMonth, out var day)
            && CronField.TryParse(parts[3], CronField.Kind.Month, out var month)
            && CronField.TryParse(parts[4], CronField.Kind.DayOfWeek, out var weekday)
                ? new CronSchedule(zone, minute, hour, day, month, weekday)
                : null;
    }

    /// <summary>The first match after the given time, or null when there is none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset time)
    {
        if (every is { } interval)
        {
            return time + interval - TimeSpan.FromTicks(time.Ticks % TimeSpan.TicksPerSecond);
        }

        var local = TimeZoneInfo.ConvertTime(time, zone).DateTime;
        var candidate = new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, 0).AddMinutes(1);
        var end = candidate.AddYears(SearchYears);
        while (candidate < end)
        {
            if (!month.Matches(candidate.Month))
            {
                candidate = new DateTime(candidate.Year, candidate.Month, 1).AddMonths(1);
            }
            else if (!DayMatches(candidate))
            {
                candidate = candidate.Date.AddDays(1);
            }
            else if (!hour.Matches(candidate.Hour))
            {
                candidate = candidate.Date.AddHours(candidate.Hour + 1);
            }
            else if (!minute.Matches(candidate.Minute) || zone.IsInvalidTime(candidate))
            {
                candidate = candidate.AddMinutes(1);
            }
            else
            {
                var found = new DateTimeOffset(candidate, zone.GetUtcOffset(candidate)).ToUniversalTime();
                if (found > time)
                {
                    return found;
                }

                candidate = candidate.AddMinutes(1);
            }
        }

        return null;
    }

    /// <summary>When both day fields are restricted, either one suffices.</summary>
    private bool DayMatches(DateTime date)
    {
        var dayMatches = day.Matches(date.Day);
        var weekdayMatches = weekday.Matches((int)date.DayOfWeek);
        return day.IsAny || weekday.IsAny ? dayMatches && weekdayMatches : dayMatches || weekdayMatches;
    }
}
