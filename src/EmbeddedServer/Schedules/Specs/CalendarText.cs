using System.Globalization;
using Temporalio.Api.Schedule.V1;
using Range = Temporalio.Api.Schedule.V1.Range;

namespace Onramp.EmbeddedServer.Schedules.Specs;

/// <summary>
/// Calendars as people write them. All fields of a calendar must match, the days of the month and of the week among them: unlike in the cron
/// schedule of a single workflow, where either of the two suffices.
/// </summary>
internal static class CalendarText
{
    public const int MaximumCommentCharacters = 200;

    /// <exception cref="InvalidSpecException">Some field can't be read.</exception>
    public static StructuredCalendarSpec Parse(CalendarSpec calendar)
    {
        var parsed = new StructuredCalendarSpec { Comment = calendar.Comment };
        foreach (var field in CalendarField.All)
        {
            field.Ranges(parsed).Add(ParseField(field, field.Text(calendar)));
        }

        return parsed;
    }

    /// <summary>Five fields (minute to day of week), six (and the year) or seven (and seconds before).</summary>
    /// <exception cref="InvalidSpecException">It is none, or some field can't be read.</exception>
    public static StructuredCalendarSpec ParseCron(string fields, string comment)
    {
        var parts = fields.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string[] all = parts.Length switch
        {
            5 => ["0", .. parts, CalendarField.Any],
            6 => ["0", .. parts],
            7 => parts,
            _ => throw new InvalidSpecException("CronString does not have 5-7 fields"),
        };
        var parsed = new StructuredCalendarSpec { Comment = comment };
        for (var index = 0; index < all.Length; index++)
        {
            var field = CalendarField.All[index];
            field.Ranges(parsed).Add(ParseField(field, all[index]));
        }

        return parsed;
    }

    private static IEnumerable<Range> ParseField(CalendarField field, string written)
    {
        var text = written.Trim();
        text = text.Length == 0 ? field.Default : text;

        // All years are no ranges: every year there will ever be.
        return text == CalendarField.Any && field == CalendarField.Year ? [] : text.Split(',').SelectMany(part => ParsePart(field, part.Trim()));
    }

    private static IEnumerable<Range> ParsePart(CalendarField field, string part)
    {
        var step = 1;
        var slash = part.Split('/');
        if (slash.Length > 2)
        {
            throw new InvalidSpecException($"{field.Name} has too many slashes");
        }

        if (slash.Length == 2 && (!int.TryParse(slash[1], NumberStyles.None, CultureInfo.InvariantCulture, out step) || step < 1))
        {
            throw new InvalidSpecException($"{field.Name} has invalid Step");
        }

        var ends = slash[0].Split('-');
        if (ends.Length > 2)
        {
            throw new InvalidSpecException($"{field.Name} has too many dashes");
        }

        if (slash[0] is CalendarField.Any or "?")
        {
            return [new Range { Start = field.Smallest, End = field.LargestOfAny, Step = step }];
        }

        var start = ParseValue(field, ends[0]);
        var end = ends.Length == 2 ? ParseValue(field, ends[1]) : slash.Length == 2 ? field.LargestOfAny : start;
        if (end < start)
        {
            throw new InvalidSpecException($"{field.Name} End is before Start");
        }

        return field == CalendarField.DayOfWeek ? WithoutSeven(start, end, step) : [new Range { Start = start, End = end, Step = step }];
    }

    /// <summary>The seventh day of the week is the zeroth.</summary>
    private static IEnumerable<Range> WithoutSeven(int start, int end, int step)
    {
        const int sunday = 7;
        if (end == sunday && (end - start) % step == 0)
        {
            yield return new Range { Start = 0, End = 0, Step = 1 };
        }

        if (start < sunday)
        {
            yield return new Range { Start = start, End = Math.Min(end, sunday - 1), Step = step };
        }
    }

    private static int ParseValue(CalendarField field, string written)
    {
        var text = written.Trim();
        const int abbreviation = 3;
        for (var i = 0; i < field.Names.Count; i++)
        {
            if (text.Length >= abbreviation && field.Names[i].StartsWith(text, StringComparison.OrdinalIgnoreCase))
            {
                return i + field.FirstNamed;
            }
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= field.Smallest && value <= field.Largest
            ? value
            : throw field.OutOfRange();
    }
}
