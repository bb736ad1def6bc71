using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.Schedule.V1;
using Range = Temporalio.Api.Schedule.V1.Range;

namespace Onramp.EmbeddedServer.Schedules.Specs;

/// <summary>
/// The one form in which a schedule's times are kept and described: calendars and cron strings become structured calendars (or intervals), every
/// range says its end and its step.
/// </summary>
internal static partial class SpecCanon
{
    /// <summary>Ten thousand years: protobuf's durations end there.</summary>
    private const long LongestSeconds = 315_576_000_000;

    private const int NanosPerSecond = 1_000_000_000;

    private const string Every = "@every";
    private const string Conflict = "conflicting timezone names";

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

    /// <exception cref="InvalidSpecException">Some part makes no sense.</exception>
    public static ScheduleSpec Of(ScheduleSpec spec)
    {
        var canon = spec.Clone();
        canon.Calendar.Clear();
        canon.CronString.Clear();
        canon.StructuredCalendar.Add(spec.Calendar.Select(CalendarText.Parse));
#pragma warning disable CS0612 // Clients of old send it.
        canon.ExcludeStructuredCalendar.Add(spec.ExcludeCalendar.Select(CalendarText.Parse));
        canon.ExcludeCalendar.Clear();
#pragma warning restore CS0612
        AddCrons(canon, spec.CronString);
        foreach (var calendar in canon.StructuredCalendar)
        {
            Check(calendar);
        }

        foreach (var interval in canon.Interval)
        {
            Check(interval);
        }

        foreach (var range in canon.StructuredCalendar.Concat(canon.ExcludeStructuredCalendar).SelectMany(calendar => CalendarField.All.SelectMany(field => field.Ranges(calendar))))
        {
            range.End = Math.Max(range.Start, range.End);
            range.Step = range.Step == 0 ? 1 : range.Step;
        }

        CheckZone(canon);
        return canon;
    }

    /// <summary>The zone of a spec: the named one, letter by letter, else UTC; null when there is none of that name.</summary>
    public static TimeZoneInfo? FindZone(string name) => name switch
    {
        "" => TimeZoneInfo.Utc,
        "Local" => TimeZoneInfo.Local,
        _ => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId && zone.Id == name ? zone : null,
    };

    /// <summary>They have to agree on a time zone, or on having none; the one that they agree on is the spec's.</summary>
    private static void AddCrons(ScheduleSpec canon, IEnumerable<string> written)
    {
        var zones = written.Select(cron => AddCron(canon, cron)).Distinct().Take(2).ToList();
        if (zones.Count > 1)
        {
            throw new InvalidSpecException(Conflict);
        }

        if (zones is [{ Length: > 0 } zone])
        {
            if ((canon.TimezoneName.Length > 0 && canon.TimezoneName != zone) || !canon.TimezoneData.IsEmpty)
            {
                throw new InvalidSpecException(Conflict);
            }

            canon.TimezoneName = zone;
        }
    }

    /// <returns>The time zone that it names; empty for none.</returns>
    private static string AddCron(ScheduleSpec canon, string written)
    {
        var text = written.Trim();
        var zone = "";
        if (text.StartsWith("TZ=", StringComparison.Ordinal) || text.StartsWith("CRON_TZ=", StringComparison.Ordinal))
        {
            var end = text.IndexOf(' ', StringComparison.Ordinal);
            if (end < 0)
            {
                throw new InvalidSpecException("CronString has time zone but missing fields");
            }

            zone = text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..end];
            text = text[(end + 1)..];
        }

        var hash = text.IndexOf('#', StringComparison.Ordinal);
        var comment = hash < 0 ? "" : text[(hash + 1)..].Trim();
        text = (hash < 0 ? text : text[..hash]).Trim();
        if (text.StartsWith(Every, StringComparison.Ordinal))
        {
            canon.Interval.Add(ParseEvery(text));
            return "";
        }

