using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <summary>What <see cref="IStore"/> promises. Every implementation derives from this and passes all of it.</summary>
public abstract class StoreContract : IAsyncLifetime
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
    public async Task Closed_runs_are_read_in_the_order_in_which_they_closed_page_by_page()
    {
        await Store.WriteNamespaceAsync(new NamespaceRow(Namespace, "default", [], new Dictionary<string, IndexedValueType>()));
        await Store.CommitAsync(
        [
            Closed("third", afterNoon: 7), Closed("first", afterNoon: 5), Closed("second", afterNoon: 5), Closed("late", afterNoon: 60),
            New(Key("open", "open")) with { Visibility = Visible(Key("open", "open")) },
            Closed("hidden", afterNoon: 6) with
            {
                Visibility = Closed("hidden", afterNoon: 6).Visibility! with { SearchAttributes = Attributes(("TemporalNamespaceDivision", "\"batch\"")) },
            },
        ]);

        List<string> read = [];
        ClosedRun? last = null;
        while (Store.ReadClosedRuns(Namespace, Noon.AddSeconds(60), last, 2) is { Count: > 0 } page)
        {
            page.Count.ShouldBeLessThanOrEqualTo(2);
            read.AddRange(page.Select(run => run.Key.WorkflowId));
            last = page[^1];
        }

        read.ShouldBe(["second", "first", "hidden", "third"]);
        Store.ReadClosedRuns("ns-2", Noon.AddSeconds(60), null, 2).ShouldBeEmpty();
    }

    private static ExecutionWrite Closed(string id, int afterNoon) => New(Key(id, id)) with
    {
        Status = WorkflowExecutionStatus.Completed,
        Visibility = Visible(Key(id, id), WorkflowExecutionStatus.Completed) with { CloseTime = Noon.AddSeconds(afterNoon) },
    };

    [Fact]
    public async Task A_committed_run_is_found()
    {
        await Store.CommitAsync([New(Key()) with { State = [7, 8, 9] }]);

        var row = Store.FindExecution(Key());

        row.ShouldNotBeNull();
        row.Key.ShouldBe(Key());
        row.Status.ShouldBe(WorkflowExecutionStatus.Running);
        row.State.ShouldBe([7, 8, 9]);
    }

    [Fact]
    public async Task Keys_are_compared_byte_by_byte()
    {
        await Store.CommitAsync([New(Key("Order", "run-1")), New(Key("order", "RUN-1"))]);

        Store.FindExecution(Key("order", "run-1")).ShouldBeNull();
        Store.FindExecution(Key("Order", "run-1", "ns-2")).ShouldBeNull();
        Store.FindCurrentRunId(Namespace, "ORDER").ShouldBeNull();
        Store.FindCurrentRunId("ns-2", "Order").ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("odd: ü 👋🏽 / \" ' ; --")]
    [InlineData("with\0nul")]
    public async Task Odd_ids_are_kept(string workflowId)
    {
        await Store.CommitAsync([New(Key(workflowId)) with { UpsertedPending = [Pending(PendingKind.Timer, workflowId)] }]);

        Store.FindExecution(Key(workflowId)).ShouldNotBeNull();
        Store.ReadPending(Key(workflowId)).ShouldHaveSingleItem().Key.Id.ShouldBe(workflowId);
    }

    [Fact]
    public async Task A_change_replaces_status_and_state()
    {
        await Store.CommitAsync([New(Key())]);

        await Store.CommitAsync([Change(Key()) with { Status = WorkflowExecutionStatus.Completed, State = [] }]);

        Store.FindExecution(Key())!.Status.ShouldBe(WorkflowExecutionStatus.Completed);
        Store.FindExecution(Key())!.State.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_last_run_made_current_is_current()
    {
        await Store.CommitAsync([New(Key(runId: "run-1"))]);
        await Store.CommitAsync(
        [
            Change(Key(runId: "run-1")) with { Status = WorkflowExecutionStatus.ContinuedAsNew },
            New(Key(runId: "run-2")),
        ]);

        Store.FindCurrentRunId(Namespace, "order").ShouldBe("run-2");
        Store.FindExecution(Key(runId: "run-1"))!.Status.ShouldBe(WorkflowExecutionStatus.ContinuedAsNew);
    }

    [Fact]
    public async Task A_run_that_exists_fails_its_whole_commit_and_no_other()
    {
        await Store.CommitAsync([New(Key())]);

        var conflicting = Store.CommitAsync([New(Key("other")), New(Key()) with { State = [9] }]);
        var fine = Store.CommitAsync([New(Key("fine"))]);

        await Should.ThrowAsync<StoreConflictException>(() => conflicting);
        await fine;
        Store.FindExecution(Key("other")).ShouldBeNull();
        Store.FindExecution(Key())!.State.ShouldBe([1]);
        Store.FindExecution(Key("fine")).ShouldNotBeNull();
    }

    [Fact]
    public async Task Of_two_commits_that_create_the_same_run_one_wins()
    {
        var commits = Enumerable.Range(0, 20).Select(n => Store.CommitAsync([New(Key()) with { State = [(byte)n] }])).ToArray();

        var outcomes = await Task.WhenAll(commits.Select(async commit =>
        {
            try
            {
                await commit;
                return "won";
            }
            catch (StoreConflictException)
            {
                return "conflict";
            }
        }));

        outcomes.Count(outcome => outcome == "won").ShouldBe(1);
        Store.FindExecution(Key())!.State.ShouldBe([(byte)Array.IndexOf(outcomes, "won")]);
    }

    [Fact]
    public async Task Messages_wait_in_the_inbox_they_were_sent_to_in_order()
    {
        await Store.CommitAsync([New(Key())], new InboxWrite([Message("other", 1), Message("third", 2)], []));
        await Store.CommitAsync([], new InboxWrite([Message("other", 3)], []));

        Store.ReadInbox(Inbox("other"), 10, 1000).Select(row => row.Data[0]).ShouldBe([(byte)1, (byte)3]);
        Store.ReadInboxes().ShouldBe([Inbox("other"), Inbox("third")], ignoreOrder: true);
        Store.ReadInbox(Inbox("order"), 10, 1000).ShouldBeEmpty();
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
        Store.ReadInboxes().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_change_of_a_run_that_is_not_there_fails_and_writes_nothing()
    {
        var commit = Store.CommitAsync([New(Key("other")), Change(Key())]);
        var fine = Store.CommitAsync([New(Key("fine"))]);

        await Should.ThrowAsync<InvalidOperationException>(() => commit);
        await fine;
        Store.FindExecution(Key("other")).ShouldBeNull();
    }

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

    [Fact]
    public async Task Pending_rows_come_by_kind_and_id()
    {
        await Store.CommitAsync(
        [
            New(Key()) with
            {
                UpsertedPending =
                [
                    Pending(PendingKind.Timer, "b"), Pending(PendingKind.Timer, "B"), Pending(PendingKind.Timer, "a"),
                    Pending(PendingKind.Activity, "z"), Pending(PendingKind.BufferedEvent, "0001"),
                ],
            },
        ]);

        Store.ReadPending(Key()).Select(row => $"{row.Key.Kind} {row.Key.Id}")
            .ShouldBe(["Activity z", "Timer B", "Timer a", "Timer b", "BufferedEvent 0001"]);
    }

    [Fact]
    public async Task Pending_rows_are_replaced_and_deleted()
    {
        await Store.CommitAsync([New(Key()) with { UpsertedPending = [Pending(PendingKind.Activity, "a"), Pending(PendingKind.Timer, "t")] }]);

        var replaced = Pending(PendingKind.Activity, "a", Dispatch(TaskKind.Activity, "queue")) with { State = [42] };
        await Store.CommitAsync(
        [
            Change(Key()) with { UpsertedPending = [replaced], DeletedPending = [new PendingKey(PendingKind.Timer, "t")] },
        ]);

        var row = Store.ReadPending(Key()).ShouldHaveSingleItem();
        row.State.ShouldBe([42]);
        row.Dispatch.ShouldBe(replaced.Dispatch);
    }

    [Fact]
    public async Task A_pending_row_deleted_and_written_in_one_change_stays()
    {
        await Store.CommitAsync([New(Key()) with { UpsertedPending = [Pending(PendingKind.Timer, "t")] }]);

        await Store.CommitAsync(
        [
            Change(Key()) with
            {
                DeletedPending = [new PendingKey(PendingKind.Timer, "t")],
                UpsertedPending = [Pending(PendingKind.Timer, "t") with { State = [42] }],
            },
        ]);

        Store.ReadPending(Key()).ShouldHaveSingleItem().State.ShouldBe([42]);
    }

    [Fact]
    public async Task Wake_ups_come_back_until_they_are_cleared()
    {
        await Store.CommitAsync([New(Key("sleeps")) with { WakeUpAt = Noon.AddTicks(1) }, New(Key("waits"))]);

        Store.ReadWakeUps().ShouldBe([new WakeUp(Key("sleeps"), Noon.AddTicks(1))]);

        await Store.CommitAsync([Change(Key("sleeps"))]);
        Store.ReadWakeUps().ShouldBeEmpty();
    }

    [Fact]
    public async Task Queued_tasks_come_back_oldest_first_until_they_are_cleared()
    {
        var activity = Dispatch(TaskKind.Activity, "activities", secondsAfterNoon: 1);
        await Store.CommitAsync(
        [
            New(Key("b")) with { WorkflowTask = Dispatch(TaskKind.Workflow, "sticky", secondsAfterNoon: 2, normalQueue: "normal") },
            New(Key("a")) with { UpsertedPending = [Pending(PendingKind.Activity, "5", activity), Pending(PendingKind.Activity, "6")] },
        ]);

        Store.ReadQueuedTasks().ShouldBe(
        [
            new QueuedTask(Key("a"), activity),
            new QueuedTask(Key("b"), Dispatch(TaskKind.Workflow, "sticky", secondsAfterNoon: 2, normalQueue: "normal")),
        ]);

        await Store.CommitAsync(
        [
            Change(Key("b")),
            Change(Key("a")) with { UpsertedPending = [Pending(PendingKind.Activity, "5")] },
        ]);
        Store.ReadQueuedTasks().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_closed_run_has_nothing_to_recover()
    {
        var activity = Dispatch(TaskKind.Activity, "activities");
        await Store.CommitAsync([New(Key()) with { UpsertedPending = [Pending(PendingKind.Activity, "5", activity)] }]);

        await Store.CommitAsync([Change(Key()) with { Status = WorkflowExecutionStatus.Terminated }]);

        Store.ReadQueuedTasks().ShouldBeEmpty();
        Store.ReadPending(Key()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_deleted_run_leaves_nothing_and_may_come_again()
    {
        var write = New(Key(), Batch(1, 3)) with
        {
            UpsertedPending = [Pending(PendingKind.Timer, "t")],
            WakeUpAt = Noon,
            WorkflowTask = Dispatch(TaskKind.Workflow, "queue"),
            Visibility = Visible(Key()),
        };
        await Store.CommitAsync([write]);

        await Store.CommitAsync([Change(Key()) with { Delete = true }]);

        Store.FindExecution(Key()).ShouldBeNull();
        Store.FindCurrentRunId(Namespace, "order").ShouldBeNull();
        Store.ReadPending(Key()).ShouldBeEmpty();
        Store.ReadHistory(Key(), 1, 10).ShouldBeEmpty();
        Store.ReadWakeUps().ShouldBeEmpty();
        Store.ReadQueuedTasks().ShouldBeEmpty();
        await Store.CommitAsync([write]);
        Store.ReadHistory(Key(), 1, 10).Show().ShouldBe("1-3");
    }

    [Fact]
    public async Task Deleting_an_older_run_keeps_the_current_one()
    {
        await Store.CommitAsync([New(Key(runId: "run-1"), Batch(1, 2))]);
        await Store.CommitAsync([New(Key(runId: "run-2"), Batch(1, 3))]);

        await Store.CommitAsync([Change(Key(runId: "run-1")) with { Delete = true }]);
        await Store.CommitAsync([Change(Key(runId: "never-was")) with { Delete = true }]);

        Store.FindCurrentRunId(Namespace, "order").ShouldBe("run-2");
        Store.ReadHistory(Key(runId: "run-2"), 1, 10).Show().ShouldBe("1-3");
    }

    [Theory]
    [InlineData(WorkflowExecutionStatus.Running, true)]
    [InlineData(WorkflowExecutionStatus.Completed, false)]
    public async Task A_commit_on_the_condition_of_another_run_is_written_as_long_as_it_holds(WorkflowExecutionStatus status, bool isWritten)
    {
        var other = Key("other");
        await Store.CommitAsync([New(other)]);
        await Store.CommitAsync([Change(other) with { Status = status }]);

        var conditional = Store.CommitAsync([New(Key())], InboxWrite.Nothing with { Conditions = [new(other, WorkflowExecutionStatus.Running)] });

        (await Record.ExceptionAsync(() => conditional) is StoreConditionException).ShouldBe(!isWritten);
        (Store.FindExecution(Key()) is not null).ShouldBe(isWritten);
    }

    [Fact]
    public async Task A_commit_on_the_condition_of_a_run_that_is_gone_is_not_written()
    {
        var conditional = Store.CommitAsync([New(Key())], InboxWrite.Nothing with { Conditions = [new(Key("gone"), WorkflowExecutionStatus.Running)] });

        await Should.ThrowAsync<StoreConditionException>(() => conditional);
    }

    [Fact]
    public async Task Namespaces_are_kept_and_replaced()
    {
        var row = new NamespaceRow("id-1", "default", [1], new Dictionary<string, IndexedValueType> { ["Team"] = IndexedValueType.Keyword });
        await Store.WriteNamespaceAsync(row);
        await Store.WriteNamespaceAsync(new NamespaceRow("id-2", "another", [2], new Dictionary<string, IndexedValueType>()));
        await Store.WriteNamespaceAsync(row with { Data = [3] });

        var rows = Store.ReadNamespaces();

        rows.Select(one => one.Name).ShouldBe(["another", "default"]);
        rows[1].Data.ShouldBe([3]);
        rows[1].SearchAttributes.ShouldBe(row.SearchAttributes);
        Store.ReadNamespaces().ShouldBeSameAs(rows);
    }

    [Fact]
    public async Task Two_namespaces_cannot_have_one_name()
    {
        var none = new Dictionary<string, IndexedValueType>();
        await Store.WriteNamespaceAsync(new NamespaceRow("id-1", "default", [1], none));

        await Should.ThrowAsync<InvalidOperationException>(() => Store.WriteNamespaceAsync(new NamespaceRow("id-2", "default", [2], none)));

        Store.ReadNamespaces().ShouldHaveSingleItem().Id.ShouldBe("id-1");
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

    private async Task CommitHistory()
    {
        // Neighbours on both sides, so that a read that goes too far shows.
        await Store.CommitAsync([New(Key("before"), Batch(1, 20))]);
        await Store.CommitAsync([New(Key(), Batch(1, 3))]);
        await Store.CommitAsync([New(Key("after"), Batch(1, 20))]);
        await Store.CommitAsync([Change(Key(), Batch(4, 4), Batch(5, 9))]);
    }

    private static WorkflowKey Inbox(string workflowId) => new(Namespace, workflowId);

    private static InboxMessage Message(string to, byte data) => new(Inbox(to), [data]);
}
