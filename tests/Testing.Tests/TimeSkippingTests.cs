using Temporalio.Client;
using Temporalio.Worker;

namespace Onramp.Testing.Tests;

public sealed class TimeSkippingTests : IAsyncLifetime
{
    private const string Queue = "skipped";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>What may come on top of skipped time: how long the machine took.</summary>
    private static readonly TimeSpan Allowance = TimeSpan.FromMinutes(5);

    private readonly GatedActivities activities = new();
    private EmbeddedEnvironment environment = null!;

    public async Task InitializeAsync() => environment = await EmbeddedEnvironment.StartAsync();

    public async Task DisposeAsync() => await environment.DisposeAsync();

    [Fact]
    public async Task A_timer_of_thirty_days_is_over_when_they_were_skipped()
    {
        using var worker = Worker();
        await worker.ExecuteAsync(async () =>
        {
            var handle = await StartAsync("month", new Stage(Day * 30));

            await environment.DelayAsync(Day * 30);

            ShouldBeAbout(await handle.GetResultAsync(), Day * 30);
        });
    }

    [Fact]
    public async Task A_run_that_sleeps_again_and_again_does_so_at_the_times_at_which_it_would()
    {
        using var worker = Worker();
        await worker.ExecuteAsync(async () =>
        {
            var handle = await StartAsync("naps", [.. Enumerable.Repeat(new Stage(Day), 10)]);

            await environment.DelayAsync(Day * 11);

            ShouldBeAbout(await handle.GetResultAsync(), [.. Enumerable.Range(1, 10).Select(n => Day * n)]);
        });
    }

    [Fact]
    public async Task Activities_run_at_the_time_at_which_they_are_due()
    {
        activities.Gate.SetResult();
        using var worker = Worker();
        await worker.ExecuteAsync(async () =>
        {
            var handle = await StartAsync("by-turns", new Stage(Hour, nameof(GatedActivities.Gated)), new Stage(Hour, nameof(GatedActivities.Gated)));

            await environment.DelayAsync(Day);

            ShouldBeAbout(await handle.GetResultAsync(), Hour, Hour * 2);
        });
    }

    [Fact]
    public async Task Retries_come_after_their_intervals()
    {
        using var worker = Worker();
        await worker.ExecuteAsync(async () =>
        {
            var handle = await StartAsync("retries", new Stage(Hour, nameof(GatedActivities.FailsTwice), Retry: Hour * 5));

            await environment.DelayAsync(Day);

            ShouldBeAbout(await handle.GetResultAsync(), Hour * 11);
        });
    }

    [Fact]
    public async Task No_time_is_skipped_while_an_activity_is_at_work()
    {
        using var worker = Worker();
        await worker.ExecuteAsync(async () =>
        {
            var handle = await StartAsync("at-work", new Stage(Hour, nameof(GatedActivities.Gated)), new Stage(Hour));
            var skipping = environment.DelayAsync(Day);
            await activities.Begun.Task;

            activities.Gate.SetResult();
            await skipping;

            ShouldBeAbout(await handle.GetResultAsync(), Hour, Hour * 2);
        });
    }

    [Fact]
    public async Task A_clock_that_jumps_times_out_what_is_at_work()
    {
        using var worker = Worker();
        await worker.ExecuteAsync(async () =>
        {
            var handle = await StartAsync("jump", new Stage(TimeSpan.Zero, nameof(GatedActivities.HangsOnce), Limit: Hour));
            await activities.Begun.Task;

            environment.Time.Skip(Hour + TimeSpan.FromSeconds(2));

            ShouldBeAbout(await handle.GetResultAsync(), Hour);
            activities.Gate.SetResult();
        });
    }

    [Fact]
    public async Task Tasks_that_nobody_polls_for_hold_no_time_up()
    {
        var handle = await StartAsync("nobody", new Stage(Hour));

        await environment.DelayAsync(Day);

        (await environment.GetCurrentTimeAsync() - (await handle.DescribeAsync()).StartTime).ShouldBeInRange(Day, Day + Allowance);
    }

    [Fact]
    public async Task A_worker_that_has_gone_holds_no_time_up()
    {
        var handle = await StartAsync("gone", new Stage(Hour));
        using (var first = Worker())
        {
            await first.ExecuteAsync(() => environment.DelayAsync(TimeSpan.FromMinutes(1)));
        }

        await environment.DelayAsync(Day);
        using var second = Worker();
        await second.ExecuteAsync(async () => ShouldBeAbout(await handle.GetResultAsync(), Day));
    }

    [Fact]
    public async Task An_idle_server_skips_at_once()
    {
        var before = await environment.GetCurrentTimeAsync();

        await environment.DelayAsync(Day * 365);

        (await environment.GetCurrentTimeAsync() - before).ShouldBeInRange(Day * 365, (Day * 365) + Allowance);
    }

    [Fact]
    public async Task Skipping_can_be_called_off()
    {
        using var worker = Worker();
        await worker.ExecuteAsync(async () =>
        {
            await StartAsync("called-off", new Stage(Hour, nameof(GatedActivities.Gated)));
            using var off = new CancellationTokenSource();
            var skipping = environment.DelayAsync(Day, off.Token);
            await activities.Begun.Task;

            await off.CancelAsync();

            await Should.ThrowAsync<OperationCanceledException>(() => skipping);
            activities.Gate.SetResult();
        });
    }

    [Fact]
    public async Task A_span_that_is_negative_is_refused() =>
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => environment.DelayAsync(TimeSpan.FromTicks(-1)));

    [Fact]
    public void It_says_that_it_can_skip_time() => environment.SupportsTimeSkipping.ShouldBeTrue();

    [Fact]
    public async Task On_a_time_of_its_own_it_says_that_it_can_not()
    {
        await using var other = await EmbeddedEnvironment.StartAsync(configureServer: options => options.TimeProvider = TimeProvider.System);

        other.SupportsTimeSkipping.ShouldBeFalse();
    }

    private TemporalWorker Worker() => new(
        environment.Client, new TemporalWorkerOptions(Queue).AddWorkflow<SkippedWorkflow>().AddAllActivities(activities));

    private Task<WorkflowHandle<SkippedWorkflow, IReadOnlyList<TimeSpan>>> StartAsync(string id, params Stage[] stages) =>
        environment.Client.StartWorkflowAsync((SkippedWorkflow w) => w.RunAsync(stages), new WorkflowOptions(id, Queue));

    private static void ShouldBeAbout(IReadOnlyList<TimeSpan> times, params TimeSpan[] expected)
    {
        times.Count.ShouldBe(expected.Length);
        foreach (var (time, wanted) in times.Zip(expected))
        {
            time.ShouldBeInRange(wanted, wanted + Allowance);
        }
    }
}
