using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Schedules;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Schedule.V1;

namespace Onramp.EmbeddedServer.Tests.Schedules;

/// <summary>Schedules by a manual clock, which starts on 1 March 2026, a Sunday, at noon.</summary>
public sealed class ScheduleTests : IAsyncLifetime
{
    private readonly World world = World.Create();
    private readonly ScheduleBook book;

    public ScheduleTests() => book = new ScheduleBook(world);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await world.DisposeAsync();

    [Fact]
    public async Task A_workflow_is_started_at_each_time_and_named_after_it()
    {
        await book.CreateAsync(ScheduleBook.Hourly(s => s.Policies.OverlapPolicy = ScheduleOverlapPolicy.AllowAll));

        await world.PassAsync(TimeSpan.FromHours(3));

        book.Taken.ShouldBe("01T13:00:00Z 01T14:00:00Z 01T15:00:00Z");
    }

    [Fact]
    public async Task The_workflow_knows_its_schedule_and_its_time()
    {
        await book.CreateAsync(ScheduleBook.Hourly());

        await world.PassAsync(TimeSpan.FromHours(1));

        var started = (await world.EventsAsync("report-2026-03-01T13:00:00Z"))[0].WorkflowExecutionStartedEventAttributes;
        started.Identity.ShouldBe("temporal-scheduler-default-daily");
        started.SearchAttributes.IndexedFields["TemporalScheduledById"].Data.ToStringUtf8().ShouldBe("\"daily\"");
        started.SearchAttributes.IndexedFields["TemporalScheduledStartTime"].Data.ToStringUtf8().ShouldBe("\"2026-03-01T13:00:00Z\"");
    }

    [Fact]
    public async Task A_schedule_goes_on_after_a_restart()
    {
        await book.CreateAsync(ScheduleBook.Hourly());
        await world.PassAsync(TimeSpan.FromHours(1));

        await world.RestartAsync();
        await book.EndAsync();
        await world.PassAsync(TimeSpan.FromHours(1));

        book.Taken.ShouldBe("01T13:00:00Z 01T14:00:00Z");
    }

    [Fact]
    public async Task What_a_downtime_has_left_is_caught_up_within_the_window_and_counted_beyond_it()
    {
        await book.CreateAsync(ScheduleBook.Hourly(s =>
        {
            s.Policies.OverlapPolicy = ScheduleOverlapPolicy.AllowAll;
            s.Policies.CatchupWindow = Duration.FromTimeSpan(TimeSpan.FromMinutes(90));
        }));
        world.Engine.Dispose();
        await world.Engine.DrainAsync();
        world.Clock.MoveTo(world.Clock.GetUtcNow() + TimeSpan.FromHours(5));

        await world.RestartAsync();
        await world.PassAsync(TimeSpan.Zero);

        book.Taken.ShouldBe("01T16:00:00Z 01T17:00:00Z");
        book.Info.MissedCatchupWindow.ShouldBe(3);
    }

    [Fact]
    public async Task A_long_downtime_of_a_schedule_of_seconds_is_caught_up_step_by_step()
    {
        await book.CreateAsync(ScheduleBook.Of(s =>
        {
            s.Spec.Interval.Add(new IntervalSpec { Interval = Commands.Seconds(1) });
            s.Policies.CatchupWindow = Commands.Seconds(60);
        }));
        world.Engine.Dispose();
        await world.Engine.DrainAsync();
        world.Clock.MoveTo(world.Clock.GetUtcNow() + TimeSpan.FromHours(12));

        await world.RestartAsync();
        await world.PassAsync(TimeSpan.Zero);

        book.Info.MissedCatchupWindow.ShouldBe((12 * 3600) - 61);
        book.Info.OverlapSkipped.ShouldBe(60);
    }

