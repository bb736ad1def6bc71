using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;
using static Onramp.EmbeddedServer.Tests.History.Support.UpdateWorker;
using Stage = Temporalio.Api.Enums.V1.UpdateWorkflowExecutionLifecycleStage;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Updates: what they leave in the history, and who is told what.</summary>
public sealed class UpdateTests
{
    [Fact]
    public async Task A_rejected_update_leaves_no_trace_and_takes_its_worker_back()
    {
        await using var world = await IdleAsync();

        var updating = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();
        var completed = await world.CompleteAsync(task, r => r.Reject(task));

        (await updating).Outcome.Failure.Message.ShouldBe("not now");
        completed.ResetHistoryEventId.ShouldBe(3);
        (await world.HistoryAsync()).ShouldBe(IdleHistory);
        (await Should.ThrowAsync<RefusalException>(() => world.PollUpdateAsync("u"))).Kind.ShouldBe(RefusalKind.NotFound);
    }

    [Fact]
    public async Task An_accepted_update_that_is_completed_later_answers_both_who_sent_it_and_who_polls()
    {
        await using var world = await IdleAsync();
        var accepting = await world.SendUpdateAsync("u", Stage.Accepted);
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.Accept(task), Timer("t", 5));
        (await accepting).Stage.ShouldBe(Stage.Accepted);

        var polling = world.PollUpdateAsync("u");
        await world.PassAsync(TimeSpan.FromSeconds(5));
        await world.CompleteAsync(await world.PollAsync(), r => r.Respond("u"));

