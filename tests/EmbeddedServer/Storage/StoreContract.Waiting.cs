using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <content>What runs wait for: pending rows, and what recovery reads of them.</content>
public abstract partial class StoreContract
{
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
    public async Task Runs_that_sleep_are_found_however_many_have_ended_between_them()
    {
        var keys = Enumerable.Range(0, 100).Select(i => Key($"order-{i}")).ToArray();
        await Store.CommitAsync([.. keys.Select(key => New(key) with { WakeUpAt = Noon })]);

        await Store.CommitAsync([.. keys.Where((_, i) => i % 20 != 7).Select(key => Change(key) with { Status = WorkflowExecutionStatus.Completed })]);

        Store.ReadWakeUps().Select(wakeUp => wakeUp.Key.WorkflowId).ShouldBe(["order-7", "order-27", "order-47", "order-67", "order-87"]);
    }

    [Fact]
    public async Task A_closed_run_that_has_something_to_do_again_is_found_again()
    {
        await Store.CommitAsync([.. Enumerable.Range(0, 40).Select(i => New(Key($"order-{i}")) with { Status = WorkflowExecutionStatus.Completed })]);

        await Store.CommitAsync([Change(Key("order-3")) with { Status = WorkflowExecutionStatus.Completed, WakeUpAt = Noon }]);

        Store.ReadWakeUps().ShouldHaveSingleItem().Key.WorkflowId.ShouldBe("order-3");
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
    public async Task A_page_of_what_waits_ends_when_its_runs_have_many_activities()
    {
        for (var run = 0; run < 6; run++)
        {
            var activities = Enumerable.Range(0, 4).Select(i => Pending(PendingKind.Activity, $"{i}", Dispatch(TaskKind.Activity, "activities", (run * 10) + i)));
            await Store.CommitAsync(
            [
                New(Key($"run-{run}")) with { UpsertedPending = [.. activities], WorkflowTask = Dispatch(TaskKind.Workflow, "q"), WakeUpAt = Noon },
            ]);
        }

        List<WaitingPage> pages = [];
        for (long? from = WaitingPage.Start; from is { } at; from = pages[^1].Next)
        {
            pages.Add(Store.ReadWaiting(at, 100, only: null, mostActivities: 5));
        }

        pages.Select(page => page.Tasks.Count(task => task.Dispatch.Kind == TaskKind.Activity)).ShouldBe([8, 8, 8]);
        pages.SelectMany(page => page.Tasks).Count().ShouldBe(6 * 5);
        pages.SelectMany(page => page.Tasks).Distinct().Count().ShouldBe(6 * 5);
        pages.SelectMany(page => page.WakeUps).Select(wakeUp => wakeUp.Key.WorkflowId).ShouldBe(Enumerable.Range(0, 6).Select(run => $"run-{run}"));
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
}