    [Fact]
    public async Task The_end_of_a_workflow_that_came_during_a_downtime_is_known_after_it()
    {
        await book.CreateAsync(ScheduleBook.Hourly());
        await world.PassAsync(TimeSpan.FromHours(1));
        world.Store.HoldsMail = _ => true;
        await world.CompleteAsync(await world.PollAsync("reports"), Commands.Complete());
        await world.SettleAsync();

        world.Store.HoldsMail = _ => false;
        await world.RestartAsync();
        await world.SettleAsync();

        book.Info.RunningWorkflows.ShouldBeEmpty();
        book.Info.RecentActions.ShouldHaveSingleItem().StartWorkflowStatus.ShouldBe(WorkflowExecutionStatus.Completed);
    }

    [Fact]
    public async Task Who_asks_for_actions_finds_them_taken_when_he_is_answered()
    {
        var now = world.Clock.GetUtcNow();
        var backfill = new BackfillRequest
        {
            StartTime = now.AddHours(-3).ToTimestamp(),
            EndTime = now.AddHours(-2).ToTimestamp(),
            OverlapPolicy = ScheduleOverlapPolicy.AllowAll,
        };

        await book.CreateAsync(ScheduleBook.Hourly(schedule => schedule.State.Paused = true), patch: new SchedulePatch { BackfillRequest = { backfill } });
        var created = book.Info.ActionCount;
        await book.TriggerAsync(ScheduleOverlapPolicy.AllowAll);

        (created, book.Info.ActionCount).ShouldBe((2, 3));
    }

    [Fact]
    public async Task A_start_whose_answer_was_not_stored_is_made_once()
    {
        await book.CreateAsync(ScheduleBook.Hourly());
        var held = true;
        world.Store.HoldsMail = row => held && row.To.WorkflowId.StartsWith("temporal-sys-scheduler:", StringComparison.Ordinal);
        await world.PassAsync(TimeSpan.FromHours(1));
        book.Info.ActionCount.ShouldBe(0);

        held = false;
        await world.RestartAsync();
        await world.SettleAsync();

        book.Info.ActionCount.ShouldBe(1);
        var running = book.Info.RunningWorkflows.ShouldHaveSingleItem();
        (await world.DescribeAsync(running.WorkflowId)).WorkflowExecutionInfo.Execution.RunId.ShouldBe(running.RunId);
    }

    [Fact]
    public async Task An_action_whose_commit_fails_is_taken_a_moment_later()
    {
        await book.CreateAsync(ScheduleBook.Hourly());
        await world.PassAsync(TimeSpan.FromMinutes(59.9));
        world.Store.FailsNextCommit = true;

        await world.PassAsync(TimeSpan.FromMinutes(1));

        book.Taken.ShouldBe("01T13:00:00Z");
    }

