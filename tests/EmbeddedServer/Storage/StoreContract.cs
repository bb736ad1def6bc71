using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <summary>What <see cref="IStore"/> promises. Every implementation derives from this and passes all of it.</summary>
public abstract partial class StoreContract : IAsyncLifetime
{
    protected IStore Store { get; private set; } = null!;

    public virtual Task InitializeAsync()
    {
        Store = Open();
        return Task.CompletedTask;
    }

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    protected abstract IStore Open();

    [Fact]
    public void An_empty_store_has_nothing()
    {
        Store.FindExecution(Key()).ShouldBeNull();
        Store.FindCurrentRunId(Namespace, "order").ShouldBeNull();
        Store.ReadPending(Key()).ShouldBeEmpty();
        Store.ReadHistory(Key(), 1, 100).ShouldBeEmpty();
        Store.ReadHistoryReverse(Key(), 100, 100).ShouldBeEmpty();
        Store.ReadWakeUps().ShouldBeEmpty();
        Store.ReadQueuedTasks().ShouldBeEmpty();
        Store.ReadNamespaces().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_read_from_any_thread_sees_every_commit_that_has_completed()
    {
        const int writers = 16;
        const int runs = 40;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (var run = 0; run < runs; run++)
            {
                var key = Key($"w{writer}", $"r{run}");
                await Store.CommitAsync([New(key, Batch(1, 2)) with { UpsertedPending = [Pending(PendingKind.Timer, "t")] }]);
                Store.FindCurrentRunId(Namespace, key.WorkflowId).ShouldBe(key.RunId);
                Store.FindExecution(key).ShouldNotBeNull();
                Store.ReadHistory(key, 1, 10).Show().ShouldBe("1-2");
                Store.ReadPending(key).ShouldHaveSingleItem();
            }
        })));
    }

    [Fact]
    public async Task An_empty_commit_is_no_work()
    {
        await Store.CommitAsync([]);

        Store.ReadNamespaces().ShouldBeEmpty();
    }
}
