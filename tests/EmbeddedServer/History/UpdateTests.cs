using Grpc.Core;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;
using Stage = Temporalio.Api.Enums.V1.UpdateWorkflowExecutionLifecycleStage;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Updates: what they leave in the history, who is told what, and what becomes of them when something else happens.</summary>
public sealed class UpdateTests
{
    private const string Idle = """
        1 WorkflowExecutionStarted
        2 WorkflowTaskScheduled
        3 WorkflowTaskStarted
        4 WorkflowTaskCompleted
        """;

    [Fact]
    public async Task A_rejected_update_leaves_no_trace_and_takes_its_worker_back()
    {
        await using var world = await IdleAsync();

        var updating = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();
        var completed = await world.CompleteAsync(task, r => r.Reject(task));

        (await updating).Outcome.Failure.Message.ShouldBe("not now");
        completed.ResetHistoryEventId.ShouldBe(3);
        (await world.HistoryAsync()).ShouldBe(Idle);
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
            {Idle}
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
            {Idle}
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
            {Idle}
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
            {Idle}
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
    public async Task A_run_does_not_close_over_an_update_that_it_has_not_seen()
    {
        await using var world = await IdleAsync();
        await world.SignalAsync("s");
        var task = await world.PollAsync();
        var updating = await world.SendUpdateAsync("u");

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, Complete()));
        refusal.Message.ShouldBe("UnhandledCommand");
        var next = await world.PollAsync();
        await world.CompleteAsync(next, r =>
        {
            r.Accept(next);
            r.Respond("u");
            r.Commands.Add(Complete());
        });

