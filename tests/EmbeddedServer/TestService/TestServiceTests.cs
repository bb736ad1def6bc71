using System.Diagnostics;
using System.Net;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Timers;
using Temporalio.Api.TestService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.EmbeddedServer.Tests.TestService;

/// <summary>The server's time, steered as test environments of official SDKs do: it begins locked, and skips only while nobody locks it.</summary>
public sealed class TestServiceTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Duration Year = Duration.FromTimeSpan(TimeSpan.FromDays(365));

    private TemporalServer server = null!;
    private TemporalConnection connection = null!;

    private static RpcOptions Limit => new() { Timeout = Patience };

    public async Task InitializeAsync()
    {
        server = await StartAsync(new SkippingTimeProvider());
        connection = await TemporalConnection.ConnectAsync(new TemporalConnectionOptions(server.Address));
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Unlocking_for_a_sleep_skips_exactly_that()
    {
        var before = await NowAsync();

        await connection.TestService.UnlockTimeSkippingWithSleepAsync(new SleepRequest { Duration = Year }, Limit);

        var skipped = await NowAsync() - before;
        skipped.ShouldBeInRange(Year.ToTimeSpan(), Year.ToTimeSpan() + Patience);
    }

    [Fact]
    public async Task A_sleep_under_a_lock_takes_as_long_as_it_says()
    {
        var began = Stopwatch.GetTimestamp();

        await connection.TestService.SleepAsync(new SleepRequest { Duration = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(300)) }, Limit);

        Stopwatch.GetElapsedTime(began).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(290));
    }

    [Fact]
    public async Task A_second_lock_holds_what_an_unlock_would_let_go()
    {
        await connection.TestService.LockTimeSkippingAsync(new LockTimeSkippingRequest(), Limit);
        await connection.TestService.UnlockTimeSkippingAsync(new UnlockTimeSkippingRequest(), Limit);

        var sleep = await Should.ThrowAsync<RpcException>(() =>
            connection.TestService.SleepAsync(new SleepRequest { Duration = Year }, new RpcOptions { Timeout = TimeSpan.FromMilliseconds(500), Retry = false }));

        sleep.Code.ShouldBeOneOf(RpcException.StatusCode.DeadlineExceeded, RpcException.StatusCode.Cancelled);
    }

    [Fact]
    public async Task Whoever_unlocks_side_by_side_counts_for_himself()
    {
        await connection.TestService.UnlockTimeSkippingAsync(new UnlockTimeSkippingRequest(), Limit);
        await connection.TestService.UnlockTimeSkippingAsync(new UnlockTimeSkippingRequest(), Limit);
        await connection.TestService.LockTimeSkippingAsync(new LockTimeSkippingRequest(), Limit);

        await connection.TestService.SleepAsync(new SleepRequest { Duration = Year }, Limit);
    }

    [Fact]
    public async Task Nobody_is_woken_before_his_time()
    {
        var now = await NowAsync();
        var sleeps = new[] { 3, 1, 2 }.Select(async days =>
        {
            await connection.TestService.SleepUntilAsync(new SleepUntilRequest { Timestamp = Timestamp.FromDateTime(now.AddDays(days)) }, Limit);
            return await NowAsync() - now >= TimeSpan.FromDays(days);
        }).ToList();

        await connection.TestService.UnlockTimeSkippingAsync(new UnlockTimeSkippingRequest(), Limit);

        (await Task.WhenAll(sleeps)).ShouldBe([true, true, true]);
    }

    [Fact]
    public async Task Sleeping_until_what_has_passed_returns_at_once()
    {
        await connection.TestService.SleepUntilAsync(new SleepUntilRequest { Timestamp = Timestamp.FromDateTime(DateTime.UnixEpoch) }, Limit);
    }

    [Fact]
    public async Task A_time_that_no_clock_shows_is_refused()
    {
        var refusal = await Should.ThrowAsync<RpcException>(() =>
            connection.TestService.SleepAsync(new SleepRequest { Duration = new Duration { Seconds = 315_576_000_000 } }, Limit));

        (refusal.Code, refusal.Message).ShouldBe((RpcException.StatusCode.InvalidArgument, "Duration is out of range."));
    }

    [Fact]
    public async Task Whoever_stops_sleeping_early_locks_again()
    {
        var time = new SkippingTimeProvider();
        var held = new TimeLock(time);
        using var gone = new CancellationTokenSource();
        var sleep = held.SleepUntilAsync(time.GetUtcNow().AddDays(1), letsGo: true, gone.Token);
        var before = held.IsOpen;

        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => sleep);

        (before, held.IsOpen, held.NextAt).ShouldBe((true, false, null));
    }

    /// <summary>An activity at work holds time; one that sleeps through the test service meanwhile lets go of that.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(5, 2)]
    public async Task Whoever_lets_go_to_sleep_lets_go_of_his_own_work_once_nobody_else_holds_time(int others, int idle)
    {
        var time = new SkippingTimeProvider();
        var held = new TimeLock(time);
        using var gone = new CancellationTokenSource();
        for (var other = 0; other < others; other++)
        {
            held.LetGo();
        }

        Task[] sleeps = [.. Enumerable.Range(0, idle == 2 ? 2 : 1).Select(_ => held.SleepUntilAsync(time.GetUtcNow().AddDays(1), letsGo: true, gone.Token))];

        held.Idle.ShouldBe(idle);

        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => Task.WhenAll(sleeps));
    }

    [Fact]
    public async Task A_server_whose_time_does_not_skip_has_no_test_service()
    {
        await using var real = await StartAsync(TimeProvider.System);
        var other = await TemporalConnection.ConnectAsync(new TemporalConnectionOptions(real.Address));

        var refusal = await Should.ThrowAsync<RpcException>(() => other.TestService.GetCurrentTimeAsync(new Empty(), Limit));

        (refusal.Code, refusal.Message).ShouldBe((RpcException.StatusCode.Unimplemented, "unknown service temporal.api.testservice.v1.TestService"));
    }

    private static Task<TemporalServer> StartAsync(TimeProvider time) =>
        TemporalServer.StartAsync(new TemporalServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), TimeProvider = time });

    private async Task<DateTime> NowAsync() => (await connection.TestService.GetCurrentTimeAsync(new Empty(), Limit)).Time.ToDateTime();
}
