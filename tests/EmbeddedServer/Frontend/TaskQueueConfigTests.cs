using Onramp.EmbeddedServer.Frontend;
using Onramp.EmbeddedServer.Frontend.TaskQueues;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Tests.Storage;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using ManualClock = Onramp.EmbeddedServer.Tests.Matching.ManualClock;

namespace Onramp.EmbeddedServer.Tests.Frontend;

/// <summary>What is configured of task queues: stored, bounded, and taken up at the next start.</summary>
public sealed class TaskQueueConfigTests : IAsyncLifetime
{
    private const int Most = 3;
    private static readonly QueueKey Limited = Key("limited");

    private readonly ManualClock clock = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onramp-configs-");
    private SqliteStore store = null!;
    private TaskQueueManager matching = null!;
    private TaskQueueConfigs configs = null!;

    public Task InitializeAsync()
    {
        store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = Path.Combine(folder.FullName, "store.db") });
        matching = new TaskQueueManager(new MatchingOptions(), clock, clock);
        configs = new TaskQueueConfigs(store, matching, clock, Most);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_configuration_is_there_after_a_restart()
    {
        var request = LimitTo(5, "too many calls");
        request.SetFairnessWeightOverrides["gold"] = 3;
        var before = await configs.UpdateAsync(Limited, request);

        await RestartAsync();

        configs.Find(Limited).ShouldBe(before);
    }

    [Fact]
    public async Task A_limit_counts_after_a_restart()
    {
        await configs.UpdateAsync(Limited, LimitTo(5));

        await RestartAsync();

        matching.RateLimit(Limited).ShouldBe((5, true));
    }

    [Fact]
    public async Task A_limit_that_was_lifted_stays_lifted()
    {
        await configs.UpdateAsync(Limited, LimitTo(5));
        await configs.UpdateAsync(Limited, Lift());

        await RestartAsync();

        matching.RateLimit(Limited).ShouldBe((null, false));
    }

    [Fact]
    public async Task What_the_store_does_not_take_does_not_count()
    {
        await store.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => configs.UpdateAsync(Limited, LimitTo(5)));

        configs.Find(Limited).ShouldBeNull();
        matching.RateLimit(Limited).ShouldBe((null, false));
    }

    [Fact]
    public async Task More_than_are_remembered_are_refused_and_change_nothing()
    {
        await FillAsync();

        var refusal = await Should.ThrowAsync<RefusalException>(() => configs.UpdateAsync(Limited, LimitTo(5)));

        (refusal.Kind, refusal.Message).ShouldBe((
            RefusalKind.ResourceExhausted,
            "the configuration of 3 task queues is remembered, which is the most that a namespace may have: lift the limits and weights of one that needs none"));
        store.ReadTaskQueueConfigs().Count.ShouldBe(Most);
        matching.RateLimit(Limited).ShouldBe((null, false));
    }

    [Fact]
    public async Task Those_that_are_remembered_can_still_be_changed()
    {
        await FillAsync();

        await configs.UpdateAsync(Key("queue-0"), LimitTo(7));

        matching.RateLimit(Key("queue-0")).ShouldBe((7, true));
    }

    [Fact]
    public async Task One_that_sets_nothing_any_more_makes_room()
    {
        await FillAsync();
        await configs.UpdateAsync(Key("queue-1"), Lift());

        await configs.UpdateAsync(Limited, LimitTo(5));

        store.ReadTaskQueueConfigs().Select(row => row.Queue).ShouldBe(["limited", "queue-0", "queue-2"]);
        configs.Find(Key("queue-1")).ShouldBeNull();
    }

    [Fact]
    public async Task Another_namespace_has_room_of_its_own()
    {
        await FillAsync();

        await configs.UpdateAsync(Limited with { NamespaceId = "ns-2" }, LimitTo(5));

        matching.RateLimit(Limited with { NamespaceId = "ns-2" }).ShouldBe((5, true));
    }

    [Fact]
    public async Task A_queue_has_no_more_weights_than_it_may()
    {
        await configs.UpdateAsync(Limited, Weights("a", Limits.FairnessWeightsPerTaskQueue));

        var refusal = await Should.ThrowAsync<RefusalException>(() => configs.UpdateAsync(Limited, Weights("b", 1)));

        (refusal.Kind, refusal.Message).ShouldBe((
            RefusalKind.FailedPrecondition, "fairness weight overrides update rejected: the task queue would have 1001, maximum 1000"));
        configs.Find(Limited)!.FairnessWeightOverrides.Count.ShouldBe(Limits.FairnessWeightsPerTaskQueue);
    }

    [Fact]
    public async Task Those_of_a_namespace_go_with_it()
    {
        await FillAsync();
        await configs.UpdateAsync(Limited with { NamespaceId = "ns-2" }, LimitTo(5));

        await configs.ForgetAsync(StoreRows.Namespace);

        store.ReadTaskQueueConfigs().ShouldHaveSingleItem().NamespaceId.ShouldBe("ns-2");
        configs.Find(Key("queue-0")).ShouldBeNull();
    }

    private static QueueKey Key(string queue) => new(StoreRows.Namespace, queue, TaskKind.Activity);

    private static UpdateTaskQueueConfigRequest LimitTo(float perSecond, string reason = "") => new()
    {
        Identity = "operator",
        UpdateQueueRateLimit = new() { RateLimit = new RateLimit { RequestsPerSecond = perSecond }, Reason = reason },
    };

    private static UpdateTaskQueueConfigRequest Lift() => new() { UpdateQueueRateLimit = new() };

    private static UpdateTaskQueueConfigRequest Weights(string prefix, int count)
    {
        var request = new UpdateTaskQueueConfigRequest();
        for (var i = 0; i < count; i++)
        {
            request.SetFairnessWeightOverrides[$"{prefix}{i}"] = 2;
        }

        return request;
    }

    private async Task FillAsync()
    {
        for (var i = 0; i < Most; i++)
        {
            await configs.UpdateAsync(Key($"queue-{i}"), LimitTo(1));
        }
    }

    private async Task StopAsync()
    {
        configs.Dispose();
        matching.Dispose();
        await store.DisposeAsync();
    }

    private async Task RestartAsync()
    {
        await StopAsync();
        await InitializeAsync();
    }
}