    [Fact]
    public async Task Limited_actions_end_when_they_are_used_up()
    {
        await book.CreateAsync(ScheduleBook.Hourly(s =>
        {
            s.Policies.OverlapPolicy = ScheduleOverlapPolicy.AllowAll;
            s.State.LimitedActions = true;
            s.State.RemainingActions = 2;
        }));

        await world.PassAsync(TimeSpan.FromHours(4));

        book.Taken.ShouldBe("01T13:00:00Z 01T14:00:00Z");
        book.Info.FutureActionTimes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pause_lets_times_go_by()
    {
        await book.CreateAsync(ScheduleBook.Hourly(s => s.Policies.OverlapPolicy = ScheduleOverlapPolicy.AllowAll));
        await world.PassAsync(TimeSpan.FromHours(1));
        await book.PatchAsync(new SchedulePatch { Pause = "a holiday" });
        await world.PassAsync(TimeSpan.FromHours(2));

        await book.PatchAsync(new SchedulePatch { Unpause = "back" });
        await world.PassAsync(TimeSpan.FromHours(1));

        book.Taken.ShouldBe("01T13:00:00Z 01T16:00:00Z");
    }

    [Fact]
    public async Task What_is_triggered_by_hand_needs_neither_time_nor_actions_that_are_left()
    {
        await book.CreateAsync(ScheduleBook.Of(s => s.State = new ScheduleState { Paused = true, LimitedActions = true }));

        await book.TriggerAsync();

        book.Taken.ShouldBe("01T12:00:00Z");
    }

    [Fact]
    public async Task A_backfill_includes_both_of_its_ends()
    {
        await book.CreateAsync(ScheduleBook.Hourly(s => s.State.Paused = true));

        await book.PatchAsync(new SchedulePatch
        {
            BackfillRequest =
            {
                new BackfillRequest
                {
                    StartTime = Timestamp.FromDateTime(new DateTime(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc)),
                    EndTime = Timestamp.FromDateTime(new DateTime(2026, 3, 1, 10, 0, 0, DateTimeKind.Utc)),
                    OverlapPolicy = ScheduleOverlapPolicy.AllowAll,
                },
            },
        });

        book.Taken.ShouldBe("01T08:00:00Z 01T09:00:00Z 01T10:00:00Z");
    }

    [Fact]
    public async Task A_long_backfill_is_worked_off_in_turn()
    {
        await book.CreateAsync(ScheduleBook.Hourly(s => s.State.Paused = true));

        await book.PatchAsync(new SchedulePatch
        {
            BackfillRequest =
            {
                new BackfillRequest
                {
                    StartTime = Timestamp.FromDateTime(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)),
                    EndTime = Timestamp.FromDateTime(new DateTime(2026, 2, 1, 0, 0, 0, DateTimeKind.Utc)),
                    OverlapPolicy = ScheduleOverlapPolicy.AllowAll,
                },
            },
        });
        await world.PassAsync(TimeSpan.Zero);

        book.Info.ActionCount.ShouldBe((31 * 24) + 1);
    }

    [Fact]
    public async Task So_many_starts_are_under_way_however_many_are_wanted_and_the_others_follow()
    {
        await book.CreateAsync(ScheduleBook.Hourly(s => s.State.Paused = true));
        world.Store.HoldsMail = row => row.To.WorkflowId.StartsWith("report-", StringComparison.Ordinal);

        await book.PatchAsync(new SchedulePatch { BackfillRequest = { January(10) } });
        await world.PassAsync(TimeSpan.FromSeconds(1));

        var stored = world.Store.FindSchedule(new ScheduleKey(World.Namespace.Id, ScheduleBook.Id))!;
        StoredScheduleProgress.Parser.ParseFrom(stored.Progress).Starting.Count.ShouldBe(ScheduleLimits.StartsUnderWay);
        world.Store.HoldsMail = _ => false;
        await world.PassAsync(TimeSpan.FromMinutes(2));
        book.Info.ActionCount.ShouldBe((9 * 24) + 1);
    }

    [Fact]
    public async Task So_many_backfills_may_wait_and_no_more()
    {
        await book.CreateAsync(ScheduleBook.Hourly(s => s.State.Paused = true));
        world.Store.HoldsMail = row => row.To.WorkflowId.StartsWith("report-", StringComparison.Ordinal);
        await book.Engine.PatchAsync(World.Namespace, ScheduleBook.Id, new SchedulePatch
        {
            BackfillRequest = { Enumerable.Range(0, ScheduleLimits.Backfills).Select(_ => January(31)) },
        });

        var refusal = await Should.ThrowAsync<RefusalException>(
            () => book.Engine.PatchAsync(World.Namespace, ScheduleBook.Id, new SchedulePatch { BackfillRequest = { January(10), January(10) } }));

        refusal.Kind.ShouldBe(RefusalKind.ResourceExhausted);
    }

