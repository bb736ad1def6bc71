using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>What is told of an activity that ran into a limit: of time, of size, of what may be said about it.</summary>
public sealed class ActivityLimitTests
{
    [Fact]
    public async Task The_whole_time_running_out_is_told_as_too_little_time_for_another_attempt()
    {
        await using var world = await WithActivityAsync(a => a.ScheduleToCloseTimeout = Seconds(10));
        await world.FailActivityAsync(await world.PollActivityAsync());

        await world.PassAsync(TimeSpan.FromSeconds(11));

        var timedOut = (await world.EventsAsync()).Select(e => e.ActivityTaskTimedOutEventAttributes).ShouldHaveSingle();
        timedOut.RetryState.ShouldBe(RetryState.Timeout);
        timedOut.Failure.Message.ShouldBe("Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying");
        timedOut.Failure.Cause.Message.ShouldBe("no luck");
    }

    [Theory]
    [InlineData(TimeoutType.ScheduleToClose)]
    [InlineData(TimeoutType.StartToClose)]
    [InlineData(TimeoutType.Heartbeat)]
    public async Task Of_one_that_was_to_be_canceled_a_timeout_says_so(TimeoutType type)
    {
        await using var world = await WithActivityAsync(a =>
        {
            a.ScheduleToCloseTimeout = Seconds(type == TimeoutType.ScheduleToClose ? 5 : 60);
            a.StartToCloseTimeout = Seconds(type == TimeoutType.StartToClose ? 5 : 60);
            a.HeartbeatTimeout = Seconds(type == TimeoutType.Heartbeat ? 5 : 60);
        });
        await world.PassAsync(TimeSpan.FromSeconds(1));
        await world.PollActivityAsync();
        await world.SignalAsync("stop");
        await world.CompleteAsync(await world.PollAsync(), CancelActivity(5));

        await world.PassAsync(TimeSpan.FromSeconds(6));

        var timedOut = (await world.EventsAsync()).Select(e => e.ActivityTaskTimedOutEventAttributes).ShouldHaveSingle();
        timedOut.RetryState.ShouldBe(RetryState.CancelRequested);
        timedOut.Failure.Message.ShouldBe($"activity {type} timeout");
    }

    [Fact]
    public async Task A_failure_that_leaves_no_time_at_all_before_the_next_attempt_is_the_last()
    {
        await using var world = await WithActivityAsync();

        await FailAsync(world, await world.PollActivityAsync(), new Failure { ApplicationFailureInfo = new ApplicationFailureInfo { NextRetryDelay = Seconds(0) } });

        (await world.EventsAsync()).Select(e => e.ActivityTaskFailedEventAttributes).ShouldHaveSingle().RetryState.ShouldBe(RetryState.Timeout);
    }

    [Fact]
    public async Task A_failure_whose_next_attempt_was_due_before_it_is_tried_again_at_once()
    {
        await using var world = await WithActivityAsync();

        await FailAsync(world, await world.PollActivityAsync(), new Failure { ApplicationFailureInfo = new ApplicationFailureInfo { NextRetryDelay = Seconds(-1) } });

        (await world.PollActivityAsync()).Attempt.ShouldBe(2);
    }

    [Fact]
    public async Task A_large_failure_is_cut_down_while_the_activity_waits_for_its_next_attempt()
    {
        await using var world = await WithActivityAsync();
        var large = new Failure
        {
            Message = new string('é', 3_000),
            StackTrace = "at the end",
            Cause = new Failure { Message = "because" },
            ApplicationFailureInfo = new ApplicationFailureInfo { Type = "Broke" },
        };

        await FailAsync(world, await world.PollActivityAsync(), large);

        var kept = (await world.DescribeAsync()).PendingActivities.ShouldHaveSingleItem().LastFailure;
        kept.Message.ShouldBe("Failure exceeds size limit.");
        kept.ServerFailureInfo.NonRetryable.ShouldBeFalse();
        kept.Cause.ApplicationFailureInfo.Type.ShouldBe("Broke");
        kept.Cause.Message.ShouldBe(new string('é', (4_096 - 9 - 8) / 2));
        kept.Cause.StackTrace.ShouldBeEmpty();
    }

    [Fact]
    public async Task Which_errors_are_never_retried_is_not_shown()
    {
        await using var world = await WithActivityAsync(a => a.RetryPolicy = new RetryPolicy { NonRetryableErrorTypes = { "Broke" }, MaximumAttempts = 3 });

        var shown = (await world.DescribeAsync()).PendingActivities.ShouldHaveSingleItem().ActivityOptions.RetryPolicy;

        shown.MaximumAttempts.ShouldBe(3);
        shown.NonRetryableErrorTypes.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_has_not_begun_is_not_failed_by_a_result_that_is_too_large()
    {
        await using var world = await WithActivityAsync();

        var refused = await Should.ThrowAsync<RefusalException>(() => world.Engine.ActivityAnswers.CompleteAsync(World.Namespace, new RespondActivityTaskCompletedByIdRequest
        {
            WorkflowId = "order",
            ActivityId = "charge",
            Result = World.Text(new string('x', 2 * 1024 * 1024)),
        }));

        refused.Message.ShouldBe("invalid activityID or activity already timed out or invoking workflow is completed");
    }

    [Fact]
    public async Task A_task_that_comes_with_the_answer_to_its_command_does_not_say_the_workflows_priority()
    {
        await using var world = World.Create();
        await world.StartAsync(change: request => request.Priority = new Priority { PriorityKey = 2 });

        var answer = await world.CompleteAsync(await world.PollAsync(), Activity("charge", a => a.RequestEagerExecution = true));

        answer.ActivityTasks.ShouldHaveSingleItem().Priority.ShouldBeNull();
    }

    private static async Task<World> WithActivityAsync(Action<ScheduleActivityTaskCommandAttributes>? change = null)
    {
        var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Activity("charge", change));
        return world;
    }

    private static Task FailAsync(World world, PollActivityTaskQueueResponse task, Failure failure) =>
        world.Engine.ActivityAnswers.FailAsync(World.Namespace, new RespondActivityTaskFailedRequest { TaskToken = task.TaskToken, Failure = failure });
}

internal static class OneOfAKind
{
    /// <summary>The attributes of the only event of its kind.</summary>
    public static T ShouldHaveSingle<T>(this IEnumerable<T?> attributes)
        where T : class => attributes.OfType<T>().ShouldHaveSingleItem();
}
