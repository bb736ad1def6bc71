using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Schedules.Specs;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Schedule.V1;

namespace Onramp.EmbeddedServer.Tests.Schedules;

/// <summary>Which times a spec has, and in which form it is kept.</summary>
public sealed class SpecTests
{
    [Theory]
    [InlineData("0 12 * * MON-FRI", "2026-03-02T12:00 2026-03-03T12:00 2026-03-04T12:00")]
    [InlineData("*/20 8 * * *", "2026-03-02T08:00 2026-03-02T08:20 2026-03-02T08:40")]
    [InlineData("30 5/9 1 * *", "2026-03-01T14:30 2026-03-01T23:30 2026-04-01T05:30")]
    [InlineData("0 0 13 * fri", "2026-03-13T00:00 2026-11-13T00:00 2027-08-13T00:00")]
    [InlineData("0 0 * * 7", "2026-03-08T00:00 2026-03-15T00:00 2026-03-22T00:00")]
    [InlineData("0 0 29 2 * 2030-2040", "2032-02-29T00:00 2036-02-29T00:00 2040-02-29T00:00")]
    [InlineData("0 0 30 2 *", "")]
    [InlineData("@monthly # the first", "2026-04-01T00:00 2026-05-01T00:00 2026-06-01T00:00")]
    [InlineData("@every 6h/1h", "2026-03-01T13:00 2026-03-01T19:00 2026-03-02T01:00")]
    [InlineData("CRON_TZ=Europe/Berlin 0 9 * * *", "2026-03-02T08:00 2026-03-03T08:00 2026-03-04T08:00")]
    public void A_cron_string_means_these_times(string cron, string times) => Times(new ScheduleSpec { CronString = { cron } }).ShouldBe(times);

    [Fact]
    public void A_cron_string_is_kept_as_a_calendar() => SpecCanon.Of(new ScheduleSpec { CronString = { "CRON_TZ=Europe/Berlin 0 9 * * * # in the morning" } }).ToString().ShouldBe(
        SpecCanon.Of(new ScheduleSpec { Calendar = { new CalendarSpec { Hour = "9", Comment = "in the morning" } }, TimezoneName = "Europe/Berlin" }).ToString());

    [Fact]
    public void An_hour_that_clocks_leave_out_has_no_times() => Times(
        new ScheduleSpec { Calendar = { new CalendarSpec { Hour = "2", Minute = "30" } }, TimezoneName = "Europe/Berlin" }, "2026-03-28T12:00:00Z", 2)
        .ShouldBe("2026-03-30T00:30 2026-03-31T00:30");

    [Theory]
    [InlineData("America/New_York", "1", "2026-10-31T12:00:00Z", "2026-11-01T05:30 2026-11-01T06:30 2026-11-02T06:30")]
    [InlineData("Europe/Berlin", "2", "2026-10-24T12:00:00Z", "2026-10-25T01:30 2026-10-26T01:30 2026-10-27T01:30")]
    public void An_hour_that_comes_twice_counts_twice_west_of_Greenwich_and_the_second_time_east_of_it(string zone, string hour, string after, string times) =>
        Times(new ScheduleSpec { Calendar = { new CalendarSpec { Hour = hour, Minute = "30" } }, TimezoneName = zone }, after).ShouldBe(times);

    [Theory]
    [InlineData("7", "0")]
    [InlineData("*", "0-6")]
    [InlineData("0-7", "0-6")]
    [InlineData("1-7", "1-6")]
    [InlineData("3-7", "0 3-6")]
    [InlineData("5/1", "0 5-6")]
    [InlineData("1-7/2", "0 1-6/2")]
    [InlineData("fr-su", null)]
    [InlineData("we-thurs", "3-4")]
    public void Days_of_the_week_are_kept_as_these_ranges(string written, string? ranges)
    {
        string Parsed() => string.Join(' ', SpecCanon.Of(new ScheduleSpec { Calendar = { new CalendarSpec { DayOfWeek = written } } }).StructuredCalendar.Single().DayOfWeek
            .Select(range => (range.End > range.Start ? $"{range.Start}-{range.End}" : $"{range.Start}") + (range.Step > 1 ? $"/{range.Step}" : "")));

        if (ranges is null)
        {
            Should.Throw<InvalidSpecException>(Parsed).Message.ShouldBe("DayOfWeek End is before Start or not in range [0-7]");
        }
        else
        {
            Parsed().ShouldBe(ranges);
        }
    }

