using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Retries, timeouts, heartbeats and cancellation of activities.</summary>
public sealed class ActivityTests
{
    [Fact]
    public async Task A_task_says_its_limits_even_where_there_are_none()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Activity("charge"));

        var task = await world.PollActivityAsync();

        task.ScheduleToCloseTimeout.ShouldBe(new Google.Protobuf.WellKnownTypes.Duration());
        task.StartToCloseTimeout.ShouldNotBeNull();
        task.HeartbeatTimeout.ShouldBe(new Google.Protobuf.WellKnownTypes.Duration());
    }

    [Fact]
    public async Task A_pending_activity_shows_its_limits_even_where_there_are_none()
    {
        await using var world = await WithActivityAsync();

        var options = (await world.DescribeAsync()).PendingActivities.ShouldHaveSingleItem().ActivityOptions;

        new[] { options.ScheduleToCloseTimeout, options.ScheduleToStartTimeout, options.HeartbeatTimeout }.ShouldAllBe(limit => limit.ToTimeSpan() == TimeSpan.Zero);
    }

    [Fact]
    public async Task Retried_attempts_leave_no_trace_but_the_last()
    {
        await using var world = await WithActivityAsync();
        await world.FailActivityAsync(await world.PollActivityAsync());
        (await world.TryPollActivityAsync()).ShouldBeNull();
        var waiting = (await world.DescribeAsync()).PendingActivities.ShouldHaveSingleItem();
        waiting.CurrentRetryInterval.ToTimeSpan().ShouldBe(TimeSpan.FromSeconds(1));
        waiting.Attempt.ShouldBe(2);
        await world.PassAsync(TimeSpan.FromSeconds(1));

        await world.CompleteActivityAsync(await world.PollActivityAsync());

        (await TailAsync(world)).ShouldBe("""
            6 ActivityTaskStarted 5 attempt=2
            7 ActivityTaskCompleted 5 started=6
            8 WorkflowTaskScheduled
            """);
        (await world.EventsAsync())[5].ActivityTaskStartedEventAttributes.LastFailure.Message.ShouldBe("no luck");
    }

    [Fact]
    public async Task Retries_end_with_the_last_attempt()
    {
        await using var world = await WithActivityAsync(a => a.RetryPolicy = new RetryPolicy { MaximumAttempts = 2 });
        await world.FailActivityAsync(await world.PollActivityAsync());
        await world.PassAsync(TimeSpan.FromSeconds(1));

        await world.FailActivityAsync(await world.PollActivityAsync());

        (await TailAsync(world)).ShouldBe("""
            6 ActivityTaskStarted 5 attempt=2
            7 ActivityTaskFailed 5 started=6 MaximumAttemptsReached
            8 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task A_failure_may_say_when_to_try_again()
    {
        await using var world = await WithActivityAsync();
        var task = await world.PollActivityAsync();

        await world.Engine.ActivityAnswers.FailAsync(World.Namespace, new RespondActivityTaskFailedRequest
        {
            TaskToken = task.TaskToken,
            Failure = new() { ApplicationFailureInfo = new() { NextRetryDelay = Seconds(500) } },
        });

        await world.PassAsync(TimeSpan.FromSeconds(499));
        (await world.TryPollActivityAsync()).ShouldBeNull();
        await world.PassAsync(TimeSpan.FromSeconds(1));
        (await world.PollActivityAsync()).Attempt.ShouldBe(2);
    }

    [Fact]
    public async Task Permanent_failures_are_not_retried()
    {
        await using var world = await WithActivityAsync();

        await world.FailActivityAsync(await world.PollActivityAsync(), retryable: false);

        (await TailAsync(world)).ShouldBe("""
            6 ActivityTaskStarted 5 attempt=1
            7 ActivityTaskFailed 5 started=6 NonRetryableFailure
            8 WorkflowTaskScheduled
            """);
    }

    [Theory]
    [InlineData("", "who beats")]
    [InlineData("who polled", "who polled")]
    public async Task A_worker_that_did_not_say_who_it_is_may_say_so_with_a_heartbeat(string poller, string shown)
    {
        await using var world = await WithActivityAsync();
        var task = await world.Engine.Activities.StartAsync(
            World.Namespace, world.Tasks.Take(Onramp.EmbeddedServer.Storage.TaskKind.Activity)!, new PollActivityTaskQueueRequest { TaskQueue = new() { Name = "payments" }, Identity = poller });

        await world.Engine.ActivityAnswers.HeartbeatAsync(World.Namespace, new RecordActivityTaskHeartbeatRequest { TaskToken = task!.TaskToken, Identity = "who beats" });

        (await world.DescribeAsync()).PendingActivities.ShouldHaveSingleItem().LastWorkerIdentity.ShouldBe(shown);
    }

    [Fact]
    public async Task Nobody_starts_it_in_time()
    {
        await using var world = await WithActivityAsync(a => a.ScheduleToStartTimeout = Seconds(3));

        await world.PassAsync(TimeSpan.FromSeconds(4));

        (await TailAsync(world)).ShouldBe("""
            6 ActivityTaskTimedOut 5 started=0 ScheduleToStart Timeout
            7 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task A_worker_that_is_silent_for_too_long_loses_it_to_another_attempt()
    {
        await using var world = await WithActivityAsync(a => a.StartToCloseTimeout = Seconds(3));
        var lost = await world.PollActivityAsync();
        await world.PassAsync(TimeSpan.FromSeconds(4));

        (await world.PollActivityAsync()).Attempt.ShouldBe(2);
        var late = await Should.ThrowAsync<RefusalException>(() => world.CompleteActivityAsync(lost));
        late.Kind.ShouldBe(RefusalKind.NotFound);
    }

    [Fact]
    public async Task Heartbeats_keep_it_alive_and_their_details_reach_the_next_attempt()
    {
        await using var world = await WithActivityAsync(a => a.HeartbeatTimeout = Seconds(2));
        var task = await world.PollActivityAsync();
        for (var beat = 0; beat < 3; beat++)
        {
            await world.PassAsync(TimeSpan.FromSeconds(1.5));
            await world.Engine.ActivityAnswers.HeartbeatAsync(World.Namespace, new RecordActivityTaskHeartbeatRequest { TaskToken = task.TaskToken, Details = World.Text($"{beat}") });
        }

        await world.PassAsync(TimeSpan.FromSeconds(4));

        var second = await world.PollActivityAsync();
        second.Attempt.ShouldBe(2);
        second.HeartbeatDetails.ShouldBe(World.Text("2"));
    }

    [Fact]
    public async Task The_whole_time_is_not_enough_for_another_attempt()
    {
        await using var world = await WithActivityAsync(a =>
        {
            a.ScheduleToCloseTimeout = Seconds(5);
            a.StartToCloseTimeout = Seconds(4.5);
        });
        await world.PollActivityAsync();

        await world.PassAsync(TimeSpan.FromSeconds(10));

        (await TailAsync(world)).ShouldBe("""
            6 ActivityTaskStarted 5 attempt=1
            7 ActivityTaskTimedOut 5 started=6 ScheduleToClose Timeout
            8 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task It_runs_out_of_time_while_it_waits_for_a_worker()
    {
        await using var world = await WithActivityAsync(a => a.ScheduleToCloseTimeout = Seconds(5));
        await world.FailActivityAsync(await world.PollActivityAsync());

        await world.PassAsync(TimeSpan.FromSeconds(10));

        (await TailAsync(world)).ShouldBe("""
            6 ActivityTaskTimedOut 5 started=0 ScheduleToClose Timeout
            7 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task One_that_no_worker_has_is_canceled_at_once()
    {
        await using var world = await WithActivityAsync();
        await world.SignalAsync("stop");

        await world.CompleteAsync(await world.PollAsync(), CancelActivity(5), Marker("after"));

        (await world.EventsAsync()).Skip(8).Show().ShouldBe("""
            9 WorkflowTaskCompleted
            10 ActivityTaskCancelRequested 5
            11 MarkerRecorded after
            12 ActivityTaskCanceled 5 started=0 requested=10
            13 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task A_worker_learns_of_cancellation_with_its_heartbeat_and_confirms_it()
    {
        await using var world = await WithActivityAsync();
        var task = await world.PollActivityAsync();
        var cancel = new RespondActivityTaskCanceledRequest { TaskToken = task.TaskToken };
        var early = await Should.ThrowAsync<RefusalException>(() => world.Engine.ActivityAnswers.CancelAsync(World.Namespace, cancel));
        early.Message.ShouldBe("unable to mark activity as canceled without activity being request canceled first");
        await world.SignalAsync("stop");
        await world.CompleteAsync(await world.PollAsync(), CancelActivity(5));

        var beat = await world.Engine.ActivityAnswers.HeartbeatAsync(World.Namespace, new RecordActivityTaskHeartbeatRequest { TaskToken = task.TaskToken });
        await world.Engine.ActivityAnswers.CancelAsync(World.Namespace, cancel);

        beat.CancelRequested.ShouldBeTrue();
        (await world.EventsAsync()).Skip(9).Show().ShouldBe("""
            10 ActivityTaskCancelRequested 5
            11 ActivityTaskStarted 5 attempt=1
            12 ActivityTaskCanceled 5 started=11 requested=10
            13 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task It_can_be_completed_by_id_before_it_starts_but_not_failed()
    {
        await using var world = await WithActivityAsync();
        var refusal = await Should.ThrowAsync<RefusalException>(() => world.Engine.ActivityAnswers.FailAsync(
            World.Namespace, new RespondActivityTaskFailedByIdRequest { WorkflowId = "order", ActivityId = "charge" }));
        refusal.Kind.ShouldBe(RefusalKind.NotFound);

        await world.Engine.ActivityAnswers.CompleteAsync(
            World.Namespace, new RespondActivityTaskCompletedByIdRequest { WorkflowId = "order", ActivityId = "charge" });

        (await TailAsync(world)).ShouldBe("""
            6 ActivityTaskStarted 5 attempt=1
            7 ActivityTaskCompleted 5 started=6
            8 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task A_result_that_is_too_large_fails_it_for_good()
    {
        await using var world = await WithActivityAsync();
        var task = await world.PollActivityAsync();

        await world.Engine.ActivityAnswers.CompleteAsync(World.Namespace, new RespondActivityTaskCompletedRequest
        {
            TaskToken = task.TaskToken,
            Result = World.Text(new string('x', 2 * 1024 * 1024)),
        });

        (await TailAsync(world)).ShouldBe("""
            6 ActivityTaskStarted 5 attempt=1
            7 ActivityTaskFailed 5 started=6 NonRetryableFailure
            8 WorkflowTaskScheduled
            """);
        (await world.EventsAsync())[6].ActivityTaskFailedEventAttributes.Failure.Message.ShouldBe("Complete result exceeds size limit.");
    }

    [Fact]
    public async Task One_asked_for_eagerly_comes_with_the_answer()
    {
        await using var world = World.Create();
        await world.StartAsync();

        var answer = await world.CompleteAsync(await world.PollAsync(), Activity("charge", a => a.RequestEagerExecution = true));

        (await world.TryPollActivityAsync()).ShouldBeNull();
        await world.CompleteActivityAsync(answer.ActivityTasks.ShouldHaveSingleItem());
        (await TailAsync(world)).ShouldBe("""
            6 ActivityTaskStarted 5 attempt=1
            7 ActivityTaskCompleted 5 started=6
            8 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task One_that_did_not_reach_its_worker_is_offered_again()
    {
        await using var world = await WithActivityAsync();
        var lost = await world.PollActivityAsync();

        await world.Engine.Activities.AbandonAsync(World.Namespace, lost);

        (await world.PollActivityAsync()).Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task Timeouts_that_were_left_out_follow_from_the_others()
    {
        await using var world = await WithActivityAsync(a =>
        {
            a.ScheduleToCloseTimeout = Seconds(30);
            a.StartToCloseTimeout = Seconds(60);
            a.HeartbeatTimeout = Seconds(90);
        });

        var scheduled = (await world.EventsAsync())[4].ActivityTaskScheduledEventAttributes;

        new[] { scheduled.ScheduleToCloseTimeout, scheduled.ScheduleToStartTimeout, scheduled.StartToCloseTimeout, scheduled.HeartbeatTimeout }
            .ShouldAllBe(timeout => timeout.Equals(Duration.FromTimeSpan(TimeSpan.FromSeconds(30))));
        scheduled.RetryPolicy.MaximumInterval.ShouldBe(Seconds(100));
    }

    private static async Task<World> WithActivityAsync(Action<ScheduleActivityTaskCommandAttributes>? change = null)
    {
        var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Activity("charge", change));
        return world;
    }

    private static async Task<string> TailAsync(World world) => (await world.EventsAsync()).Skip(5).Show();
}
