using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <content>Runs, which of them is current, and what stands about closed ones.</content>
public abstract partial class StoreContract
{
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
    public async Task A_change_of_a_run_that_is_not_there_fails_and_writes_nothing()
    {
        var commit = Store.CommitAsync([New(Key("other")), Change(Key())]);
        var fine = Store.CommitAsync([New(Key("fine"))]);

        await Should.ThrowAsync<InvalidOperationException>(() => commit);
        await fine;
        Store.FindExecution(Key("other")).ShouldBeNull();
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

    private static ExecutionWrite Closed(string id, int afterNoon) => New(Key(id, id)) with
    {
        Status = WorkflowExecutionStatus.Completed,
        Visibility = Visible(Key(id, id), WorkflowExecutionStatus.Completed) with { CloseTime = Noon.AddSeconds(afterNoon) },
    };
}