    private static BackfillRequest January(int through) => new()
    {
        StartTime = Timestamp.FromDateTime(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)),
        EndTime = Timestamp.FromDateTime(new DateTime(2026, 1, through, 0, 0, 0, DateTimeKind.Utc)),
        OverlapPolicy = ScheduleOverlapPolicy.AllowAll,
    };

    [Fact]
    public async Task An_update_replaces_the_times_and_forgets_those_that_were_due()
    {
        var token = await book.CreateAsync(ScheduleBook.Hourly(s => s.Policies.OverlapPolicy = ScheduleOverlapPolicy.AllowAll));
        await world.PassAsync(TimeSpan.FromMinutes(30));

        await book.Engine.UpdateAsync(World.Namespace, ScheduleBook.Id, ScheduleBook.Of(s => s.Spec.CronString.Add("45 * * * *")), token, null);
        await world.PassAsync(TimeSpan.FromHours(1));

        book.Taken.ShouldBe("01T12:45:00Z");
        book.Describe().ConflictToken.ShouldNotBe(token);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public async Task An_update_with_what_is_no_token_is_one_without(int bytes)
    {
        var token = await book.CreateAsync(ScheduleBook.Hourly());

        await book.Engine.UpdateAsync(World.Namespace, ScheduleBook.Id, ScheduleBook.Of(s => s.Spec.CronString.Add("45 * * * *")), ByteString.CopyFrom(new byte[bytes]), null);

        book.Describe().ConflictToken.ShouldNotBe(token);
    }

    [Fact]
    public async Task An_update_with_a_token_that_is_out_of_date_changes_nothing()
    {
        var token = await book.CreateAsync(ScheduleBook.Hourly());
        await book.PatchAsync(new SchedulePatch { Pause = "first" });

        await book.Engine.UpdateAsync(World.Namespace, ScheduleBook.Id, ScheduleBook.Of(), token, null);

        book.Describe().Schedule.ShouldBe(ScheduleBook.Hourly(s => s.State = new ScheduleState { Paused = true, Notes = "first" }));
    }

    [Fact]
    public async Task A_schedule_with_nothing_left_to_do_is_deleted_after_a_week()
    {
        await book.CreateAsync(ScheduleBook.Of());
        await book.TriggerAsync();
        await world.PassAsync(TimeSpan.FromDays(1));
        await book.EndAsync();

        await world.PassAsync(TimeSpan.FromDays(6.5));

        Should.Throw<RefusalException>(book.Describe).Message.ShouldBe("schedule not found");
        book.Engine.FindEntry(World.Namespace, ScheduleBook.Id).ShouldBeNull();
    }

    [Fact]
    public async Task A_deleted_schedule_leaves_its_workflow_alone_and_its_id_free()
    {
        await book.CreateAsync(ScheduleBook.Hourly());
        await world.PassAsync(TimeSpan.FromHours(1));

        await book.Engine.DeleteAsync(World.Namespace, ScheduleBook.Id);
        await book.CreateAsync(ScheduleBook.Hourly());
        await book.EndAsync();
        await world.PassAsync(TimeSpan.FromHours(1));

        (await world.DescribeAsync("report-2026-03-01T13:00:00Z")).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Completed);
        book.Taken.ShouldBe("01T14:00:00Z");
    }

    [Fact]
    public async Task Jitter_comes_after_the_time_and_before_the_next()
    {
        await book.CreateAsync(ScheduleBook.Hourly(s =>
        {
            s.Policies.OverlapPolicy = ScheduleOverlapPolicy.AllowAll;
            s.Spec.Jitter = Duration.FromTimeSpan(TimeSpan.FromDays(1));
        }));

        // The clock is looked at in between, when a time has come and its jitter has not.
        await world.PassAsync(TimeSpan.FromHours(6));

        var late = book.Info.RecentActions.Select(action => action.ScheduleTime.ToDateTimeOffset()).ToList();
        late.Count.ShouldBeInRange(5, 6);
        late.Select(time => time.Hour).ShouldBe(Enumerable.Range(13, late.Count));
        late.ShouldContain(time => time.Minute > 0);
    }
}
