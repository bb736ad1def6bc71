using Microsoft.Extensions.Logging.Abstractions;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.History.Queries;
using Onramp.EmbeddedServer.History.Updates;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Tests.History.Support;
using Onramp.EmbeddedServer.Timers;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>What is kept decoded is bounded by what it takes, and is never other than what is stored.</summary>
public sealed class CacheTests
{
    private const int Runs = 50;
    private const int InputBytes = 10_000;

    [Fact]
    public async Task The_cache_stays_within_its_bytes_however_large_the_runs_are()
    {
        await using var world = await WithRunsAsync();
        var cache = new ExecutionCache(world.Store, new HistoryEngineOptions { CacheBytes = 20 * InputBytes });

        foreach (var id in Enumerable.Range(0, Runs))
        {
            await LoadAsync(cache, $"run-{id}");
            cache.Bytes.ShouldBeLessThanOrEqualTo(20 * InputBytes);
        }

        cache.Bytes.ShouldBeGreaterThan(4 * InputBytes);
    }

    [Fact]
    public async Task A_run_in_use_stays_while_others_go()
    {
        await using var world = await WithRunsAsync();
        var cache = new ExecutionCache(world.Store, new HistoryEngineOptions { CacheBytes = 0 });
        using var lease = await cache.AcquireAsync(World.Namespace.Id, "run-0");
        var state = lease.Find(lease.CurrentRunId!);

        await LoadAsync(cache, "run-1");

        lease.Find(lease.CurrentRunId!).ShouldBeSameAs(state);
    }

    [Fact]
    public async Task A_decision_that_throws_leaves_no_trace_even_of_what_it_did_not_declare()
    {
        await using var world = await WithRunsAsync();
        using var wakeUps = new WakeUpQueue(world.Clock, _ => Task.CompletedTask);
        var runner = NewRunner(world, wakeUps);

        await Should.ThrowAsync<RefusalException>(() => runner.UpdateAsync<bool>(World.Namespace, "run-0", "", tx =>
        {
            tx.State.SignalCount = 1000;
            throw new InvalidOperationException("thought better of it");
        }));

        (await runner.ReadAsync(World.Namespace, "run-0", "", state => state.SignalCount)).ShouldBe(0);
    }

    private static async Task LoadAsync(ExecutionCache cache, string workflowId)
    {
        using var lease = await cache.AcquireAsync(World.Namespace.Id, workflowId);
        lease.Find(lease.CurrentRunId!).ShouldNotBeNull();
    }

    private static ExecutionRunner NewRunner(World world, WakeUpQueue wakeUps)
    {
        var options = new HistoryEngineOptions();
        var ids = new RandomIdSource(world.Clock, seed: 1);
        var tasks = new WorkflowTaskMachine(options, ids);
        return new ExecutionRunner(
            world.Store, world.Tasks, new ExecutionCache(world.Store, options), wakeUps, new HistoryNotifier(), new UpdateRegistry(),
            new QueryRoutes(new QueryRegistry(), world.Tasks, options, ids), tasks, new TransactionRules(options, tasks, new ExecutionCloser()), world.Clock, _ => { },
            NullLogger.Instance);
    }

    private static async Task<World> WithRunsAsync()
    {
        var world = World.Create();
        for (var id = 0; id < Runs; id++)
        {
            await world.StartAsync($"run-{id}", start => start.Memo = new() { Fields = { ["note"] = World.Text(new string('x', InputBytes)).Payloads_[0] } });
        }

        return world;
    }
}
