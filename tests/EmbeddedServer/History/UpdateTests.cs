using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
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
}
