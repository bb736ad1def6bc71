using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Query.V1;

namespace Onramp.EmbeddedServer.Tests.Matching;

public sealed class TaskQueueManagerTests : IDisposable
{
    private const string Namespace = "ns";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly QueueKey Normal = new(Namespace, "q", TaskKind.Workflow);
    private static readonly QueueKey Sticky = new(Namespace, "worker-sticky", TaskKind.Workflow);
    private static readonly QueueKey Activities = new(Namespace, "q", TaskKind.Activity);

    private readonly ManualClock clock = new();
    private readonly TaskQueueManager matching;

    public TaskQueueManagerTests() => matching = new TaskQueueManager(new MatchingOptions(), clock, clock);

    public void Dispose() => matching.Dispose();

    [Fact]
    public async Task A_backlog_is_first_in_first_out()
    {
        matching.Add(Workflow("a"));
        matching.Add(Workflow("b"));
        matching.Add(Workflow("c"));

        (await TakeAll(Normal, 3)).ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task Smaller_priority_keys_go_first_and_keys_out_of_range_count_as_the_nearest()
    {
        matching.Add(Workflow("five", priority: 5));
        matching.Add(Workflow("none", priority: 3));
        matching.Add(Workflow("huge", priority: 99));
        matching.Add(Workflow("one", priority: 1));
        matching.Add(Workflow("three", priority: 3));

        (await TakeAll(Normal, 5)).ShouldBe(["one", "none", "three", "five", "huge"]);
    }

    [Fact]
    public async Task A_parked_poll_gets_a_task_at_once()
    {
        var poll = Poll(Normal);
        poll.IsCompleted.ShouldBeFalse();

        matching.Add(Workflow("a"));

        (await poll)!.Task!.Key.WorkflowId.ShouldBe("a");
    }

    [Fact]
    public async Task Parked_polls_are_served_in_the_order_they_came()
    {
        var first = Poll(Normal);
        var second = Poll(Normal);

        matching.Add(Workflow("a"));
        matching.Add(Workflow("b"));

        (await first)!.Task!.Key.WorkflowId.ShouldBe("a");
        (await second)!.Task!.Key.WorkflowId.ShouldBe("b");
    }

    [Fact]
    public async Task A_poll_ends_with_nothing_when_its_time_is_up()
    {
        var poll = Poll(Normal, wait: Minute);

        clock.Advance(Minute);

        (await poll).ShouldBeNull();
    }

    [Fact]
    public async Task A_task_that_comes_after_a_poll_ended_waits_for_the_next()
    {
        var poll = Poll(Normal, wait: Minute);
        clock.Advance(Minute);
        await poll;

        matching.Add(Workflow("a"));

        (await TakeAll(Normal, 1)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_cancelled_poll_takes_no_task_with_it()
    {
        using var gone = new CancellationTokenSource();
        var poll = Poll(Normal, cancellationToken: gone.Token);

        await gone.CancelAsync();
        matching.Add(Workflow("a"));

        await Should.ThrowAsync<OperationCanceledException>(() => poll);
        (await TakeAll(Normal, 1)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_task_given_to_a_poll_whose_caller_goes_at_the_same_time_is_put_back_in_front()
    {
        using var gone = new CancellationTokenSource();
        var poll = Poll(Normal, cancellationToken: gone.Token);
        matching.Add(Workflow("a"));
        matching.Add(Workflow("b"));
        await gone.CancelAsync();

        // Whichever came first, both tasks are given out, in order, and none twice.
        var taken = new List<string>();
        try
        {
            taken.Add((await poll)!.Task!.Key.WorkflowId);
        }
        catch (OperationCanceledException)
        {
        }

        taken.AddRange(await TakeAll(Normal, 2 - taken.Count));
        taken.ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task No_task_is_lost_or_doubled_when_polls_end_while_tasks_arrive()
    {
        const int count = 500;
        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var done = new CancellationTokenSource();
        var pollers = Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            while (!done.IsCancellationRequested)
            {
                using var gone = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(1, 4)));
                using var either = CancellationTokenSource.CreateLinkedTokenSource(gone.Token, done.Token);
                try
                {
                    if (await Poll(Normal, cancellationToken: either.Token) is { } matched)
                    {
                        seen.Add(matched.Task!.Key.WorkflowId);
                        if (seen.Count == count)
                        {
                            await done.CancelAsync();
                        }
                    }
                }
                catch (OperationCanceledException)
                {
                }
            }
        })).ToArray();

        for (var i = 0; i < count; i++)
        {
            matching.Add(Workflow($"w{i}"));
            if (i % 16 == 0)
            {
                await Task.Yield();
            }
        }

        await Task.WhenAll(pollers).WaitAsync(TimeSpan.FromSeconds(30));
        seen.Distinct().Count().ShouldBe(count);
        seen.Count.ShouldBe(count);
    }

    [Fact]
    public async Task A_returned_task_goes_in_front()
    {
        matching.Add(Workflow("a"));
        matching.Add(Workflow("b"));
        var first = await Poll(Normal);

        matching.Return(first!);

        (await TakeAll(Normal, 2)).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task Kinds_and_names_are_queues_of_their_own()
    {
        matching.Add(Workflow("w"));
        matching.Add(Activity("a"));

        (await TakeAll(Activities, 1)).ShouldBe(["a"]);
        (await TakeAll(Normal, 1)).ShouldBe(["w"]);
    }

    [Fact]
    public async Task A_sticky_task_goes_to_its_normal_queue_when_nobody_polled_the_sticky_one_lately()
    {
        matching.Add(Workflow("a", queue: Sticky.Name, normal: Normal.Name));

        (await TakeAll(Normal, 1)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_sticky_task_waits_for_a_worker_that_polled_within_ten_seconds()
    {
        await EmptyPoll(Sticky);
        clock.Advance(TimeSpan.FromSeconds(9));

        matching.Add(Workflow("a", queue: Sticky.Name, normal: Normal.Name));

        matching.Describe(Sticky).Stats.ApproximateBacklogCount.ShouldBe(1);
        (await TakeAll(Sticky, 1)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Ten_seconds_after_its_last_poll_a_sticky_queue_is_not_served()
    {
        await EmptyPoll(Sticky);
        matching.HasRecentPoller(Sticky).ShouldBeTrue();

        clock.Advance(TimeSpan.FromSeconds(11));

        matching.HasRecentPoller(Sticky).ShouldBeFalse();
    }

    [Fact]
    public void A_parked_poll_counts_as_recent_however_long_it_waits()
    {
        _ = Poll(Sticky, wait: Minute);
        clock.Advance(TimeSpan.FromSeconds(50));

        matching.HasRecentPoller(Sticky).ShouldBeTrue();
    }

    [Fact]
    public async Task A_worker_that_is_shut_down_gives_its_sticky_tasks_back_and_its_polls_end()
    {
        await EmptyPoll(Sticky);
        matching.Add(Workflow("a", queue: Sticky.Name, normal: Normal.Name));
        var parked = matching.PollAsync(Activities, new PollerIdentity("me", "instance", null), Minute, CancellationToken.None);
        var other = matching.PollAsync(Activities, new PollerIdentity("you", "other instance", null), Minute, CancellationToken.None);

        matching.ForgetWorker(Namespace, Sticky.Name, "instance");

        (await parked).ShouldBeNull();
        other.IsCompleted.ShouldBeFalse();
        (await TakeAll(Normal, 1)).ShouldBe(["a"]);
        matching.HasRecentPoller(Sticky).ShouldBeFalse();
    }

    [Fact]
    public async Task A_poll_that_arrives_after_its_worker_was_shut_down_ends_at_once()
    {
        matching.ForgetWorker(Namespace, stickyQueue: null, "instance");

        (await matching.PollAsync(Activities, new PollerIdentity("me", "instance", null), Minute, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Queries_go_before_tasks()
    {
        matching.Add(Workflow("a"));
        matching.Add(Query("q", Normal.Name));

        (await Poll(Normal))!.Query!.QueryId.ShouldBe("q");
    }

    [Fact]
    public async Task A_query_on_a_sticky_queue_that_nobody_takes_moves_to_the_normal_one()
    {
        await EmptyPoll(Sticky);
        matching.Add(Query("q", Sticky.Name, Normal.Name));
        var poll = Poll(Normal, wait: Minute);
        poll.IsCompleted.ShouldBeFalse();

        clock.Advance(TimeSpan.FromSeconds(10));

        (await poll)!.Query!.QueryId.ShouldBe("q");
    }

    [Fact]
    public async Task A_rate_limit_of_the_poller_spaces_activity_tasks()
    {
        var poller = new PollerIdentity("me", null, MaxTasksPerSecond: 1);
        matching.Add(Activity("a"));
        matching.Add(Activity("b"));
        var first = await matching.PollAsync(Activities, poller, Minute, CancellationToken.None);
        var second = matching.PollAsync(Activities, poller, Minute, CancellationToken.None);
        first.ShouldNotBeNull();
        second.IsCompleted.ShouldBeFalse();

        clock.Advance(TimeSpan.FromSeconds(1.1));

        (await second)!.Task!.Key.WorkflowId.ShouldBe("b");
    }

    [Fact]
    public async Task A_clock_that_was_set_back_does_not_hold_up_what_a_rate_limit_spaces()
    {
        var poller = new PollerIdentity("me", null, MaxTasksPerSecond: 1);
        matching.Add(Activity("a"));
        matching.Add(Activity("b"));
        await matching.PollAsync(Activities, poller, Minute, CancellationToken.None);
        var second = matching.PollAsync(Activities, poller, Minute, CancellationToken.None);

        clock.SetClock(-TimeSpan.FromHours(1));
        clock.Advance(TimeSpan.FromSeconds(3));

        (await second.WaitAsync(TimeSpan.FromSeconds(30)))!.Task!.Key.WorkflowId.ShouldBe("b");
    }

    [Fact]
    public async Task A_clock_that_was_set_forward_takes_no_query_from_its_asker()
    {
        matching.Add(Query("q", Normal.Name));

        clock.SetClock(TimeSpan.FromHours(1));
        matching.Add(Workflow("a"));

        (await Poll(Normal))!.Query!.QueryId.ShouldBe("q");
    }

    [Fact]
    public async Task A_limit_of_zero_holds_everything_until_it_is_lifted()
    {
        matching.SetRateLimit(Activities, 0);
        matching.Add(Activity("a"));
        var poll = Poll(Activities, wait: Minute);
        clock.Advance(TimeSpan.FromSeconds(30));
        poll.IsCompleted.ShouldBeFalse();

        matching.SetRateLimit(Activities, perSecond: null);

        (await poll)!.Task!.Key.WorkflowId.ShouldBe("a");
    }

    [Fact]
    public async Task For_half_a_minute_a_description_tells_that_a_limit_held_something_back()
    {
        matching.SetRateLimit(Activities, 0);
        matching.Add(Activity("a"));
        await EmptyPoll(Activities, "me");

        var (_, total, byPriority) = matching.DescribeByPriority(Activities);

        total.RateLimitingActive.ShouldBeTrue();
        byPriority.Values.ShouldAllBe(stats => stats.RateLimitingActive);
        clock.Advance(TimeSpan.FromSeconds(31));
        matching.Describe(Activities).Stats.RateLimitingActive.ShouldBeFalse();
    }

    [Fact]
    public void A_limit_that_holds_nothing_back_is_not_active()
    {
        matching.SetRateLimit(Activities, 0);
        matching.Add(Activity("a"));

        matching.Describe(Activities).Stats.RateLimitingActive.ShouldBeFalse("nobody has asked for it");
    }

    [Fact]
    public async Task Descriptions_tell_pollers_of_five_minutes_and_the_backlog_by_priority()
    {
        await EmptyPoll(Normal, "early");
        clock.Advance(TimeSpan.FromMinutes(4));
        await EmptyPoll(Normal, "late");
        matching.Add(Workflow("a", priority: 1));
        matching.Add(Workflow("b"));
        matching.Add(Workflow("c"));
        clock.Advance(TimeSpan.FromSeconds(90));

        var (pollers, total, byPriority) = matching.DescribeByPriority(Normal);

        pollers.Select(p => p.Identity).ShouldBe(["late"]);
        total.ApproximateBacklogCount.ShouldBe(3);
        byPriority.ToDictionary(p => p.Key, p => p.Value.ApproximateBacklogCount).ShouldBe(new Dictionary<int, long> { [1] = 1, [3] = 2 }, ignoreOrder: true);
        total.ApproximateBacklogAge.ToTimeSpan().ShouldBeGreaterThan(TimeSpan.FromSeconds(80));
    }

    [Fact]
    public async Task Closing_ends_parked_polls_and_later_ones_at_once()
    {
        var parked = Poll(Normal);

        matching.Close();

        (await parked).ShouldBeNull();
        (await Poll(Normal)).ShouldBeNull();
    }

    [Fact]
    public async Task What_comes_or_comes_back_after_it_was_disposed_of_holds_nobody_up()
    {
        matching.Add(Workflow("a"));
        var taken = await Poll(Normal);

        matching.Dispose();

        await Task.Run(() =>
        {
            matching.Return(taken!);
            matching.Add(Workflow("b"));
            matching.Add(Query("q", Normal.Name));
        }).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_namespace_that_is_gone_takes_its_tasks_with_it()
    {
        matching.Add(Workflow("a"));

        matching.ForgetNamespace(Namespace);

        matching.Describe(Normal).Stats.ApproximateBacklogCount.ShouldBe(0);
        await EmptyPoll(Normal);
    }

    [Fact]
    public async Task A_queue_that_nobody_used_for_long_is_dropped_and_works_when_it_is_used_again()
    {
        await EmptyPoll(Normal);
        clock.Advance(TimeSpan.FromMinutes(10));
        await EmptyPoll(Activities);

        matching.Add(Workflow("a"));

        (await TakeAll(Normal, 1)).ShouldBe(["a"]);
    }

    private static QueuedTask Workflow(string id, int priority = 3, string queue = "q", string? normal = null) =>
        new(new ExecutionKey(Namespace, id, "run"), new TaskDispatch(TaskKind.Workflow, queue, normal, 2, 1, priority, new ManualClock().GetUtcNow()));

    private static QueuedTask Activity(string id) =>
        new(new ExecutionKey(Namespace, id, "run"), new TaskDispatch(TaskKind.Activity, "q", null, 5, 1, 3, new ManualClock().GetUtcNow()));

    private static QueryTask Query(string id, string queue, string? normal = null) =>
        new(new ExecutionKey(Namespace, "w", "run"), id, new WorkflowQuery { QueryType = "state" }, queue, normal);

    private Task<MatchedTask?> Poll(QueueKey queue, TimeSpan? wait = null, CancellationToken cancellationToken = default) =>
        matching.PollAsync(queue, new PollerIdentity("me", null, null), wait ?? Minute, cancellationToken);

    private async Task<List<string>> TakeAll(QueueKey queue, int count)
    {
        var taken = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var matched = await Poll(queue).WaitAsync(TimeSpan.FromMinutes(2));
            taken.Add(matched!.Task!.Key.WorkflowId);
        }

        return taken;
    }

    private async Task EmptyPoll(QueueKey queue, string identity = "me")
    {
        var poll = matching.PollAsync(queue, new PollerIdentity(identity, null, null), TimeSpan.FromTicks(1), CancellationToken.None);
        clock.Advance(TimeSpan.FromTicks(1));
        (await poll).ShouldBeNull();
    }
}
