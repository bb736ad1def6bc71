using System.Collections.Concurrent;
using System.Globalization;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Tests.Matching;
using Onramp.EmbeddedServer.Timers;

namespace Onramp.EmbeddedServer.Tests.Timers;

public sealed class WakeUpQueueTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly ManualClock clock = new();
    private readonly ConcurrentQueue<ExecutionKey> woken = new();
    private readonly WakeUpQueue queue;
    private Func<ExecutionKey, Task> wake;

    public WakeUpQueueTests()
    {
        wake = key =>
        {
            woken.Enqueue(key);
            return Task.CompletedTask;
        };
        queue = new WakeUpQueue(clock, key => wake(key));
    }

    private DateTimeOffset Now => clock.GetUtcNow();

    public void Dispose() => queue.Dispose();

    [Fact]
    public async Task A_run_is_woken_when_its_time_has_come()
    {
        queue.Set(Key(1), Now + Hour);

        await PassAsync(Hour);

        woken.ShouldBe([Key(1)]);
    }

    [Fact]
    public async Task Nothing_is_woken_early()
    {
        queue.Set(Key(1), Now + Hour);

        await PassAsync(Hour - Second);

        woken.ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_the_last_time_that_a_run_wanted_counts()
    {
        queue.Set(Key(1), Now + Second);
        queue.Set(Key(1), Now + Hour);
        queue.Set(Key(2), Now + Second);
        queue.Set(Key(2), null);

        await PassAsync(Second);

        woken.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_clock_that_was_set_forward_or_a_machine_that_slept_is_noticed_within_half_a_minute()
    {
        queue.Set(Key(1), Now + Hour);
        clock.SetClock(Hour);

        await PassAsync(TimeSpan.FromSeconds(30));

        woken.ShouldBe([Key(1)]);
    }

    [Fact]
    public async Task After_the_clock_was_set_forward_new_times_are_kept_to_the_second()
    {
        queue.Set(Key(1), Now + TimeSpan.FromSeconds(20));
        clock.SetClock(Hour);
        queue.Set(Key(2), Now + Second);

        await PassAsync(Second);

        woken.ShouldContain(Key(2));
    }

    [Fact]
    public async Task A_clock_that_was_set_back_wakes_nothing_early()
    {
        queue.Set(Key(1), Now + TimeSpan.FromSeconds(10));
        clock.SetClock(-Hour);

        await PassAsync(TimeSpan.FromMinutes(50));

        woken.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_clock_that_was_set_back_stalls_nothing()
    {
        queue.Set(Key(1), Now + TimeSpan.FromSeconds(10));
        clock.SetClock(-Hour);

        await PassAsync(Hour + TimeSpan.FromSeconds(10));

        woken.ShouldBe([Key(1)]);
    }

    [Fact]
    public async Task After_the_clock_was_set_back_new_times_are_kept_to_the_second()
    {
        queue.Set(Key(1), Now + TimeSpan.FromSeconds(10));
        clock.SetClock(-Hour);
        queue.Set(Key(2), Now + Second);

        await PassAsync(Second);

        woken.ShouldBe([Key(2)]);
    }

    [Fact]
    public async Task Of_a_crowd_that_is_due_at_once_only_so_many_are_woken_at_the_same_time()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var atWork = 0;
        var most = 0;
        wake = async key =>
        {
            var now = Interlocked.Increment(ref atWork);
            InterlockedMax(ref most, now);
            if (now == WakeUpQueue.MaximumAtWork)
            {
                full.TrySetResult();
            }

            await open.Task;
            woken.Enqueue(key);
            Interlocked.Decrement(ref atWork);
        };
        Crowd(WakeUpQueue.MaximumAtWork * 4);

        clock.Advance(Second);
        await full.Task;
        open.SetResult();
        await queue.WhenIdleAsync();

        most.ShouldBe(WakeUpQueue.MaximumAtWork);
    }

    [Fact]
    public async Task All_of_a_crowd_are_woken_once()
    {
        var crowd = WakeUpQueue.MaximumAtWork * 4;
        Crowd(crowd);

        await PassAsync(Second);

        woken.Order(Comparer<ExecutionKey>.Create((a, b) => string.CompareOrdinal(a.RunId, b.RunId))).ShouldBe(Enumerable.Range(0, crowd).Select(Key));
    }

    [Fact]
    public async Task What_waits_for_its_turn_can_still_be_called_off()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        wake = async key =>
        {
            await open.Task;
            woken.Enqueue(key);
        };
        Crowd(WakeUpQueue.MaximumAtWork);
        queue.Set(Key(WakeUpQueue.MaximumAtWork), Now + (Second * 2));
        clock.Advance(Second * 2);

        queue.Set(Key(WakeUpQueue.MaximumAtWork), null);
        open.SetResult();
        await queue.WhenIdleAsync();

        woken.Count.ShouldBe(WakeUpQueue.MaximumAtWork);
    }

    [Fact]
    public async Task Failures_take_no_turns_away()
    {
        wake = key =>
        {
            woken.Enqueue(key);
            return Task.FromException(new InvalidOperationException("not today"));
        };
        Crowd(WakeUpQueue.MaximumAtWork * 2);

        await PassAsync(Second);

        woken.Count.ShouldBe(WakeUpQueue.MaximumAtWork * 2);
    }

    [Fact]
    public async Task Nothing_is_taken_up_after_it_was_disposed_of()
    {
        queue.Set(Key(1), Now + Second);
        queue.Dispose();

        await PassAsync(Second);

        woken.ShouldBeEmpty();
    }

    private static ExecutionKey Key(int number) => new("ns", "id", number.ToString("D5", CultureInfo.InvariantCulture));

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    private void Crowd(int count)
    {
        for (var i = 0; i < count; i++)
        {
            queue.Set(Key(i), Now + Second);
        }
    }

    private async Task PassAsync(TimeSpan span)
    {
        clock.Advance(span);
        await queue.WhenIdleAsync();
    }
}
