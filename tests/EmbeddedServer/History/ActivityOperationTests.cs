using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Activity.V1;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.ActivityOperator;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Pausing, unpausing, resetting and changing pending activities.</summary>
public sealed class ActivityOperationTests
{
    [Fact]
    public async Task A_paused_activity_is_not_started_until_it_is_unpaused()
    {
        await using var world = await WithActivityAsync();
        await world.PauseActivityAsync("charge");
        (await world.TryPollActivityAsync()).ShouldBeNull();
        await world.PassAsync(TimeSpan.FromHours(1));

        await world.UnpauseActivityAsync("charge");

        (await world.PollActivityAsync()).Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task A_paused_activity_shows_by_whom_and_why_and_its_workflow_can_be_found()
    {
        await using var world = await WithActivityAsync();

        await world.PauseActivityAsync("charge");

        var described = await world.DescribeAsync();
        var activity = described.PendingActivities.ShouldHaveSingleItem();
        activity.State.ShouldBe(PendingActivityState.Paused);
        activity.Paused.ShouldBeTrue();
        activity.PauseInfo.Manual.ShouldBe(new PendingActivityInfo.Types.PauseInfo.Types.Manual { Identity = "operator", Reason = "a break" });
        described.WorkflowExecutionInfo.SearchAttributes.IndexedFields["TemporalPauseInfo"].Data.ToStringUtf8().ShouldBe("[\"property:activityType=Charge\"]");
    }

    [Fact]
    public async Task Nothing_times_out_while_it_is_paused()
    {
        await using var world = await WithActivityAsync(a => a.ScheduleToCloseTimeout = Seconds(10));
        await world.PollActivityAsync();
        await world.PauseActivityAsync("charge");

        await world.PassAsync(TimeSpan.FromMinutes(10));

        (await world.DescribeAsync()).PendingActivities.ShouldHaveSingleItem().State.ShouldBe(PendingActivityState.PauseRequested);
    }

    [Fact]
    public async Task A_running_one_learns_of_the_pause_by_heartbeat_and_its_retry_waits()
    {
        await using var world = await WithActivityAsync();
        var task = await world.PollActivityAsync();
        await world.PauseActivityAsync("charge");
        (await HeartbeatAsync(world, task)).ActivityPaused.ShouldBeTrue();
        await world.FailActivityAsync(task);
        await world.PassAsync(TimeSpan.FromMinutes(10));
        (await world.TryPollActivityAsync()).ShouldBeNull();

        await world.UnpauseActivityAsync("charge");

        (await world.PollActivityAsync()).Attempt.ShouldBe(2);
    }

    [Fact]
    public async Task One_paused_between_attempts_waits_across_a_restart()
    {
        await using var world = await WithActivityAsync();
        await world.FailActivityAsync(await world.PollActivityAsync());
        await world.PauseActivityAsync("charge");
        await world.RestartAsync();
        await world.PassAsync(TimeSpan.FromMinutes(1));
        (await world.TryPollActivityAsync()).ShouldBeNull();

        await world.UnpauseActivityAsync("charge");

        (await world.PollActivityAsync()).Attempt.ShouldBe(2);
    }

    [Fact]
    public async Task A_second_pause_is_taken_for_the_first_only_with_its_request_id()
    {
        await using var world = await WithActivityAsync();
        await world.PauseActivityAsync("charge", requestId: "first");
        await world.PauseActivityAsync("charge", requestId: "first");

        var refused = await Should.ThrowAsync<RefusalException>(() => world.PauseActivityAsync("charge", requestId: "second"));

        refused.Kind.ShouldBe(RefusalKind.FailedPrecondition);
    }

    [Fact]
    public async Task Unpausing_may_count_attempts_anew_and_forget_heartbeats()
    {
        await using var world = await WithActivityAsync();
        var first = await world.PollActivityAsync();
        await HeartbeatAsync(world, first);
        await world.FailActivityAsync(first);
        await world.PauseActivityAsync("charge");

        await world.UnpauseActivityAsync("charge", r => (r.ResetAttempts, r.ResetHeartbeat) = (true, true));

        var next = await world.PollActivityAsync();
        next.Attempt.ShouldBe(1);
        next.HeartbeatDetails.ShouldBeNull();
    }

    [Fact]
    public async Task With_jitter_it_starts_some_time_within_it()
    {
        await using var world = await WithActivityAsync();
        await world.PauseActivityAsync("charge");

        await world.UnpauseActivityAsync("charge", r => r.Jitter = Seconds(3600));

        (await world.TryPollActivityAsync()).ShouldBeNull();
        await world.PassAsync(TimeSpan.FromHours(1));
        (await world.PollActivityAsync()).Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task A_worker_that_has_one_that_is_reset_hears_of_it_and_fails_the_first_attempt()
    {
        await using var world = await WithActivityAsync(a => a.RetryPolicy = new RetryPolicy { MaximumAttempts = 3 });
        var first = await world.PollActivityAsync();
        await world.ResetActivityAsync("charge");
        (await HeartbeatAsync(world, first)).ActivityReset.ShouldBeTrue();

        await world.FailActivityAsync(first);

        await world.PassAsync(TimeSpan.FromSeconds(1));
        var next = await world.PollActivityAsync();
        next.Attempt.ShouldBe(2);
        (await HeartbeatAsync(world, next)).ActivityReset.ShouldBeFalse();
    }

    [Fact]
    public async Task A_worker_that_has_a_later_attempt_when_attempts_are_counted_anew_is_not_known_any_more()
    {
        await using var world = await WithActivityAsync(a => a.RetryPolicy = new RetryPolicy { MaximumAttempts = 3 });
        await FailAndWaitAsync(world);
        var second = await world.PollActivityAsync();
        await world.ResetActivityAsync("charge");

        var refused = await Should.ThrowAsync<RefusalException>(() => world.CompleteActivityAsync(second));

        refused.Kind.ShouldBe(RefusalKind.NotFound);
        (await world.DescribeAsync()).PendingActivities.ShouldHaveSingleItem().Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_to_the_attempt_that_had_the_same_number_before_attempts_were_counted_anew_is_taken()
    {
        await using var world = await WithActivityAsync();
        var stale = await world.PollActivityAsync();
        await world.FailActivityAsync(stale);
        await world.ResetActivityAsync("charge");
        (await world.PollActivityAsync()).Attempt.ShouldBe(stale.Attempt);

        await world.CompleteActivityAsync(stale);

        (await world.DescribeAsync()).PendingActivities.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_reset_ends_the_backoff_and_the_pause_unless_that_is_to_be_kept()
    {
        await using var world = await WithActivityAsync();
        await world.FailActivityAsync(await world.PollActivityAsync());
        await world.PauseActivityAsync("charge");
        await world.ResetActivityAsync("charge", r => r.KeepPaused = true);
        (await world.TryPollActivityAsync()).ShouldBeNull();

        await world.ResetActivityAsync("charge");

        (await world.PollActivityAsync()).Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task A_reset_can_bring_the_original_options_back()
    {
        await using var world = await WithActivityAsync();
        await world.ChangeOptionsAsync("charge", new ActivityOptions { StartToCloseTimeout = Seconds(5) }, "start_to_close_timeout");

        await world.ResetActivityAsync("charge", r => r.RestoreOriginalOptions = true);

        (await world.PollActivityAsync()).StartToCloseTimeout.ShouldBe(Seconds(60));
    }

    [Fact]
    public async Task New_options_apply_to_the_wait_that_is_on()
    {
        await using var world = await WithActivityAsync(a => a.RetryPolicy = new RetryPolicy { InitialInterval = Seconds(3600) });
        await world.FailActivityAsync(await world.PollActivityAsync());

        await world.ChangeOptionsAsync(
            "charge", new ActivityOptions { RetryPolicy = new RetryPolicy { InitialInterval = Seconds(5) } }, "retry_policy.initial_interval");

        await world.PassAsync(TimeSpan.FromSeconds(9.9));
        (await world.TryPollActivityAsync()).ShouldBeNull();
        await world.PassAsync(TimeSpan.FromSeconds(0.1));
        (await world.PollActivityAsync()).Attempt.ShouldBe(2);
    }

    [Fact]
    public async Task A_new_queue_is_where_it_is_offered_from_then_on()
    {
        await using var world = await WithActivityAsync();

        await world.ChangeOptionsAsync("charge", new ActivityOptions { TaskQueue = new TaskQueue { Name = "elsewhere" } }, "taskQueue.name");

        await world.PollActivityAsync();
        (await world.DescribeAsync()).PendingActivities.ShouldHaveSingleItem().ActivityOptions.TaskQueue.Name.ShouldBe("elsewhere");
        (await world.TryPollActivityAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_running_one_is_held_to_its_new_limits()
    {
        await using var world = await WithActivityAsync(a => a.RetryPolicy = new RetryPolicy { MaximumAttempts = 1 });
        await world.PollActivityAsync();

        await world.ChangeOptionsAsync("charge", new ActivityOptions { StartToCloseTimeout = Seconds(5) }, "start_to_close_timeout");

        await world.PassAsync(TimeSpan.FromSeconds(5));
        (await world.EventsAsync())[6].EventType.ShouldBe(EventType.ActivityTaskTimedOut);
    }

    [Fact]
    public async Task Options_that_do_not_go_together_change_nothing()
    {
        await using var world = await WithActivityAsync();

        var refused = await Should.ThrowAsync<RefusalException>(
            () => world.ChangeOptionsAsync("charge", new ActivityOptions(), "start_to_close_timeout"));

        refused.Kind.ShouldBe(RefusalKind.InvalidArgument);
        (await world.PollActivityAsync()).StartToCloseTimeout.ShouldBe(Seconds(60));
    }

    [Fact]
    public async Task A_request_about_a_type_is_about_all_of_it_and_no_other()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(
            await world.PollAsync(), Activity("one"), Activity("two"), Activity("other", a => a.ActivityType = new ActivityType { Name = "Ship" }));

        await world.Engine.ActivityOperations.PauseAsync(World.Namespace, new PauseActivityRequest { Execution = Order, Type = "Charge" });

        (await world.DescribeAsync()).PendingActivities.Where(a => a.Paused).Select(a => a.ActivityId).ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task A_request_about_all_is_about_all()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Activity("one"), Activity("two"));
        await world.PauseActivityAsync("one");
        await world.PauseActivityAsync("two");

        await world.Engine.ActivityOperations.UnpauseAsync(World.Namespace, new UnpauseActivityRequest { Execution = Order, UnpauseAll = true });

        (await world.DescribeAsync()).PendingActivities.ShouldAllBe(a => !a.Paused);
    }

    [Fact]
    public async Task A_workflow_can_cancel_a_paused_activity()
    {
        await using var world = await WithActivityAsync();
        await world.PauseActivityAsync("charge");
        await world.SignalAsync("stop");

        await world.CompleteAsync(await world.PollAsync(), CancelActivity(5));

        (await world.EventsAsync()).ShouldContain(e => e.EventType == EventType.ActivityTaskCanceled);
    }

    [Fact]
    public async Task A_task_that_never_reached_its_worker_goes_back_paused()
    {
        await using var world = await WithActivityAsync();
        var task = await world.PollActivityAsync();
        await world.PauseActivityAsync("charge");

        await world.Engine.Activities.AbandonAsync(World.Namespace, task);

        (await world.DescribeAsync()).PendingActivities.ShouldHaveSingleItem().State.ShouldBe(PendingActivityState.Paused);
    }

    [Fact]
    public async Task A_result_that_is_too_large_of_a_paused_activity_that_nobody_has_is_refused()
    {
        await using var world = await WithActivityAsync();
        await world.PauseActivityAsync("charge");

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.Engine.ActivityAnswers.CompleteAsync(World.Namespace, new RespondActivityTaskCompletedByIdRequest
        {
            WorkflowId = "order",
            ActivityId = "charge",
            Result = World.Text(new string('x', 3 * 1024 * 1024)),
        }));

        refusal.Kind.ShouldBe(RefusalKind.NotFound);
        (await world.DescribeAsync()).PendingActivities.ShouldHaveSingleItem().Paused.ShouldBeTrue();
    }

    [Fact]
    public async Task A_whole_retry_policy_is_taken_as_it_is_and_told_with_the_errors_that_it_names()
    {
        await using var world = await WithActivityAsync(a => a.RetryPolicy = new RetryPolicy { NonRetryableErrorTypes = { "Broke" } });
        var wanted = new RetryPolicy { MaximumAttempts = 5, NonRetryableErrorTypes = { "Other" } };

        var answer = await world.ChangeOptionsAsync("charge", new ActivityOptions { RetryPolicy = wanted }, "retry_policy");

        answer.ActivityOptions.RetryPolicy.ShouldBe(wanted);
        (await world.DescribeAsync()).PendingActivities.ShouldHaveSingleItem().ActivityOptions.RetryPolicy.ShouldBe(new RetryPolicy { MaximumAttempts = 5 });
    }

    [Fact]
    public async Task A_policy_that_says_nothing_leaves_no_time_for_another_attempt()
    {
        await using var world = await WithActivityAsync();
        await world.ChangeOptionsAsync("charge", new ActivityOptions { RetryPolicy = new RetryPolicy() }, "retry_policy");

        await world.FailActivityAsync(await world.PollActivityAsync());

        (await world.EventsAsync()).Select(e => e.ActivityTaskFailedEventAttributes).ShouldHaveSingle().RetryState.ShouldBe(RetryState.Timeout);
    }

    [Fact]
    public async Task One_that_a_worker_has_stays_paused_when_it_is_reset()
    {
        await using var world = await WithActivityAsync();
        await world.PollActivityAsync();
        await world.PauseActivityAsync("charge");

        await world.ResetActivityAsync("charge");

        (await world.DescribeAsync()).PendingActivities.ShouldHaveSingleItem().State.ShouldBe(PendingActivityState.PauseRequested);
    }

    [Fact]
    public async Task Of_a_run_that_has_closed_no_activity_is_found_by_its_type()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.TerminateAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => world.Engine.ActivityOperations.PauseAsync(
            World.Namespace, new PauseActivityRequest { Execution = Order, Type = "Charge" }));

        refused.Message.ShouldBe("Can't find pending activity with such ID. Invalid activityID or activity already completed");
    }

    private static async Task FailAndWaitAsync(World world)
    {
        await world.FailActivityAsync(await world.PollActivityAsync());
        await world.PassAsync(TimeSpan.FromSeconds(10));
    }

    private static Task<RecordActivityTaskHeartbeatResponse> HeartbeatAsync(World world, PollActivityTaskQueueResponse task) =>
        world.Engine.ActivityAnswers.HeartbeatAsync(World.Namespace, new RecordActivityTaskHeartbeatRequest { TaskToken = task.TaskToken, Details = World.Text("half") });

    private static async Task<World> WithActivityAsync(Action<ScheduleActivityTaskCommandAttributes>? change = null)
    {
        var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Activity("charge", change));
        return world;
    }
}
