using Onramp.EmbeddedServer.Storage;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <content>Messages from one workflow to another.</content>
public abstract partial class StoreContract
{
    [Fact]
    public async Task Messages_wait_in_the_inbox_they_were_sent_to_in_order()
    {
        await Store.CommitAsync([New(Key())], new InboxWrite([Message("other", 1), Message("third", 2)], []));
        await Store.CommitAsync([], new InboxWrite([Message("other", 3)], []));

        Store.ReadInbox(Inbox("other"), 10, 1000).Select(row => row.Data[0]).ShouldBe([(byte)1, (byte)3]);
        Store.ReadInboxes(null, 10).ShouldBe([Inbox("other"), Inbox("third")], ignoreOrder: true);
        Store.ReadInbox(Inbox("order"), 10, 1000).ShouldBeEmpty();
    }

    [Fact]
    public async Task Inboxes_with_messages_are_found_page_by_page()
    {
        string[] names = ["a", "b", "c", "d", "e"];
        await Store.CommitAsync([], new InboxWrite([.. names.Select(name => new InboxMessage(Inbox(name), [1])), new InboxMessage(Inbox("b"), [2])], []));

        var first = Store.ReadInboxes(null, 2);
        var second = Store.ReadInboxes(first[^1], 2);
        var third = Store.ReadInboxes(second[^1], 2);

        first.Concat(second).Concat(third).Select(key => key.WorkflowId).ShouldBe(names);
    }

    [Fact]
    public async Task No_more_messages_are_read_than_asked_for()
    {
        await Store.CommitAsync([], new InboxWrite([.. Enumerable.Range(0, 5).Select(n => new InboxMessage(Inbox("other"), new byte[100]))], []));

        Store.ReadInbox(Inbox("other"), 3, 1000).Count.ShouldBe(3);
        Store.ReadInbox(Inbox("other"), 10, 250).Count.ShouldBe(2);
        Store.ReadInbox(Inbox("other"), 10, 1).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_taken_message_is_gone()
    {
        await Store.CommitAsync([], new InboxWrite([Message("other", 1), Message("other", 2)], []));
        var first = Store.ReadInbox(Inbox("other"), 1, 1000)[0];

        await Store.CommitAsync([New(Key("other"))], new InboxWrite([Message("order", 3)], [first]));

        Store.ReadInbox(Inbox("other"), 10, 1000).ShouldHaveSingleItem().Data.ShouldBe([2]);
        Store.ReadInbox(Inbox("order"), 10, 1000).ShouldHaveSingleItem().Data.ShouldBe([3]);
    }

    [Fact]
    public async Task A_message_is_taken_once_and_the_second_commit_writes_nothing()
    {
        await Store.CommitAsync([], new InboxWrite([Message("other", 1)], []));
        var row = Store.ReadInbox(Inbox("other"), 1, 1000)[0];
        await Store.CommitAsync([], new InboxWrite([], [row]));

        var again = Store.CommitAsync([New(Key("other"))], new InboxWrite([Message("order", 2)], [row]));
        var fine = Store.CommitAsync([New(Key("fine"))]);

        await Should.ThrowAsync<StoreConflictException>(() => again);
        await fine;
        Store.FindExecution(Key("other")).ShouldBeNull();
        Store.ReadInboxes(null, 10).ShouldBeEmpty();
    }

    private static WorkflowKey Inbox(string workflowId) => new(Namespace, workflowId);

    private static InboxMessage Message(string to, byte data) => new(Inbox(to), [data]);
}
