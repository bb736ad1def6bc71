using Microsoft.Extensions.Time.Testing;
using Onramp.EmbeddedServer.Timers;

namespace Onramp.EmbeddedServer.Tests.Timers;

public sealed class SkippingTimeProviderTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider real = new();
    private readonly SkippingTimeProvider time;
    private readonly DateTimeOffset start;
    private readonly List<string> fired = [];

    public SkippingTimeProviderTests()
    {
        time = new SkippingTimeProvider(real);
        start = time.GetUtcNow();
    }

    [Fact]
    public void Time_is_real_time_plus_what_was_skipped()
    {
        time.Skip(Hour);
        real.Advance(TimeSpan.FromSeconds(5));
        time.Skip(Hour);

        (time.GetUtcNow() - start).ShouldBe((Hour * 2) + TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void What_is_measured_has_what_was_skipped_in_it()
    {
        var began = time.GetTimestamp();

        time.Skip(TimeSpan.FromDays(30));

        time.GetElapsedTime(began).ShouldBe(TimeSpan.FromDays(30));
    }

    [Fact]
    public void Timers_fire_in_the_order_in_which_they_are_due()
    {
        Timer("third", Hour * 3);
        Timer("first", Hour);
        Timer("second", Hour * 2);
        Timer("never", Hour * 4);

        time.Skip(Hour * 3);

        fired.ShouldBe(["first", "second", "third"]);
    }

    [Fact]
    public void Timers_fire_at_the_real_pace_too()
    {
        Timer("one", Hour);

        real.Advance(Hour);

        fired.ShouldBe(["one"]);
    }

    [Fact]
    public void After_a_skip_timers_are_due_in_what_is_left()
    {
        Timer("one", Hour);

        time.Skip(Hour / 2);
        real.Advance(Hour / 2);

        fired.ShouldBe(["one"]);
    }

    [Fact]
    public void No_timer_fires_early()
    {
        Timer("one", Hour);

        time.Skip(Hour - TimeSpan.FromTicks(1));

        fired.ShouldBeEmpty();
    }

    [Fact]
    public void A_timer_of_years_is_kept()
    {
        Timer("one", TimeSpan.FromDays(3650));

        time.Skip(TimeSpan.FromDays(3650));

        fired.ShouldBe(["one"]);
    }

    [Fact]
    public void A_periodic_timer_that_is_skipped_over_fires_once_and_goes_on()
    {
        Timer("tick", Hour, period: Hour);

        time.Skip(Hour * 10);
        time.Skip(Hour);

        fired.ShouldBe(["tick", "tick"]);
    }

    [Fact]
    public void A_timer_that_was_set_anew_forgets_its_first_time()
    {
        var timer = Timer("one", Hour);
        timer.Change(Hour * 5, Timeout.InfiniteTimeSpan);

        time.Skip(Hour * 4);

        fired.ShouldBeEmpty();
    }

    [Fact]
    public void A_timer_that_was_disposed_of_does_not_fire()
    {
        Timer("one", Hour).Dispose();

        time.Skip(Hour);

        fired.ShouldBeEmpty();
    }

    [Fact]
    public void A_timer_that_was_disposed_of_takes_no_new_time()
    {
        var timer = Timer("one", Hour);
        timer.Dispose();

        timer.Change(Hour, Timeout.InfiniteTimeSpan).ShouldBeFalse();
    }

    [Fact]
    public void What_a_timer_sets_for_now_fires_in_the_same_skip()
    {
        using var second = time.CreateTimer(_ => fired.Add("second"), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var first = time.CreateTimer(_ => second.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan), state: null, Hour, Timeout.InfiniteTimeSpan);

        time.Skip(Hour);

        fired.ShouldBe(["second"]);
    }

    [Fact]
    public void A_callback_that_throws_does_not_end_the_others()
    {
        using var broken = time.CreateTimer(_ => throw new InvalidOperationException("broken"), state: null, Hour, Timeout.InfiniteTimeSpan);
        Timer("sound", Hour * 2);
        Should.Throw<InvalidOperationException>(() => time.Skip(Hour));

        time.Skip(Hour);

        fired.ShouldBe(["sound"]);
    }

    [Fact]
    public void Skipping_to_a_time_that_has_passed_changes_nothing()
    {
        time.Skip(Hour);

        time.SkipTo(start);

        time.Skipped.ShouldBe(Hour);
    }

    [Fact]
    public void Time_does_not_go_back() => Should.Throw<ArgumentOutOfRangeException>(() => time.Skip(TimeSpan.FromTicks(-1)));

    private ITimer Timer(string name, TimeSpan due, TimeSpan? period = null) =>
        time.CreateTimer(_ => fired.Add(name), state: null, due, period ?? Timeout.InfiniteTimeSpan);
}