        canon.StructuredCalendar.Add(CalendarText.ParseCron(Descriptors.GetValueOrDefault(text, text), comment));
        return zone;
    }

    /// <summary>An interval, and after a slash its phase.</summary>
    private static IntervalSpec ParseEvery(string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0)
        {
            throw new InvalidSpecException("CronString does not have interval after @every");
        }

        var parts = text[(space + 1)..].Split('/', 2);
        var spec = new IntervalSpec { Interval = ParseDuration(parts[0]) };
        if (parts is [_, { Length: > 0 } phase])
        {
            spec.Phase = ParseDuration(phase);
        }

        return spec;
    }

    /// <summary>In Go's form, and days besides.</summary>
    private static Duration ParseDuration(string text)
    {
        var inHours = Days().Replace(text, days => string.Create(CultureInfo.InvariantCulture, $"{24 * double.Parse(days.Groups["count"].ValueSpan, CultureInfo.InvariantCulture)}h"));
        try
        {
            return GoDuration.Parse(inHours).ToProto();
        }
        catch (FormatException invalid)
        {
            throw new InvalidSpecException(invalid.Message);
        }
    }

    private static void Check(StructuredCalendarSpec calendar)
    {
        var faults = CalendarField.AsChecked.SelectMany(field => field.Ranges(calendar).SelectMany(range => FaultsOf(field, range)));
        if (calendar.Comment.Length > CalendarText.MaximumCommentCharacters)
        {
            faults = faults.Append("comment is too long");
        }

        if (faults.ToList() is { Count: > 0 } all)
        {
            throw new InvalidSpecException($"invalid calendar spec: {string.Join(", ", all)}");
        }
    }

    private static IEnumerable<string> FaultsOf(CalendarField field, Range range)
    {
        var allowed = $"in range [{field.Smallest}-{field.LargestStructured}]";
        if (range.Start < field.Smallest || range.Start > field.LargestStructured)
        {
            yield return $"{field.Name} Start is not {allowed}";
        }

        if (range.End != 0 && (range.End < range.Start || range.End > field.LargestStructured))
        {
            yield return $"{field.Name} End is before Start or not {allowed}";
        }

        if (range.Step < 0)
        {
            yield return $"{field.Name} has invalid Step";
        }
    }

    [GeneratedRegex(@"(?<count>\d+(\.\d*)?|\.\d+)d", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Days();

    private static void Check(IntervalSpec spec)
    {
        CheckDuration(spec.Interval, "interval");
        CheckDuration(spec.Phase, "phase");
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

    private static void CheckDuration(Duration? duration, string what)
    {
        if (duration is { Seconds: > 0, Nanos: < 0 } or { Seconds: < 0, Nanos: > 0 })
        {
            throw new InvalidSpecException($"{what} is not a valid duration: {GoProtobuf.ErrorPrefix}duration ({Text(duration)}) has seconds and nanos with different signs");
        }

        if (Math.Abs(duration?.Nanos ?? 0) >= NanosPerSecond)
        {
            throw new InvalidSpecException($"{what} is not a valid duration: {GoProtobuf.ErrorPrefix}duration ({Text(duration!)}) has out-of-range nanos");
        }

        if (Math.Abs(duration?.Seconds ?? 0) > LongestSeconds)
        {
            throw new InvalidSpecException($"{what} is not a valid duration: {GoProtobuf.ErrorPrefix}duration ({Text(duration!)}) exceeds {(duration!.Seconds > 0 ? '+' : '-')}10000 years");
        }
    }

    /// <summary>As the reference writes it.</summary>
    private static string Text(Duration duration) =>
        string.Create(CultureInfo.InvariantCulture, $"seconds:{duration.Seconds}{(duration.Nanos == 0 ? "" : $"  nanos:{duration.Nanos}")}");

    private static void CheckZone(ScheduleSpec spec)
    {
        if (!spec.TimezoneData.IsEmpty)
        {
            throw new InvalidSpecException("time zones by their data are not supported, only by name");
        }

        if (spec.TimezoneName.Contains("..", StringComparison.Ordinal) || spec.TimezoneName is ['/' or '\\', ..])
        {
            throw new InvalidSpecException("time: invalid location name");
        }

        if (FindZone(spec.TimezoneName) is null)
        {
            throw new InvalidSpecException($"unknown time zone {spec.TimezoneName}");
        }
    }
}
