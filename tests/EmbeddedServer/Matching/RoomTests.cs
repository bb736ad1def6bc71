using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Query.V1;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Matching;

/// <summary>What all task queues together hold in memory, and what becomes of the rest.</summary>
public sealed class RoomTests : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ManualClock clock = new();
    private readonly SqliteStore store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = SqliteStoreOptions.InMemory });
    private readonly HashSet<string> started = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await store.DisposeAsync();

    [Fact]
    public async Task All_queues_together_hold_so_many_tasks_and_lose_none()
    {
        const int queues = 10;
        const int tasksOfEach = 10;
        using var matching = New(new MatchingOptions { MaximumTasks = 20, LeastShare = 2, RefillRuns = 7 });
        for (var task = 0; task < tasksOfEach; task++)
        {
            for (var queue = 0; queue < queues; queue++)
            {
                await AddAsync(matching, $"q{queue}", $"q{queue}-{task}");
            }
        }

        matching.HeldTasks.ShouldBeInRange(20, 20 + (queues * 2));
        for (var queue = 0; queue < queues; queue++)
        {
            (await TakeAsync(matching, $"q{queue}", tasksOfEach)).ShouldBe(Enumerable.Range(0, tasksOfEach).Select(task => $"q{queue}-{task}"), ignoreOrder: true);
        }
    }

    [Fact]
    public async Task What_is_taken_makes_room_for_others()
    {
        using var matching = New(new MatchingOptions { MaximumTasks = 20 });
        await AddAsync(matching, "q", "a");
        await AddAsync(matching, "q", "b");

        await TakeAsync(matching, "q", 1);

        matching.HeldTasks.ShouldBe(1);
    }

    [Fact]
    public async Task Queues_that_nobody_polls_make_room_for_others_and_their_tasks_wait_for_whoever_polls_them()
    {
        const int queues = 20;
        using var matching = New(new MatchingOptions { MaximumQueues = 5 });
        for (var queue = 0; queue < queues; queue++)
        {
            await AddAsync(matching, $"q{queue}", $"q{queue}-a");
            await AddAsync(matching, $"q{queue}", $"q{queue}-b");
        }

        matching.QueueCount.ShouldBeLessThanOrEqualTo(5);
        for (var queue = 0; queue < queues; queue++)
        {
            (await TakeAsync(matching, $"q{queue}", 2)).ShouldBe([$"q{queue}-a", $"q{queue}-b"], ignoreOrder: true);
            clock.Advance(Minute);
        }
    }

    [Fact]
    public async Task A_task_for_whose_queue_there_is_no_room_comes_to_the_poll_that_is_made_when_there_is()
    {
        using var matching = New(new MatchingOptions { MaximumQueues = 1 });
        using var enough = new CancellationTokenSource();
        var parked = Poll(matching, "busy", enough.Token);
        await AddAsync(matching, "other", "a");
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => parked);
        clock.Advance(Minute);

        (await TakeAsync(matching, "other", 1)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Where_all_queues_are_polled_the_poll_of_one_more_is_refused()
    {
        using var matching = New(new MatchingOptions { MaximumQueues = 3 });
        var polls = Enumerable.Range(0, 3).Select(queue => Poll(matching, $"q{queue}")).ToArray();

        var refusal = await Should.ThrowAsync<RefusalException>(() => Poll(matching, "one more").WaitAsync(TimeSpan.FromSeconds(30)));

        refusal.Kind.ShouldBe(RefusalKind.ResourceExhausted);
        refusal.Detail.ShouldBeOfType<ResourceExhaustedFailure>();
        polls.ShouldAllBe(poll => !poll.IsCompleted);
        matching.Close();
        await Task.WhenAll(polls);
    }

    [Fact]
    public async Task Nobody_gets_a_query_whose_asker_has_gone()
    {
        using var matching = New(new MatchingOptions());
        var gone = Query("gone");
        var there = Query("there");
        matching.Add(gone);
        matching.Add(there);

        matching.Withdraw(gone);

        (await Poll(matching, "q").WaitAsync(Minute))!.Query.ShouldBe(there);
    }

    [Fact]
    public async Task A_query_that_comes_back_after_its_asker_has_gone_stays_away()
    {
        using var matching = New(new MatchingOptions());
        matching.Add(Query("gone"));
        var taken = await Poll(matching, "q");
        matching.Withdraw(taken!.Query!);

        matching.Return(taken);

        var poll = Poll(matching, "q");
        poll.IsCompleted.ShouldBeFalse();
        matching.Close();
        (await poll).ShouldBeNull();
    }

    [Fact]
    public async Task A_query_that_has_moved_on_from_a_sticky_queue_is_withdrawn_too()
    {
        using var matching = New(new MatchingOptions());
        var sticky = new QueueKey(Namespace, "sticky", TaskKind.Workflow);
        var seen = matching.PollAsync(sticky, new PollerIdentity("me", null, null), TimeSpan.FromTicks(1), CancellationToken.None);
        clock.Advance(TimeSpan.FromTicks(1));
        await seen;
        var query = new QueryTask(Key(), "moved", new WorkflowQuery(), "sticky", "q");
        matching.Add(query);
        clock.Advance(query.StickyWait);

        matching.Withdraw(query);

        var poll = Poll(matching, "q");
        poll.IsCompleted.ShouldBeFalse();
        matching.Close();
        (await poll).ShouldBeNull();
    }

    [Fact]
    public async Task Of_workers_that_were_shut_down_so_many_are_remembered()
    {
        using var matching = New(new MatchingOptions { MaximumShutDownWorkers = 2 });
        matching.ForgetWorker(Namespace, null, "a");
        matching.ForgetWorker(Namespace, null, "b");
        matching.ForgetWorker(Namespace, null, "c");

        (await PollOf(matching, "a").WaitAsync(Minute)).ShouldBeNull();
        var poll = PollOf(matching, "c");
        poll.IsCompleted.ShouldBeFalse();
        clock.Advance(Minute);
        await poll;

        matching.ForgetWorker(Namespace, null, "d");
        (await PollOf(matching, "d").WaitAsync(Minute)).ShouldBeNull();
    }

    [Fact]
    public async Task A_queue_remembers_so_many_pollers()
    {
        using var matching = New(new MatchingOptions());
        for (var poller = 0; poller <= PollerHistory.MaximumPollers; poller++)
        {
            var poll = matching.PollAsync(new QueueKey(Namespace, "q", TaskKind.Workflow), new PollerIdentity($"worker-{poller}", null, null), TimeSpan.FromTicks(1), CancellationToken.None);
            clock.Advance(TimeSpan.FromTicks(1));
            await poll;
        }

        matching.Describe(new QueueKey(Namespace, "q", TaskKind.Workflow)).Pollers.Count.ShouldBe(PollerHistory.MaximumPollers);
    }

    private static QueryTask Query(string id) => new(Key(), id, new WorkflowQuery { QueryType = "state" }, "q", null);

    private static Task<MatchedTask?> Poll(TaskQueueManager matching, string queue, CancellationToken cancellationToken = default) =>
        matching.PollAsync(new QueueKey(Namespace, queue, TaskKind.Workflow), new PollerIdentity("me", null, null), Minute, cancellationToken);

    private static Task<MatchedTask?> PollOf(TaskQueueManager matching, string worker) =>
        matching.PollAsync(new QueueKey(Namespace, "q", TaskKind.Workflow), new PollerIdentity("me", worker, null), Minute, CancellationToken.None);

    private TaskQueueManager New(MatchingOptions options) => new(options, clock, clock) { Store = store };

    /// <summary>Commits a run with a workflow task, and offers the task.</summary>
    private async Task AddAsync(TaskQueueManager matching, string queue, string id)
    {
        var dispatch = Dispatch(TaskKind.Workflow, queue);
        await store.CommitAsync([Storage.StoreRows.New(Key(id, id)) with { WorkflowTask = dispatch }]);
        matching.Add(new QueuedTask(Key(id, id), dispatch));
    }

    /// <summary>Polls so many tasks and starts them, which takes them out of the store.</summary>
    private async Task<IReadOnlyList<string>> TakeAsync(TaskQueueManager matching, string queue, int count)
    {
        List<string> taken = [];
        while (taken.Count < count)
        {
            var key = (await Poll(matching, queue).WaitAsync(Minute))!.Task!.Key;
            if (started.Add(key.WorkflowId))
            {
                taken.Add(key.WorkflowId);
                await store.CommitAsync([Change(key)]);
            }
        }

        return taken;
    }
}
