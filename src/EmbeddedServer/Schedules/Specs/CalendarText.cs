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

    /// <exception cref="InvalidSpecException">Some fields can't be read; it tells which.</exception>
    public static StructuredCalendarSpec Parse(CalendarSpec calendar)
    {
        var parsed = new StructuredCalendarSpec { Comment = calendar.Comment };
        var faults = new List<string>();
        foreach (var field in CalendarField.AsRead)
        {
            try
            {
                field.Ranges(parsed).Add(ParseField(field, field.Text(calendar)));
            }
            catch (InvalidSpecException fault)
            {
                faults.Add(fault.Message);
            }
        }

        return faults.Count == 0 ? parsed : throw new InvalidSpecException(string.Join(", ", faults));
    }

    /// <summary>Five fields (minute to day of week), six (and the year) or seven (and seconds before).</summary>
    /// <exception cref="InvalidSpecException">It is none, or some field can't be read.</exception>
    public static StructuredCalendarSpec ParseCron(string fields, string comment)
    {
        var parts = fields.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string[] all = parts.Length switch
        {
            5 => ["", .. parts, ""],
            6 => ["", .. parts],
            7 => parts,
            _ => throw new InvalidSpecException("CronString does not have 5-7 fields"),
        };
        return Parse(new CalendarSpec
        {
            Second = all[0], Minute = all[1], Hour = all[2], DayOfMonth = all[3], Month = all[4], DayOfWeek = all[5], Year = all[6], Comment = comment,
        });
    }

    private static IReadOnlyList<Range> ParseField(CalendarField field, string written)
    {
        var text = written.Trim();
        text = text.Length == 0 ? field.Default : text;

        // All years are no ranges: every year there will ever be.
        return text == CalendarField.Any && field == CalendarField.Year ? [] : [.. text.Split(',').SelectMany(part => ParsePart(field, part))];
    }

    private static IEnumerable<Range> ParsePart(CalendarField field, string part)
    {
        var slash = part.Split('/');
        if (slash.Length > 2)
        {
            throw new InvalidSpecException($"{field.Name} has too many slashes");
        }

        var step = slash.Length == 2 ? ParseStep(field, slash[1]) : 1;
        var (start, end) = ParseEnds(field, slash[0], isOpen: slash.Length == 2);
        return field == CalendarField.DayOfWeek ? WithoutSeven(start, end, step) : [new Range { Start = start, End = end, Step = step }];
    }

    private static int ParseStep(CalendarField field, string text)
    {
        if (text.Length == 0)
        {
            throw new InvalidSpecException($"{field.Name} missing step value");
        }

        if (!TryParse(text, out var step))
        {
            throw new InvalidSpecException($"strconv.Atoi: parsing \"{text}\": invalid syntax");
        }

        return step >= 1 ? step : throw new InvalidSpecException($"{field.Name} has invalid Step");
    }

    /// <param name="isOpen">Whether a single value is only where it begins.</param>
    private static (int Start, int End) ParseEnds(CalendarField field, string text, bool isOpen)
    {
        if (text == CalendarField.Any)
        {
            return (field.Smallest, field.Largest);
        }

        var ends = text.Split('-');
        var range = $"in range [{field.Smallest}-{field.Largest}]";
        if (ends.Length > 2)
        {
            throw new InvalidSpecException($"{field.Name} has too many dashes");
        }

        if (ends.Length == 1)
        {
            var single = ParseValue(field, text, field.Smallest) ?? throw new InvalidSpecException($"{field.Name} is not {range}");
            return (single, isOpen ? field.Largest : single);
        }

        var start = ParseValue(field, ends[0], field.Smallest) ?? throw new InvalidSpecException($"{field.Name} Start is not {range}");
        return (start, ParseValue(field, ends[1], start) ?? throw new InvalidSpecException($"{field.Name} End is before Start or not {range}"));
    }

    /// <summary>The seventh day of the week is the zeroth. From Monday to the seventh is without it, as the reference has it.</summary>
    private static IEnumerable<Range> WithoutSeven(int start, int end, int step)
    {
        const int sunday = 7;
        if (end == sunday && (end - start) % step == 0 && (step > 1 || start > 1))
        {
            yield return new Range { Start = 0, End = 0, Step = 1 };
        }

        if (start < sunday)
        {
            yield return new Range { Start = start, End = Math.Min(end, sunday - 1), Step = step };
        }
    }

    /// <summary>A number, or the beginning of a name; null for anything else, and for what is out of range.</summary>
    private static int? ParseValue(CalendarField field, string text, int smallest)
    {
        var named = text.Length >= field.LettersOfName ? field.Names.ToList().FindIndex(name => name.StartsWith(text, StringComparison.OrdinalIgnoreCase)) : -1;
        var value = named >= 0 ? named + field.FirstNamed : TryParse(text, out var number) ? number : -1;
        return value >= smallest && value <= field.Largest ? value : null;
    }

    private static bool TryParse(string text, out int number) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
