using Onramp.EmbeddedServer.Storage;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <content>Batches of events.</content>
public abstract partial class StoreContract
{
    [Fact]
    public async Task The_same_events_twice_fail_that_commit_alone()
    {
        await Store.CommitAsync([New(Key(), Batch(1, 3))]);

        var twice = Store.CommitAsync([Change(Key(), Batch(1, 3)) with { State = [5] }]);
        var fine = Store.CommitAsync([New(Key("fine"), Batch(1, 3))]);

        await Should.ThrowAsync<InvalidOperationException>(() => twice);
        await fine;
        Store.FindExecution(Key())!.State.ShouldBe([1]);
        Store.FindExecution(Key("fine")).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(1, 1, "1-3")]
    [InlineData(1, 3, "1-3")]
    [InlineData(1, 4, "1-3 4-4")]
    [InlineData(2, 2, "1-3")]
    [InlineData(3, 2, "1-3 4-4")]
    [InlineData(4, 1, "4-4")]
    [InlineData(5, 100, "5-9")]
    [InlineData(9, 1, "5-9")]
    [InlineData(10, 5, "")]
    [InlineData(1, 0, "")]
    [InlineData(0, 2, "1-3")]
    public async Task History_is_read_forwards(long from, int count, string batches)
    {
        await CommitHistory();

        Store.ReadHistory(Key(), from, count).Show().ShouldBe(batches);
    }

    [Theory]
    [InlineData(9, 1, "5-9")]
    [InlineData(9, 6, "5-9 4-4")]
    [InlineData(100, 5, "5-9")]
    [InlineData(100, 100, "5-9 4-4 1-3")]
    [InlineData(6, 3, "5-9 4-4")]
    [InlineData(4, 1, "4-4")]
    [InlineData(3, 1, "1-3")]
    [InlineData(1, 10, "1-3")]
    [InlineData(0, 10, "")]
    [InlineData(9, 0, "")]
    public async Task History_is_read_backwards(long through, int count, string batches)
    {
        await CommitHistory();

        Store.ReadHistoryReverse(Key(), through, count).Show().ShouldBe(batches);
    }

    [Fact]
    public async Task Batches_keep_their_bytes()
    {
        await CommitHistory();

        Store.ReadHistory(Key(), 4, 1).ShouldHaveSingleItem().Data.ShouldBe([4, 4]);
    }

    private async Task CommitHistory()
    {
        // Neighbours on both sides, so that a read that goes too far shows.
        await Store.CommitAsync([New(Key("before"), Batch(1, 20))]);
        await Store.CommitAsync([New(Key(), Batch(1, 3))]);
        await Store.CommitAsync([New(Key("after"), Batch(1, 20))]);
        await Store.CommitAsync([Change(Key(), Batch(4, 4), Batch(5, 9))]);
    }
}