    [Theory]
    [InlineData(5, -1, "interval is not a valid duration: proto:\u00a0duration (seconds:5  nanos:-1) has seconds and nanos with different signs")]
    [InlineData(400_000_000_000, 0, "interval is not a valid duration: proto:\u00a0duration (seconds:400000000000) exceeds +10000 years")]
    [InlineData(0, 5, "interval is too small")]
    [InlineData(5, 1_000_000_000, "interval is not a valid duration: proto:\u00a0duration (seconds:5  nanos:1000000000) has out-of-range nanos")]
    public void An_interval_is_a_duration_of_a_second_at_least(long seconds, int nanos, string message)
    {
        var spec = new ScheduleSpec { Interval = { new IntervalSpec { Interval = new() { Seconds = seconds, Nanos = nanos } } } };

        Should.Throw<InvalidSpecException>(() => SpecCanon.Of(spec)).Message.ShouldBe(message);
    }

    [Fact]
    public void Excluded_times_are_left_out() => Times(new ScheduleSpec
    {
        Interval = { new IntervalSpec { Interval = Commands.Seconds(6 * 3600) } },
        ExcludeStructuredCalendar = { CalendarText.Parse(new CalendarSpec { Hour = "18" }) },
    }).ShouldBe("2026-03-02T00:00 2026-03-02T06:00 2026-03-02T12:00");

    [Fact]
    public void Start_and_end_are_included() => Times(new ScheduleSpec
    {
        Interval = { new IntervalSpec { Interval = Commands.Seconds(3600) } },
        StartTime = Timestamp.FromDateTime(new DateTime(2026, 4, 1, 0, 0, 0, DateTimeKind.Utc)),
        EndTime = Timestamp.FromDateTime(new DateTime(2026, 4, 1, 1, 0, 0, DateTimeKind.Utc)),
    }).ShouldBe("2026-04-01T00:00 2026-04-01T01:00");

    [Fact]
    public void A_start_within_a_second_includes_that_second() => Times(new ScheduleSpec
    {
        Interval = { new IntervalSpec { Interval = Commands.Seconds(3600) } },
        StartTime = new Timestamp { Seconds = new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds(), Nanos = 500_000_000 },
    }).ShouldBe("2026-04-01T00:00 2026-04-01T01:00 2026-04-01T02:00");

    [Fact]
    public void No_time_is_later_than_the_last_year_of_calendars() =>
        Times(new ScheduleSpec { Interval = { new IntervalSpec { Interval = Commands.Seconds(9_300_000_000) } } }).ShouldBe("");

    [Fact]
    public void Without_a_start_no_time_is_before_1970() =>
        Times(new ScheduleSpec { Interval = { new IntervalSpec { Interval = Commands.Seconds(3600) } } }, "1969-12-31T20:00:00Z").ShouldBe("1970-01-01T01:00 1970-01-01T02:00 1970-01-01T03:00");

    [Fact]
    public void Jitter_is_the_same_each_time_and_differs_between_schedules()
    {
        var spec = SpecCanon.Of(new ScheduleSpec { Interval = { new IntervalSpec { Interval = Commands.Seconds(3600) } }, Jitter = Commands.Seconds(600) });
        var one = DueTimes(spec, "one");

        one.ShouldBe(DueTimes(spec, "one"));
        one.ShouldNotBe(DueTimes(spec, "two"));
        one.ShouldAllBe(time => time.Due - time.Nominal >= TimeSpan.Zero && time.Due - time.Nominal <= TimeSpan.FromMinutes(10));
    }

