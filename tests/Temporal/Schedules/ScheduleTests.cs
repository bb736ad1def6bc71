using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Client.Schedules;
using Temporalio.Common;
using Temporalio.Exceptions;

namespace Onramp.Temporal.Tests.Schedules;

/// <summary>Schedules as the official SDK has them.</summary>
public class ScheduleTests(LocalServer server) : IClassFixture<LocalServer>
{
    private ITemporalClient Client => server.Client;

    [Fact]
    public Task A_schedule_acts_at_its_times_and_hands_results_on() => RunAsync(async taskQueue =>
    {
        var handle = await Client.CreateScheduleAsync(NewId(), new Schedule(
            ScheduleActionStartWorkflow.Create((CountingWorkflow w) => w.RunAsync(), new("count", taskQueue)),
            new ScheduleSpec { Intervals = [new ScheduleIntervalSpec(TimeSpan.FromSeconds(1))] })
        {
            State = new ScheduleState { LimitedActions = true, RemainingActions = 2 },
        });

        var description = await UntilAsync(handle, d => d.Info is { NumActions: 2, RunningActions.Count: 0 });

        var results = new List<int>();
        foreach (var action in description.Info.RecentActions)
        {
            var execution = action.Action.ShouldBeOfType<ScheduleActionExecutionStartWorkflow>();
            results.Add(await Client.GetWorkflowHandle(execution.WorkflowId).GetResultAsync<int>());
        }

        results.ShouldBe([1, 2]);
    });

    [Fact]
    public Task A_schedule_acts_at_every_time_that_is_skipped_over() => RunAsync(async taskQueue =>
    {
        var handle = await Client.CreateScheduleAsync(NewId(), new Schedule(
            ScheduleActionStartWorkflow.Create((CountingWorkflow w) => w.RunAsync(), new($"count-{Guid.NewGuid()}", taskQueue)),
            new ScheduleSpec { Intervals = [new ScheduleIntervalSpec(TimeSpan.FromDays(1))] })
        {
            Policy = new SchedulePolicy { Overlap = ScheduleOverlapPolicy.BufferAll },
        });

        await server.SkipAsync(TimeSpan.FromDays(7));

        await UntilAsync(handle, d => d.Info is { NumActions: 7, RunningActions.Count: 0 });
        await handle.DeleteAsync();
    });

    [Fact]
    public async Task A_description_says_what_was_asked_for()
    {
        var handle = await Client.CreateScheduleAsync(NewId(), new Schedule(
            ScheduleActionStartWorkflow.Create((CountingWorkflow w) => w.RunAsync(), new("count", "nobody-polls")),
            new ScheduleSpec
            {
                Calendars = [new ScheduleCalendarSpec { Hour = [new ScheduleRange(6, 18, 6)], DayOfWeek = [new ScheduleRange(1, 5)], Comment = "at work" }],
                CronExpressions = ["0 12 * * 6"],
                Skip = [new ScheduleCalendarSpec { Month = [new ScheduleRange(12)], DayOfMonth = [new ScheduleRange(25)] }],
                TimeZoneName = "Europe/Berlin",
                Jitter = TimeSpan.FromSeconds(30),
            })
        {
            Policy = new SchedulePolicy { Overlap = ScheduleOverlapPolicy.BufferOne, CatchupWindow = TimeSpan.FromMinutes(5), PauseOnFailure = true },
            State = new ScheduleState { Note = "written by hand", Paused = true },
        }, new ScheduleOptions
        {
            Memo = new Dictionary<string, object> { ["note"] = "remember" },
            TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(LocalServer.SearchAttributes.Keyword, "payments").ToSearchAttributeCollection(),
        });

        var description = await handle.DescribeAsync();

        description.Schedule.Spec.Calendars.Select(c => c.Comment).ShouldBe(["at work", null]);
        description.Schedule.Spec.TimeZoneName.ShouldBe("Europe/Berlin");
        description.Schedule.Policy.ShouldBe(new SchedulePolicy { Overlap = ScheduleOverlapPolicy.BufferOne, CatchupWindow = TimeSpan.FromMinutes(5), PauseOnFailure = true });
        description.Schedule.State.Note.ShouldBe("written by hand");
        description.TypedSearchAttributes.Get(LocalServer.SearchAttributes.Keyword).ShouldBe("payments");
        (await description.Memo["note"].ToValueAsync<string>()).ShouldBe("remember");
        description.Info.NextActionTimes.Count.ShouldBe(10);
    }