        (await updating).Outcome.Success.ShouldBe(World.Text("did u"));
        (await world.DescribeAsync()).WorkflowExecutionInfo.Status.ShouldBe(WorkflowExecutionStatus.Completed);
    }

    [Fact]
    public async Task A_run_that_ends_answers_an_accepted_update_with_a_failure()
    {
        await using var world = await IdleAsync();
        var accepting = await world.SendUpdateAsync("u", Stage.Accepted);
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.Accept(task));
        await accepting;
        var polling = world.PollUpdateAsync("u");

        await world.TerminateAsync();

        (await polling).Outcome.Failure.ApplicationFailureInfo.Type.ShouldBe("AcceptedUpdateCompletedWorkflow");
        (await world.UpdateAsync("u")).Outcome.Failure.ApplicationFailureInfo.Type.ShouldBe("AcceptedUpdateCompletedWorkflow");
    }

    [Fact]
    public async Task A_run_that_ends_refuses_an_update_that_it_has_not_looked_at()
    {
        await using var world = await IdleAsync();
        var updating = await world.SendUpdateAsync("u");

        await world.TerminateAsync();

        (await Should.ThrowAsync<RefusalException>(() => updating)).Message.ShouldBe("workflow update was aborted by closing workflow");
        (await world.HistoryAsync()).ShouldBe($"""
            {Idle}
            5 WorkflowExecutionTerminated enough
            """);
    }

    [Fact]
    public async Task An_update_that_the_old_run_left_unanswered_goes_to_the_next_unless_it_names_a_run()
    {
        await using var world = World.Create();
        var first = await world.StartAsync();
        await world.PassAsync(TimeSpan.FromSeconds(2));
        var updating = await world.SendUpdateAsync("any");
        var pinned = await world.SendUpdateAsync("pinned", runId: first.RunId);
        var task = await world.PollAsync();
        task.Messages.Select(m => m.ProtocolInstanceId).ShouldBe(["any", "pinned"]);

        await world.CompleteAsync(task, ContinueAsNew());

        var retried = await PollForUpdateAsync(world);
        await world.CompleteAsync(retried, r =>
        {
            r.Accept(retried);
            r.Respond("any");
        });
        (await updating).UpdateRef.WorkflowExecution.RunId.ShouldBe(retried.WorkflowExecution.RunId);
        (await Should.ThrowAsync<RefusalException>(() => pinned)).Kind.ShouldBe(RefusalKind.NotFound);
    }

    [Fact]
    public async Task An_accepted_update_outlives_a_restart_and_its_repetition_gets_its_outcome()
    {
        await using var world = await IdleAsync();
        var accepting = await world.SendUpdateAsync("u", Stage.Accepted);
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.Accept(task), Timer("t", 5));
        await accepting;

        await world.RestartAsync();
        var repeated = await world.SendUpdateAsync("u");
        await world.PassAsync(TimeSpan.FromSeconds(5));
        await world.CompleteAsync(await world.PollAsync(), r => r.Respond("u"));

        (await repeated).Outcome.Success.ShouldBe(World.Text("did u"));
    }

    [Fact]
    public async Task After_a_restart_the_task_of_a_forgotten_update_is_dropped()
    {
        await using var world = await IdleAsync();
        _ = await world.SendUpdateAsync("u");

        await world.RestartAsync();

        (await world.TryPollAsync()).ShouldBeNull();
        (await world.HistoryAsync()).ShouldBe(Idle);
    }

    [Fact]
    public async Task A_server_that_was_restarted_learns_of_an_update_by_its_acceptance()
    {
        await using var world = await IdleAsync();
        _ = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();

        await world.RestartAsync();
        await world.CompleteAsync(task, r =>
        {
            r.Accept(task);
            r.Respond("u");
        });

        (await world.UpdateAsync("u")).Outcome.Success.ShouldBe(World.Text("did u"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_update_that_is_sent_again_after_a_restart_is_answered_by_the_worker_that_still_has_it(bool accepts)
    {
        await using var world = await IdleAsync();
        _ = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();

        await world.RestartAsync();
        var again = await world.SendUpdateAsync("u");
        await world.CompleteAsync(task, r =>
        {
            if (accepts)
            {
                r.Accept(task);
                r.Respond("u");
            }
            else
            {
                r.Reject(task);
            }
        });

        ((await again).Outcome.Success is not null).ShouldBe(accepts);
    }

    [Fact]
    public async Task Who_waits_too_long_is_told_how_far_it_has_come()
    {
        await using var world = await IdleAsync();

        var answer = await world.UpdateAsync("u", hold: TimeSpan.FromMilliseconds(1));

        answer.Stage.ShouldBe(Stage.Admitted);
        answer.Outcome.ShouldBeNull();
    }

    [Fact]
    public async Task Ten_updates_may_be_under_way_and_no_more()
    {
        await using var world = await IdleAsync();
        for (var i = 0; i < 10; i++)
        {
            _ = await world.SendUpdateAsync($"u{i}");
        }

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.UpdateAsync("one-too-many"));

        refusal.Kind.ShouldBe(RefusalKind.ResourceExhausted);
        refusal.Detail.ShouldBeOfType<ResourceExhaustedFailure>().Cause.ShouldBe(ResourceExhaustedCause.ConcurrentLimit);
    }

    [Fact]
    public async Task A_run_takes_so_many_updates_and_no_more()
    {
        await using var world = await IdleAsync(new HistoryEngineOptions { MaximumUpdates = 1 });
        var updating = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r =>
        {
            r.Accept(task);
            r.Respond("u");
        });
        await updating;

        (await Should.ThrowAsync<RefusalException>(() => world.UpdateAsync("v"))).Kind.ShouldBe(RefusalKind.FailedPrecondition);
        (await world.UpdateAsync("u")).Stage.ShouldBe(Stage.Completed);
    }

    [Fact]
    public async Task A_failing_commit_leaves_no_update_behind()
    {
        await using var world = await IdleAsync();
        world.Store.FailsNextCommit = true;
        await Should.ThrowAsync<RefusalException>(() => world.UpdateAsync("u"));

        var updating = await world.SendUpdateAsync("u");

        var task = await world.PollAsync();
        task.Messages.ShouldHaveSingleItem();
        await world.CompleteAsync(task, r => r.Reject(task));
        await updating;
    }

    [Fact]
    public async Task Update_with_start_starts_and_its_repetition_finds_both()
    {
        await using var world = World.Create();
        var starting = await world.SettledAsync(WithStartAsync(world, "u"));
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r =>
        {
            r.Accept(task);
            r.Respond("u");
        });

        var first = await starting;
        var again = await WithStartAsync(world, "u");

        first.Responses[0].StartWorkflow.Started.ShouldBeTrue();
        again.Responses[0].StartWorkflow.Started.ShouldBeFalse();
        again.Responses[0].StartWorkflow.RunId.ShouldBe(first.Responses[0].StartWorkflow.RunId);
        again.Responses[1].UpdateWorkflow.Outcome.ShouldBe(first.Responses[1].UpdateWorkflow.Outcome);
    }

    [Fact]
    public async Task Update_with_start_that_may_not_start_tells_the_fate_of_each_half()
    {
        await using var world = await IdleAsync();

        var refusal = await Should.ThrowAsync<RefusalException>(() => WithStartAsync(world, "u", r => r.RequestId = "another"));

        refusal.Kind.ShouldBe(RefusalKind.AlreadyExists);
        var statuses = refusal.Detail.ShouldBeOfType<MultiOperationExecutionFailure>().Statuses;
        statuses[0].Details.ShouldHaveSingleItem().Is(WorkflowExecutionAlreadyStartedFailure.Descriptor).ShouldBeTrue();
        statuses[1].Code.ShouldBe((int)RefusalKind.Aborted);
        (await world.HistoryAsync()).ShouldBe(Idle);
    }

    private static Task<ExecuteMultiOperationResponse> WithStartAsync(World world, string id, Action<StartWorkflowExecutionRequest>? change = null)
    {
        var start = new StartWorkflowExecutionRequest
        {
            WorkflowId = "order",
            WorkflowType = new WorkflowType { Name = "Order" },
            TaskQueue = new() { Name = "orders" },
            RequestId = "start-order",
        };
        change?.Invoke(start);
        return world.Engine.UpdatesWithStart.ExecuteAsync(World.Namespace, start, UpdateWorker.Request(id), TimeSpan.FromSeconds(20), CancellationToken.None);
    }

    private static async Task<World> IdleAsync(HistoryEngineOptions? options = null)
    {
        var world = World.Create(options);
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync());
        return world;
    }

    /// <summary>The task that carries an update which another thread is about to send.</summary>
    private static async Task<PollWorkflowTaskQueueResponse> PollForUpdateAsync(World world)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var task = await world.TryPollAsync();
            if (task?.Messages.Count > 0)
            {
                return task;
            }

            if (task is not null)
            {
                await world.CompleteAsync(task);
            }

            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