    [Theory]
    [InlineData("* * *", "CronString does not have 5-7 fields")]
    [InlineData("61 * * * *", "Minute is not in range [0-59]")]
    [InlineData("* * * * someday", "DayOfWeek is not in range [0-7]")]
    [InlineData("1/2/3 * * * *", "Minute has too many slashes")]
    [InlineData("*/0 * * * *", "Minute has invalid Step")]
    [InlineData("61 25 ? * *", "Minute is not in range [0-59], Hour is not in range [0-23], DayOfMonth is not in range [1-31]")]
    [InlineData("1/ * * * *", "Minute missing step value")]
    [InlineData("1/x * * * *", "strconv.Atoi: parsing \"x\": invalid syntax")]
    [InlineData("60-1 * * * *", "Minute Start is not in range [0-59]")]
    [InlineData("5-1 * * * *", "Minute End is before Start or not in range [0-59]")]
    [InlineData("@every", "CronString does not have interval after @every")]
    [InlineData("@every x", "time: invalid duration \"x\"")]
    [InlineData("@every  5h", "time: invalid duration \" 5h\"")]
    [InlineData("@every 1w", "time: unknown unit \"w\" in duration \"1w\"")]
    [InlineData("@every 5", "time: missing unit in duration \"5\"")]
    [InlineData("@every -1h", "interval is too small")]
    [InlineData("CRON_TZ=utc * * * * *", "unknown time zone utc")]
    [InlineData("CRON_TZ=../UTC * * * * *", "time: invalid location name")]
    [InlineData("@Daily", "CronString does not have 5-7 fields")]
    [InlineData("TZ=UTC", "CronString has time zone but missing fields")]
    [InlineData("CRON_TZ=Nowhere/Atlantis * * * * *", "unknown time zone Nowhere/Atlantis")]
    public void What_makes_no_sense_is_refused(string cron, string message) =>
        Should.Throw<InvalidSpecException>(() => SpecCanon.Of(new ScheduleSpec { CronString = { cron } })).Message.ShouldBe(message);

    [Theory]
    [InlineData("CRON_TZ=Europe/Berlin 0 0 * * *", "0 1 * * *", "")]
    [InlineData("CRON_TZ=Europe/Berlin 0 0 * * *", "CRON_TZ=UTC 0 1 * * *", "")]
    [InlineData("CRON_TZ=Europe/Berlin 0 0 * * *", "CRON_TZ=Europe/Berlin 0 1 * * *", "UTC")]
    public void Cron_strings_agree_on_the_time_zone_and_so_does_the_spec(string one, string other, string zone) =>
        Should.Throw<InvalidSpecException>(() => SpecCanon.Of(new ScheduleSpec { CronString = { one, other }, TimezoneName = zone })).Message.ShouldBe("conflicting timezone names");

    [Fact]
    public void All_that_is_wrong_with_a_calendar_is_told_of_those_that_are_not_excluded()
    {
        var wrong = new StructuredCalendarSpec
        {
            Hour = { new Temporalio.Api.Schedule.V1.Range { Start = 24, End = 3, Step = -1 } }, DayOfWeek = { new Temporalio.Api.Schedule.V1.Range { Start = 7 } },
        };

        Should.NotThrow(() => SpecCanon.Of(new ScheduleSpec { ExcludeStructuredCalendar = { wrong }, Jitter = Commands.Seconds(-1) }));
        Should.Throw<InvalidSpecException>(() => SpecCanon.Of(new ScheduleSpec { StructuredCalendar = { wrong } })).Message.ShouldBe(
            "invalid calendar spec: Hour Start is not in range [0-23], Hour End is before Start or not in range [0-23], Hour has invalid Step, "
            + "DayOfWeek Start is not in range [0-6]");
    }

    private static List<ScheduleTime> DueTimes(ScheduleSpec spec, string seed) => [.. new CompiledSpec(spec, seed).After(DateTimeOffset.UnixEpoch).Take(20)];

    private static string Times(ScheduleSpec spec, string after = "2026-03-01T12:00:00Z", int count = 3) => string.Join(' ', new CompiledSpec(SpecCanon.Of(spec), "seed")
        .After(DateTimeOffset.Parse(after, CultureInfo.InvariantCulture)).Take(count)
        .Select(time => time.Nominal.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture)));
}
