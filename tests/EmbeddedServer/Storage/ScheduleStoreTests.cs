using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Visibility;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <summary>Schedules in the store.</summary>
public sealed class ScheduleStoreTests : IAsyncDisposable
{
    private static readonly ScheduleKey Key = new("namespace-1", "daily");
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly SqliteStore store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = SqliteStoreOptions.InMemory });

    public async ValueTask DisposeAsync() => await store.DisposeAsync();

    [Fact]
    public async Task A_schedule_is_read_as_it_was_written_last()
    {
        await WriteAsync(Write() with { Definition = [1], Progress = [2] });
        await WriteAsync(Write() with { Progress = [3] });

        var row = store.FindSchedule(Key).ShouldNotBeNull();

        row.Definition.ShouldBe([1]);
        row.Progress.ShouldBe([3]);
    }

    [Fact]
    public async Task Only_those_that_want_to_be_woken_are_found_for_it()
    {
        await WriteAsync(Write() with { Definition = [], WakeUpAt = Noon });
        await WriteAsync(Write() with { Key = Key with { ScheduleId = "resting" }, Definition = [] });

        store.ReadScheduleWakeUps().ShouldBe([(Key, Noon)]);
    }

    [Fact]
    public async Task A_deleted_schedule_is_gone()
    {
        await WriteAsync(Write() with { Definition = [1] });

        await WriteAsync(Write() with { Delete = true });

        store.FindSchedule(Key).ShouldBeNull();
        store.ReadSchedules(Key.NamespaceId).ShouldBeEmpty();
    }

    [Fact]
    public async Task It_is_written_together_with_its_messages_or_not_at_all()
    {
        await WriteAsync(Write() with { Definition = [1], Progress = [1] });
        var gone = new InboxRow(new WorkflowKey(Key.NamespaceId, "other"), 7, []);

        await Should.ThrowAsync<StoreConflictException>(store.CommitAsync([], new InboxWrite([], [gone]), Write() with { Progress = [2] }));

        store.FindSchedule(Key)!.Progress.ShouldBe([1]);
    }

    private static ScheduleWrite Write() => new() { Key = Key };

    private Task WriteAsync(ScheduleWrite write) => store.CommitAsync([], null, write);
}