        (await polling).Outcome.Success.ShouldBe(World.Text("did u"));
        (await world.UpdateAsync("u")).Outcome.Success.ShouldBe(World.Text("did u"));
        (await world.HistoryAsync()).ShouldEndWith("""
            10 TimerFired t
            11 WorkflowTaskScheduled
            12 WorkflowTaskStarted
            13 WorkflowTaskCompleted
            14 WorkflowExecutionUpdateCompleted
            """);
    }

    [Fact]
    public async Task Who_waits_for_acceptance_gets_the_outcome_too_when_it_comes_with_it()
    {
        await using var world = await IdleAsync();
        var updating = await world.SendUpdateAsync("u", Stage.Accepted);
        var task = await world.PollAsync();

        await world.CompleteAsync(task, r =>
        {
            r.Accept(task);
            r.Respond("u");
        });

        var answer = await updating;
        answer.Stage.ShouldBe(Stage.Completed);
        answer.Outcome.Success.ShouldBe(World.Text("did u"));
        (await world.UpdateAsync("u", Stage.Accepted)).ShouldBe(answer);
    }

    [Fact]
    public async Task A_signal_that_comes_while_the_task_of_an_update_waits_makes_it_a_task_like_any_other()
    {
        await using var world = await IdleAsync();

        var updating = await world.SendUpdateAsync("u");
        await world.SignalAsync("s");
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.Reject(task));

        await updating;
        (await world.HistoryAsync()).ShouldBe($"""
            {IdleHistory}
            5 WorkflowTaskScheduled
            6 WorkflowExecutionSignaled s
            7 WorkflowTaskStarted
            8 WorkflowTaskCompleted
            """);
    }

    [Fact]
    public async Task A_signal_that_comes_while_the_task_of_an_update_is_out_follows_it()
    {
        await using var world = await IdleAsync();

        var updating = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();
        await world.SignalAsync("s");
        await world.CompleteAsync(task, r => r.Reject(task));

        await updating;
        (await world.HistoryAsync()).ShouldBe($"""
            {IdleHistory}
            5 WorkflowTaskScheduled
            6 WorkflowTaskStarted
            7 WorkflowTaskCompleted
            8 WorkflowExecutionSignaled s
            9 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task Nobody_polls_so_the_task_of_an_update_becomes_one_that_waits()
    {
        await using var world = await IdleAsync();

        var updating = await world.SendUpdateAsync("u");
        await world.PassAsync(TimeSpan.FromSeconds(6));

        (await world.HistoryAsync()).ShouldBe($"""
            {IdleHistory}
            5 WorkflowTaskScheduled
            6 WorkflowTaskTimedOut ScheduleToStart started=0
            7 WorkflowTaskScheduled
            """);
        var task = await world.PollAsync();
        task.Messages.ShouldHaveSingleItem();
        await world.CompleteAsync(task, r => r.Reject(task));
        await updating;
    }

    [Fact]
    public async Task An_update_goes_again_with_the_next_task_when_its_task_fails()
    {
        await using var world = await IdleAsync();
        var updating = await world.SendUpdateAsync("u");
        await world.FailTaskAsync(await world.PollAsync());

        var again = await world.PollAsync();
        await world.CompleteAsync(again, r =>
        {
            r.Accept(again);
            r.Respond("u");
        });

        (await updating).Outcome.Success.ShouldBe(World.Text("did u"));
        (await world.HistoryAsync()).ShouldStartWith($"""
            {IdleHistory}
            5 WorkflowTaskScheduled
            6 WorkflowTaskStarted
            7 WorkflowTaskFailed WorkflowWorkerUnhandledFailure
            """);
    }

    [Fact]
    public async Task An_answer_that_can_not_be_carried_out_is_told_to_who_sent_the_update()
    {
        await using var world = await IdleAsync();
        var updating = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();

        await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, r => r.Accept(task), CancelTimer("never-started")));

        var refusal = await Should.ThrowAsync<RefusalException>(() => updating);
        refusal.Kind.ShouldBe(RefusalKind.FailedPrecondition);
        refusal.Detail.ShouldBeOfType<WorkflowNotReadyFailure>();
    }

    [Fact]
    public async Task An_update_that_no_worker_answers_is_rejected_by_the_server()
    {
        await using var world = await IdleAsync();
        var updating = await world.SendUpdateAsync("u");

        await world.CompleteAsync(await world.PollAsync(), Timer("t", 1));

        (await updating).Outcome.Failure.ApplicationFailureInfo.Type.ShouldBe("UnprocessedUpdate");
    }

    [Fact]
    public async Task A_run_closes_over_an_update_that_came_during_its_last_task()
    {
        await using var world = await IdleAsync();
        await world.SignalAsync("s");
        var task = await world.PollAsync();
        var updating = await world.SendUpdateAsync("u");

        await world.CompleteAsync(task, Complete());

        (await Should.ThrowAsync<RefusalException>(() => updating)).Message.ShouldBe("workflow update was aborted by closing workflow");
    }

    [Fact]
    public async Task An_update_whose_run_was_kept_from_ending_by_a_signal_is_told_that_its_task_failed()
    {
        await using var world = await IdleAsync();
        var updating = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();
        await world.SignalAsync("s");

        await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, r =>
        {
            r.Accept(task);
            r.Commands.Add(Complete());
        }));

        (await Should.ThrowAsync<RefusalException>(() => updating)).Detail.ShouldBeOfType<WorkflowNotReadyFailure>();
    }

    [Fact]
    public async Task A_run_that_was_kept_from_ending_takes_nothing_more_while_it_tries_again()
    {
        await using var world = await IdleAsync();
        await world.SignalAsync("s");
        var task = await world.PollAsync();
        await world.SignalAsync("t");
        await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, Complete()));
        var again = await world.PollAsync();

        foreach (var late in (Func<Task>[])[() => world.SignalAsync("late"), () => world.UpdateAsync("u")])
        {
            (await Should.ThrowAsync<RefusalException>(late)).Message.ShouldBe("workflow operation can not be applied because workflow is closing");
        }

        await world.CompleteAsync(again, Complete());
    }

    [Fact]
    public async Task An_update_of_a_run_whose_tasks_keep_failing_is_refused_even_if_the_run_knows_it()
    {
        await using var world = await IdleAsync();
        var accepting = await world.SendUpdateAsync("u", Stage.Accepted);
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.Accept(task));
        await accepting;
        await world.SignalAsync("s");
        await world.FailTaskAsync(await world.PollAsync());
        await world.FailTaskAsync(await world.PollAsync());

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.UpdateAsync("u"));

        refusal.Message.ShouldBe("Unable to perform workflow execution update due to Workflow Task in failed state.");
    }

    [Fact]
    public async Task Polling_for_a_stage_that_every_update_has_reached_does_not_wait()
    {
        await using var world = await IdleAsync();
        _ = await world.SendUpdateAsync("u");

        (await world.PollUpdateAsync("u", Stage.Admitted)).Stage.ShouldBe(Stage.Admitted);
    }

    [Fact]
    public async Task A_rejected_update_of_a_run_that_waits_for_its_first_task_leaves_no_trace_and_does_not_end_the_wait()
    {
        await using var world = World.Create();
        await world.StartAsync(change: r => r.WorkflowStartDelay = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromMinutes(1)));
        var updating = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();

        await world.CompleteAsync(task, r => r.Reject(task));

        await updating;
        (await world.HistoryAsync()).ShouldBe("1 WorkflowExecutionStarted");
        await world.PassAsync(TimeSpan.FromMinutes(1));
        (await world.PollAsync()).StartedEventId.ShouldBe(3);
    }

    [Fact]
    public async Task Who_waits_for_the_acceptance_of_an_update_whose_run_ends_with_it_is_told_how_it_ended()
    {
        await using var world = await IdleAsync();
        var accepting = await world.SendUpdateAsync("u", Stage.Accepted);
        var task = await world.PollAsync();

        await world.CompleteAsync(task, r =>
        {
            r.Accept(task);
            r.Commands.Add(Complete());
        });

        (await accepting).Outcome.Failure.ApplicationFailureInfo.Type.ShouldBe("AcceptedUpdateCompletedWorkflow");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_tells_which_event_the_request_of_an_update_led_to(bool isReset)
    {
        await using var world = await IdleAsync();
        var request = Request("u");
        request.Request.RequestId = "r";
        _ = await world.SettledAsync(world.Engine.Updates.UpdateAsync(World.Namespace, request, TimeSpan.FromSeconds(20), CancellationToken.None));
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.Accept(task));
        if (isReset)
        {
            await world.Engine.Resets.ResetAsync(World.Namespace, new ResetWorkflowExecutionRequest
            {
                WorkflowExecution = new WorkflowExecution { WorkflowId = "order" }, RequestId = "reset", WorkflowTaskFinishEventId = 4,
            });
        }

        var told = (await world.DescribeAsync()).WorkflowExtendedInfo.RequestIdInfos["r"];

        told.EventType.ShouldBe(isReset ? EventType.WorkflowExecutionUpdateAdmitted : EventType.WorkflowExecutionUpdateAccepted);
        (await world.EventsAsync())[(int)told.EventId - 1].EventType.ShouldBe(told.EventType);
    }

    [Fact]
    public async Task An_update_whose_end_is_to_be_called_back_needs_a_request_id()
    {
        await using var world = await IdleAsync();
        var request = Request("u");
        request.Request.CompletionCallbacks.Add(new Callback { Nexus = new() { Url = "temporal://system" } });

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.Engine.Updates.UpdateAsync(World.Namespace, request, TimeSpan.FromSeconds(20), CancellationToken.None));

        refusal.Message.ShouldBe("invalid *update.Request: request_id is required when completion_callbacks are set");
    }
}
