using Google.Protobuf.Collections;
using Temporalio.Api.Schedule.V1;
using Range = Temporalio.Api.Schedule.V1.Range;

namespace Onramp.EmbeddedServer.Schedules.Specs;

/// <summary>One field of a calendar: what it may hold, how it is written, and where it stands.</summary>
/// <param name="Largest">The greatest value that can be written; a Sunday is also 7.</param>
/// <param name="Default">What an empty text means.</param>
/// <param name="Names">Names of values, the first for <paramref name="FirstNamed"/>; their first letters do.</param>
internal sealed record CalendarField(
    string Name, int Smallest, int Largest, string Default, Func<CalendarSpec, string> Text, Func<StructuredCalendarSpec, RepeatedField<Range>> Ranges,
    IReadOnlyList<string> Names, int FirstNamed = 0)
{
    public const string Any = "*";

    public static readonly CalendarField Second = new("Second", 0, 59, "0", c => c.Second, c => c.Second, []);
    public static readonly CalendarField Minute = new("Minute", 0, 59, "0", c => c.Minute, c => c.Minute, []);
    public static readonly CalendarField Hour = new("Hour", 0, 23, "0", c => c.Hour, c => c.Hour, []);
    public static readonly CalendarField DayOfMonth = new("DayOfMonth", 1, 31, Any, c => c.DayOfMonth, c => c.DayOfMonth, []);
    public static readonly CalendarField Month = new("Month", 1, 12, Any, c => c.Month, c => c.Month,
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"], FirstNamed: 1);
    public static readonly CalendarField Year = new("Year", 2000, 2100, Any, c => c.Year, c => c.Year, []);
    public static readonly CalendarField DayOfWeek = new("DayOfWeek", 0, 7, Any, c => c.DayOfWeek, c => c.DayOfWeek,
        ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]);

    /// <summary>In the order of a cron string of seven fields.</summary>
    public static IReadOnlyList<CalendarField> All { get; } = [Second, Minute, Hour, DayOfMonth, Month, DayOfWeek, Year];

    /// <summary>In the order in which faults of a calendar's texts are told.</summary>
    public static IReadOnlyList<CalendarField> AsRead { get; } = [Second, Minute, Hour, DayOfWeek, DayOfMonth, Month, Year];

    /// <summary>In the order in which faults of a structured calendar are told.</summary>
    public static IReadOnlyList<CalendarField> AsChecked { get; } = [Second, Minute, Hour, DayOfMonth, Month, Year, DayOfWeek];

    /// <summary>The greatest value of a structured calendar.</summary>
    public int LargestStructured => this == DayOfWeek ? 6 : Largest;

    /// <summary>How many letters of a name do.</summary>
    public int LettersOfName => this == DayOfWeek ? 2 : 3;
}
