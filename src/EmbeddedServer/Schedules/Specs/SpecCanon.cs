using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.Schedule.V1;
using Range = Temporalio.Api.Schedule.V1.Range;

namespace Onramp.EmbeddedServer.Schedules.Specs;

/// <summary>
/// The one form in which a schedule's times are kept and described: calendars and cron strings become structured calendars (or intervals), every
/// range says its end and its step.
/// </summary>
internal static class SpecCanon
{
    private const string Every = "@every ";

    private static readonly Dictionary<string, string> Descriptors = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
        ["@monthly"] = "0 0 1 * *",
        ["@weekly"] = "0 0 * * 0",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@hourly"] = "0 * * * *",
    };

    /// <exception cref="InvalidSpecException">Some part makes no sense.</exception>
    public static ScheduleSpec Of(ScheduleSpec spec)
    {
        var canon = spec.Clone();
        canon.Calendar.Clear();
        canon.CronString.Clear();
        canon.StructuredCalendar.Add(spec.Calendar.Select(CalendarText.Parse));
        foreach (var cron in spec.CronString)
        {
            AddCron(canon, cron);
        }

#pragma warning disable CS0612 // Clients of old send it.
        canon.ExcludeStructuredCalendar.Add(spec.ExcludeCalendar.Select(CalendarText.Parse));
        canon.ExcludeCalendar.Clear();
#pragma warning restore CS0612
        foreach (var calendar in canon.StructuredCalendar.Concat(canon.ExcludeStructuredCalendar))
        {
            Check(calendar);
        }

        foreach (var interval in canon.Interval)
        {
            Check(interval);
        }

        CheckZone(canon);
        if (canon.Jitter.ToSpan() < TimeSpan.Zero)
        {
            throw new InvalidSpecException("jitter cannot be negative");
        }

        return canon;
    }

    /// <summary>The zone of a spec: the named one, else UTC; null when there is none of that name.</summary>
    public static TimeZoneInfo? FindZone(string name) =>
        name.Length == 0 ? TimeZoneInfo.Utc : TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null;

    private static void AddCron(ScheduleSpec canon, string written)
    {
        var hash = written.IndexOf('#', StringComparison.Ordinal);
        var comment = hash < 0 ? "" : written[(hash + 1)..].Trim();
        var text = (hash < 0 ? written : written[..hash]).Trim();
        if (text.StartsWith("CRON_TZ=", StringComparison.Ordinal) || text.StartsWith("TZ=", StringComparison.Ordinal))
        {
            var end = text.IndexOf(' ', StringComparison.Ordinal);
            var zone = text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..(end < 0 ? text.Length : end)];
            if (canon.TimezoneName.Length > 0 && canon.TimezoneName != zone)
            {
                throw new InvalidSpecException("CronString has conflicting time zones");
            }

            canon.TimezoneName = zone;
            text = end < 0 ? "" : text[end..].Trim();
        }

        if (text.StartsWith(Every, StringComparison.Ordinal))
        {
            canon.Interval.Add(ParseEvery(text[Every.Length..]));
        }
        else
        {
            canon.StructuredCalendar.Add(CalendarText.ParseCron(Descriptors.GetValueOrDefault(text, text), comment));
        }
    }

    /// <summary>An interval, and after a slash its phase.</summary>
    private static IntervalSpec ParseEvery(string text)
    {
        var parts = text.Split('/', 2);
        var spec = new IntervalSpec { Interval = ParseDuration(parts[0]) };
        if (parts.Length == 2)
        {
            spec.Phase = ParseDuration(parts[1]);
        }

        return spec;
    }

    private static Duration ParseDuration(string text) => CronSchedule.TryParseGoDuration(text.Trim()) is { } span
        ? span.ToProto()
        : throw new InvalidSpecException($"CronString has an invalid duration \"{text.Trim()}\"");

    private static void Check(StructuredCalendarSpec calendar)
    {
        foreach (var field in CalendarField.All)
        {
            foreach (var range in field.Ranges(calendar))
            {
                Check(field, range);
            }
        }

        if (calendar.Comment.Length > CalendarText.MaximumCommentCharacters)
        {
            throw new InvalidSpecException("invalid calendar spec: comment is too long");
        }
    }

    private static void Check(CalendarField field, Range range)
    {
        const string where = "invalid calendar spec: ";
        if (range.Start < field.Smallest || range.Start > field.Largest)
        {
            throw new InvalidSpecException(where + field.OutOfRange(" Start").Message);
        }

        if (range.End > field.Largest)
        {
            throw new InvalidSpecException(where + field.OutOfRange(" End").Message);
        }

        if (range.Step < 0)
        {
            throw new InvalidSpecException($"{where}{field.Name} has invalid Step");
        }

        range.End = Math.Max(range.Start, range.End);
        range.Step = Math.Max(1, range.Step);
    }

    private static void Check(IntervalSpec spec)
    {
        var interval = spec.Interval.ToSpan();
        var phase = spec.Phase.ToSpan();
        if (interval < TimeSpan.FromSeconds(1))
        {
            throw new InvalidSpecException("interval is too small");
        }

        if (phase < TimeSpan.Zero)
        {
            throw new InvalidSpecException("phase is negative");
        }

        if (phase >= interval)
        {
            throw new InvalidSpecException("phase cannot be greater than Interval");
        }
    }

    private static void CheckZone(ScheduleSpec spec)
    {
        if (!spec.TimezoneData.IsEmpty)
        {
            throw new InvalidSpecException("time zones by their data are not supported, only by name");
        }

        if (FindZone(spec.TimezoneName) is null)
        {
            throw new InvalidSpecException($"unknown time zone {spec.TimezoneName}");
        }
    }
}
