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

    [Fact]
    public void An_hour_that_comes_twice_counts_once() => Times(
        new ScheduleSpec { Calendar = { new CalendarSpec { Hour = "2", Minute = "30" } }, TimezoneName = "Europe/Berlin" }, "2026-10-24T12:00:00Z", 2)
        .ShouldBe("2026-10-25T00:30 2026-10-26T01:30");

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
    [InlineData("CRON_TZ=Nowhere/Atlantis * * * * *", "unknown time zone Nowhere/Atlantis")]
    public void What_makes_no_sense_is_refused(string cron, string message) =>
        Should.Throw<InvalidSpecException>(() => SpecCanon.Of(new ScheduleSpec { CronString = { cron } })).Message.ShouldBe(message);

    private static List<ScheduleTime> DueTimes(ScheduleSpec spec, string seed) => [.. new CompiledSpec(spec, seed).After(DateTimeOffset.UnixEpoch).Take(20)];

    private static string Times(ScheduleSpec spec, string after = "2026-03-01T12:00:00Z", int count = 3) => string.Join(' ', new CompiledSpec(SpecCanon.Of(spec), "seed")
        .After(DateTimeOffset.Parse(after, CultureInfo.InvariantCulture)).Take(count)
        .Select(time => time.Nominal.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture)));
}
