using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Tests.Storage;
using Onramp.EmbeddedServer.Visibility;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Matching;

/// <summary>Task queues that hold few tasks and leave the rest in the store.</summary>
public sealed class OverflowTests : IAsyncLifetime
{
    private const int Held = 3;
    private static readonly QueueKey Normal = new(Namespace, "q", TaskKind.Workflow);
    private static readonly QueueKey Sticky = new(Namespace, "worker-sticky", TaskKind.Workflow);

    private readonly ManualClock clock = new();
    private readonly SqliteStore store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = SqliteStoreOptions.InMemory });
    private readonly TaskQueueManager matching;

    /// <summary>A task may be offered again after it was started, if it was just being read from the store; starting it would be refused.</summary>
    private readonly HashSet<string> started = [];

    public OverflowTests() => matching = new TaskQueueManager(new MatchingOptions { MaximumBacklog = Held, RefillRuns = 2 }, clock, clock) { Store = store };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        matching.Dispose();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Tasks_that_a_queue_has_no_room_for_come_in_their_turn()
    {
        var ids = await AddAsync(10);

        (await TakeAsync(10)).ShouldBe(ids);
    }

    [Fact]
    public async Task Tasks_that_come_while_others_stay_in_the_store_do_not_overtake_them()
    {
        var early = await AddAsync(6);
        var first = await TakeAsync(2);
        var late = await AddAsync(3, "late");

        first.Concat(await TakeAsync(7)).ShouldBe(early.Concat(late));
    }

    [Fact]
    public async Task What_is_urgent_does()
    {
        await AddAsync(6);
        await AddAsync(1, "urgent", Dispatch(TaskKind.Workflow, Normal.Name) with { Priority = 1 });

        (await TakeAsync(1)).ShouldBe(["urgent-0"]);
    }

    [Fact]
    public async Task Tasks_come_in_the_order_in_which_they_were_added_and_not_in_that_of_their_runs()
    {
        var keys = Enumerable.Range(0, 12).Select(i => Key($"run-{i}", $"run-{i}")).ToArray();
        await store.CommitAsync([.. keys.Select(key => New(key))]);
        foreach (var (key, i) in keys.Reverse().Select((key, i) => (key, i)))
        {
            await ScheduleAsync(key, Dispatch(TaskKind.Workflow, Normal.Name, secondsAfterNoon: i));
        }

        (await TakeAsync(12)).ShouldBe(keys.Reverse().Select(key => key.WorkflowId));
    }

    [Fact]
    public async Task What_can_wait_does_not_keep_others_in_the_store()
    {
        await AddAsync(Held + 3, "low", Dispatch(TaskKind.Workflow, Normal.Name) with { Priority = 5 });
        await AddAsync(Held + 3, "usual");

        (await TakeAsync(Held + 3)).ShouldAllBe(id => id.StartsWith("usual"));
    }

    [Fact]
    public async Task A_description_counts_what_stays_in_the_store_by_priority()
    {
        await AddAsync(Held + 3, "low", Dispatch(TaskKind.Workflow, Normal.Name) with { Priority = 5 });
        await AddAsync(Held + 1, "usual");

        matching.DescribeByPriority(Normal).ByPriority.ToDictionary(stats => stats.Key, stats => stats.Value.ApproximateBacklogCount)
            .ShouldBe(new Dictionary<int, long> { [3] = Held + 1, [5] = Held + 3 }, ignoreOrder: true);
    }

    [Fact]
    public async Task Activities_come_back_from_the_store_too()
    {
        for (var i = 0; i < 8; i++)
        {
            var dispatch = Dispatch(TaskKind.Activity, Normal.Name, i);
            await store.CommitAsync([New(Key($"run-{i}", $"run-{i}")) with { UpsertedPending = [Pending(PendingKind.Activity, "5", dispatch)] }]);
            matching.Add(new QueuedTask(Key($"run-{i}", $"run-{i}"), dispatch));
        }

        (await TakeAsync(8, Normal with { Kind = TaskKind.Activity })).ShouldBe(Enumerable.Range(0, 8).Select(i => $"run-{i}"));
    }

    [Fact]
    public async Task A_description_counts_them_all_and_none_that_are_gone()
    {
        await AddAsync(10);
        var before = matching.Describe(Normal).Stats.ApproximateBacklogCount;
        await TakeAsync(10);
        await PollInVainAsync(Normal);

        before.ShouldBe(10);
        matching.Describe(Normal).Stats.ApproximateBacklogCount.ShouldBe(0);
    }

    [Fact]
    public async Task A_sticky_queue_that_nobody_polls_any_more_gives_up_all_its_tasks()
    {
        await PollInVainAsync(Sticky);
        await AddAsync(5, "left", Dispatch(TaskKind.Workflow, Sticky.Name, normalQueue: Normal.Name));

        clock.Advance(TimeSpan.FromMinutes(6));

        (await TakeAsync(5)).ShouldBe(Enumerable.Range(0, 5).Select(i => $"left-{i}"));
        matching.HasRecentPoller(Sticky).ShouldBeFalse();
    }

    private async Task ScheduleAsync(ExecutionKey key, TaskDispatch dispatch)
    {
        await store.CommitAsync([Change(key) with { WorkflowTask = dispatch }]);
        matching.Add(new QueuedTask(key, dispatch));
    }

    /// <summary>Commits runs with a workflow task each, and offers the tasks.</summary>
    private async Task<string[]> AddAsync(int count, string name = "run", TaskDispatch? dispatch = null)
    {
        dispatch ??= Dispatch(TaskKind.Workflow, Normal.Name);
        var keys = Enumerable.Range(0, count).Select(i => Key($"{name}-{i}", $"{name}-{i}")).ToArray();
        foreach (var key in keys)
        {
            await store.CommitAsync([New(key) with { WorkflowTask = dispatch }]);
            matching.Add(new QueuedTask(key, dispatch));
        }

        return [.. keys.Select(key => key.WorkflowId)];
    }

    /// <summary>Polls so many tasks and starts them, which takes them out of the store.</summary>
    private async Task<IReadOnlyList<string>> TakeAsync(int count, QueueKey? queue = null)
    {
        List<string> taken = [];
        while (taken.Count < count)
        {
            var matched = await matching.PollAsync(queue ?? Normal, new PollerIdentity("worker", null, null), TimeSpan.FromMinutes(1), CancellationToken.None);
            var key = matched!.Task!.Key;
            if (started.Add(key.WorkflowId))
            {
                taken.Add(key.WorkflowId);
                await store.CommitAsync([Change(key) with { DeletedPending = [new PendingKey(PendingKind.Activity, "5")] }]);
            }
        }

        return taken;
    }

    /// <summary>Polls until nothing comes.</summary>
    private async Task PollInVainAsync(QueueKey queue)
    {
        MatchedTask? matched;
        do
        {
            var poll = matching.PollAsync(queue, new PollerIdentity("worker", null, null), TimeSpan.FromSeconds(1), CancellationToken.None);
            await matching.LastSearch;
            clock.Advance(TimeSpan.FromSeconds(1));
            matched = await poll;
            (matched is null || started.Contains(matched.Task!.Key.WorkflowId)).ShouldBeTrue();
        }
        while (matched is not null);
    }
}