    [Fact]
    public async Task A_schedule_is_updated_paused_and_unpaused()
    {
        var handle = await Client.CreateScheduleAsync(NewId(), Idle("nobody-polls"));

        await handle.PauseAsync("a holiday");
        var paused = (await handle.DescribeAsync()).Schedule.State;
        await handle.UnpauseAsync("back");
        await handle.UpdateAsync(input => new ScheduleUpdate(input.Description.Schedule with
        {
            Spec = new ScheduleSpec { CronExpressions = ["@hourly"] },
        }));
        var updated = await handle.DescribeAsync();

        paused.ShouldBe(new ScheduleState { Paused = true, Note = "a holiday" });
        updated.Schedule.State.ShouldBe(new ScheduleState { Note = "back" });
        updated.Schedule.Spec.Calendars.ShouldHaveSingleItem();
        updated.Info.LastUpdatedAt.ShouldNotBeNull();
    }

    [Fact]
    public Task A_later_action_takes_the_place_of_the_one_that_runs() => RunAsync(async taskQueue =>
    {
        var handle = await Client.CreateScheduleAsync(NewId(), new Schedule(
            ScheduleActionStartWorkflow.Create((EndlessWorkflow w) => w.RunAsync(), new($"endless-{Guid.NewGuid()}", taskQueue)), new ScheduleSpec()));
        await handle.TriggerAsync();
        var first = (await UntilAsync(handle, d => d.Info.RunningActions.Count == 1)).Info.RunningActions.OfType<ScheduleActionExecutionStartWorkflow>().Single();

        // Workflow ids end with the second of the action, so that the next must be of another.
        await UntilAnotherSecondAsync();
        await handle.TriggerAsync(new ScheduleTriggerOptions { Overlap = ScheduleOverlapPolicy.CancelOther });

        await UntilAsync(handle, d => d.Info.NumActions == 2 && d.Info.RunningActions.Count == 1);
        (await Should.ThrowAsync<WorkflowFailedException>(() => Client.GetWorkflowHandle(first.WorkflowId).GetResultAsync())).InnerException.ShouldBeOfType<CanceledFailureException>();
        await handle.DeleteAsync();
    });

    [Fact]
    public async Task A_backfill_takes_the_actions_of_the_past()
    {
        var handle = await Client.CreateScheduleAsync(NewId(), new Schedule(
            ScheduleActionStartWorkflow.Create((CountingWorkflow w) => w.RunAsync(), new($"past-{Guid.NewGuid()}", "nobody-polls")),
            new ScheduleSpec { Intervals = [new ScheduleIntervalSpec(TimeSpan.FromMinutes(1))] })
        {
            State = new ScheduleState { Paused = true },
        });

        var start = new DateTime(2020, 1, 20, 10, 0, 0, DateTimeKind.Utc);
        await handle.BackfillAsync([new ScheduleBackfill(start, start.AddMinutes(2), ScheduleOverlapPolicy.AllowAll)]);

        (await UntilAsync(handle, d => d.Info.NumActions == 3)).Info.RecentActions.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Schedules_are_listed_and_a_deleted_one_is_not_found()
    {
        var id = NewId();
        var handle = await Client.CreateScheduleAsync(id, Idle("nobody-polls"));
        await Should.ThrowAsync<ScheduleAlreadyRunningException>(() => Client.CreateScheduleAsync(id, Idle("nobody-polls")));

        var listed = new List<string>();
        await foreach (var entry in Client.ListSchedulesAsync(new ScheduleListOptions { Query = $"ScheduleId = '{id}'" }))
        {
            listed.Add(entry.Id);
        }

        await handle.DeleteAsync();
        listed.ShouldBe([id]);
        (await Should.ThrowAsync<RpcException>(() => handle.DescribeAsync())).Code.ShouldBe(RpcException.StatusCode.NotFound);
    }

    private static string NewId() => $"schedule-{Guid.NewGuid()}";

    private static Schedule Idle(string taskQueue) => new(
        ScheduleActionStartWorkflow.Create((CountingWorkflow w) => w.RunAsync(), new("count", taskQueue)), new ScheduleSpec());

    /// <summary>Looks until it is so; schedules act a moment after they are asked to.</summary>
    private static async Task<ScheduleDescription> UntilAsync(ScheduleHandle handle, Func<ScheduleDescription, bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var description = await handle.DescribeAsync();
        while (!isSo(description))
        {
            await pause.WaitForNextTickAsync(patience.Token);
            description = await handle.DescribeAsync();
        }

        return description;
    }

    private static async Task UntilAnotherSecondAsync()
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var second = DateTime.UtcNow.Second;
        while (DateTime.UtcNow.Second == second)
        {
            await pause.WaitForNextTickAsync();
        }
    }

    private Task RunAsync(Func<string, Task> body) => server.RunAsync(
        options => options.AddWorkflow<CountingWorkflow>().AddWorkflow<EndlessWorkflow>(), body);
}
