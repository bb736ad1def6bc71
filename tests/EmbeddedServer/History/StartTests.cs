using Grpc.Core;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.TaskQueue.V1;

using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Starting: ids that are in use, requests that come twice, delays, chains of runs.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task The_same_request_twice_is_one_start_even_after_its_end()
    {
        await using var world = World.Create();
        var first = await world.StartAsync();
        var again = await world.StartAsync();
        await world.TerminateAsync();

        var late = await world.StartAsync();

        again.ShouldBe(first);
        late.RunId.ShouldBe(first.RunId);
        late.Started.ShouldBeTrue();
        late.Status.ShouldBe(WorkflowExecutionStatus.Terminated);
    }

    [Fact]
    public async Task An_id_in_use_is_refused_with_what_uses_it()
    {
        await using var world = World.Create();
        var first = await world.StartAsync();

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.StartAsync(change: r => r.RequestId = "other"));

        refusal.Kind.ShouldBe(RefusalKind.AlreadyExists);
        refusal.Message.ShouldBe($"Workflow execution is already running. WorkflowId: order, RunId: {first.RunId}.");
        var detail = refusal.Detail.ShouldBeOfType<WorkflowExecutionAlreadyStartedFailure>();
        detail.RunId.ShouldBe(first.RunId);
        detail.StartRequestId.ShouldBe("start-order");
        detail.FirstExecutionRunId.ShouldBe(first.RunId);
    }

    [Theory]
    [InlineData("Complete", WorkflowIdReusePolicy.AllowDuplicate, true)]
    [InlineData("Complete", WorkflowIdReusePolicy.AllowDuplicateFailedOnly, false)]
    [InlineData("Complete", WorkflowIdReusePolicy.RejectDuplicate, false)]
    [InlineData("Fail", WorkflowIdReusePolicy.AllowDuplicateFailedOnly, true)]
    [InlineData("Cancel", WorkflowIdReusePolicy.AllowDuplicateFailedOnly, true)]
    [InlineData("Fail", WorkflowIdReusePolicy.RejectDuplicate, false)]
    public async Task A_closed_one_may_be_followed_as_the_policy_says(string end, WorkflowIdReusePolicy policy, bool allowed)
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), end switch { "Complete" => Complete(), "Fail" => Fail(), _ => Cancel() });

        Task<StartWorkflowExecutionResponse> Start() => world.StartAsync(change: r =>
        {
            r.RequestId = "second";
            r.WorkflowIdReusePolicy = policy;
        });

        if (allowed)
        {
            (await Start()).Started.ShouldBeTrue();
        }
        else
        {
            (await Should.ThrowAsync<RefusalException>(Start)).Kind.ShouldBe(RefusalKind.AlreadyExists);
        }
    }

    [Fact]
    public async Task Using_the_existing_run_attaches_the_request()
    {
        await using var world = World.Create();
        var first = await world.StartAsync();
        var task = await world.PollAsync();

        var attached = await world.StartAsync(change: r =>
        {
            r.RequestId = "second";
            r.WorkflowIdConflictPolicy = WorkflowIdConflictPolicy.UseExisting;
            r.OnConflictOptions = new Temporalio.Api.Workflow.V1.OnConflictOptions { AttachRequestId = true };
        });
        var meanwhile = (await world.DescribeAsync()).WorkflowExtendedInfo.RequestIdInfos["second"];
        await world.CompleteAsync(task, Marker("m"));

        attached.Started.ShouldBeFalse();
        attached.RunId.ShouldBe(first.RunId);
        meanwhile.Buffered.ShouldBeTrue();
        (await world.DescribeAsync()).WorkflowExtendedInfo.RequestIdInfos["second"].EventId.ShouldBe(6);
        (await world.EventsAsync())[5].WorkerMayIgnore.ShouldBeTrue();
    }

    [Fact]
    public async Task Terminating_the_existing_run_is_one_step_with_the_start()
    {
        await using var world = World.Create();
        var first = await world.StartAsync();

        var second = await world.StartAsync(change: r =>
        {
            r.RequestId = "second";
            r.WorkflowIdConflictPolicy = WorkflowIdConflictPolicy.TerminateExisting;
        });

        (await world.HistoryAsync(runId: first.RunId)).ShouldEndWith("3 WorkflowExecutionTerminated TerminateIfRunning WorkflowIdReusePolicy");
        (await world.DescribeAsync()).WorkflowExecutionInfo.Execution.RunId.ShouldBe(second.RunId);
    }

    [Fact]
    public async Task A_delayed_start_sleeps_through_signals_but_not_through_cancellation()
    {
        await using var world = World.Create();
        await world.StartAsync(change: r => r.WorkflowStartDelay = Seconds(60));
        await world.SignalAsync("early");
        (await world.TryPollAsync()).ShouldBeNull();

        await world.PassAsync(TimeSpan.FromSeconds(60));
        await world.PollAsync();
        (await world.HistoryAsync()).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowExecutionSignaled early
            3 WorkflowTaskScheduled
            4 WorkflowTaskStarted
            """);

        await world.StartAsync("other", r => r.WorkflowStartDelay = Seconds(60));
        await world.RequestCancelAsync("other");
        await world.RequestCancelAsync("other");
        (await world.HistoryAsync("other")).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowExecutionCancelRequested
            3 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task A_delayed_start_that_ends_before_its_time_has_taken_less_than_none()
    {
        await using var world = World.Create();
        await world.StartAsync(change: r => r.WorkflowStartDelay = Seconds(60));
        await world.TerminateAsync();

        (await world.DescribeAsync()).WorkflowExecutionInfo.ExecutionDuration.ShouldBe(Seconds(-60));
    }

    [Fact]
    public async Task An_eager_start_hands_out_the_first_task_and_again_while_it_is_out()
    {
        await using var world = World.Create();
        var first = await world.StartAsync(change: r => r.RequestEagerExecution = true);

        var again = await world.StartAsync(change: r => r.RequestEagerExecution = true);

        again.ShouldBe(first);
        await world.CompleteAsync(again.EagerWorkflowTask, Complete());
        (await world.StartAsync(change: r => r.RequestEagerExecution = true)).EagerWorkflowTask.ShouldBeNull();
    }

    [Fact]
    public async Task Signal_with_start_starts_once_and_then_signals()
    {
        await using var world = World.Create();
        var first = await SignalWithStartAsync(world, "one", "r1");
        var second = await SignalWithStartAsync(world, "two", "r2");
        var repeated = await SignalWithStartAsync(world, "two", "r2");

        first.Started.ShouldBeTrue();
        second.Started.ShouldBeFalse();
        repeated.RunId.ShouldBe(first.RunId);
        (await world.HistoryAsync()).ShouldBe("""
            1 WorkflowExecutionStarted
            2 WorkflowExecutionSignaled one
            3 WorkflowTaskScheduled
            4 WorkflowExecutionSignaled two
            """);
    }

    [Fact]
    public async Task The_request_of_a_signal_with_start_is_found_at_its_signal()
    {
        await using var world = World.Create();

        await SignalWithStartAsync(world, "one", "r1");

        var found = (await world.DescribeAsync()).WorkflowExtendedInfo.RequestIdInfos["r1"];
        (found.EventType, found.EventId).ShouldBe((EventType.WorkflowExecutionStarted, 2));
    }

    [Fact]
    public async Task A_failed_run_is_followed_by_another_attempt_after_a_back_off()
    {
        await using var world = World.Create();
        var first = await world.StartAsync(change: r => r.RetryPolicy = new RetryPolicy { MaximumAttempts = 2, InitialInterval = Seconds(3) });
        await world.CompleteAsync(await world.PollAsync(), Fail());
        (await world.HistoryAsync(runId: first.RunId)).ShouldEndWith("5 WorkflowExecutionFailed InProgress");
        (await world.TryPollAsync()).ShouldBeNull();
        await world.PassAsync(TimeSpan.FromSeconds(3));

        var second = await world.PollAsync();
        await world.CompleteAsync(second, Fail());

        (await world.HistoryAsync()).ShouldBe("""
            1 WorkflowExecutionStarted attempt=2
            2 WorkflowTaskScheduled
            3 WorkflowTaskStarted
            4 WorkflowTaskCompleted
            5 WorkflowExecutionFailed MaximumAttemptsReached
            """);
        second.History.Events[0].WorkflowExecutionStartedEventAttributes.FirstExecutionRunId.ShouldBe(first.RunId);
    }

    [Fact]
    public async Task A_run_that_takes_too_long_times_out()
    {
        await using var world = World.Create();
        await world.StartAsync(change: r => r.WorkflowRunTimeout = Seconds(5));

        await world.PassAsync(TimeSpan.FromSeconds(5));

        (await world.HistoryAsync()).ShouldEndWith("3 WorkflowExecutionTimedOut RetryPolicyNotSet");
    }

    [Fact]
    public async Task The_whole_execution_takes_too_long_whatever_the_retries()
    {
        await using var world = World.Create();
        await world.StartAsync(change: r =>
        {
            r.WorkflowExecutionTimeout = Seconds(5);
            r.RetryPolicy = new RetryPolicy();
        });

        await world.PassAsync(TimeSpan.FromSeconds(5));

        (await world.HistoryAsync()).ShouldEndWith("3 WorkflowExecutionTimedOut Timeout");
    }

    [Fact]
    public async Task A_cron_schedule_runs_again_and_again()
    {
        await using var world = World.Create();
        await world.StartAsync(change: r => r.CronSchedule = "* * * * *");
        await world.PassAsync(TimeSpan.FromSeconds(60));
        await world.CompleteAsync(await world.PollAsync(), Complete());

        await world.PassAsync(TimeSpan.FromSeconds(60));

        var started = (await world.PollAsync()).History.Events[0].WorkflowExecutionStartedEventAttributes;
        started.Initiator.ShouldBe(ContinueAsNewInitiator.CronSchedule);
        started.Attempt.ShouldBe(1);
        started.FirstWorkflowTaskBackoff.ShouldBe(Seconds(60));
    }

    [Theory]
    [InlineData("@every 500ms")]
    [InlineData("@every 0")]
    [InlineData("@every -1h")]
    public async Task A_cron_schedule_of_less_than_a_second_runs_every_second(string schedule)
    {
        await using var world = World.Create();
        await world.StartAsync(change: r => r.CronSchedule = schedule);

        await world.PassAsync(TimeSpan.FromSeconds(1));

        (await world.PollAsync()).StartedEventId.ShouldBe(3);
    }

    [Fact]
    public async Task Continuing_as_new_too_soon_waits_for_the_rest_of_a_second()
    {
        await using var world = World.Create();
        var first = await world.StartAsync();
        await world.PassAsync(TimeSpan.FromSeconds(0.4));
        await world.CompleteAsync(await world.PollAsync(), ContinueAsNew());

        (await world.HistoryAsync(runId: first.RunId)).ShouldEndWith("5 WorkflowExecutionContinuedAsNew");
        await world.PassAsync(TimeSpan.FromSeconds(0.6));
        var started = (await world.PollAsync()).History.Events[0].WorkflowExecutionStartedEventAttributes;
        started.ContinuedExecutionRunId.ShouldBe(first.RunId);
        started.FirstWorkflowTaskBackoff.ShouldBe(Seconds(0.6));
    }

    [Fact]
    public async Task A_deleted_run_is_gone_and_its_id_free()
    {
        await using var world = World.Create();
        var first = await world.StartAsync();

        await world.Engine.Requests.DeleteAsync(World.Namespace, new DeleteWorkflowExecutionRequest { WorkflowExecution = new WorkflowExecution { WorkflowId = "order" } });

        (await Should.ThrowAsync<RefusalException>(() => world.DescribeAsync())).Message.ShouldBe("workflow not found for ID: order");
        (await world.StartAsync()).RunId.ShouldNotBe(first.RunId);
    }

    private static Task<SignalWithStartWorkflowExecutionResponse> SignalWithStartAsync(World world, string signal, string requestId) =>
        world.Engine.Starts.SignalWithStartAsync(World.Namespace, new SignalWithStartWorkflowExecutionRequest
        {
            WorkflowId = "order",
            WorkflowType = new WorkflowType { Name = "Order" },
            TaskQueue = new TaskQueue { Name = "orders" },
            SignalName = signal,
            RequestId = requestId,
        });
}
