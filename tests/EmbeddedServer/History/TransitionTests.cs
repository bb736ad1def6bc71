using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Activity.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>The tables are the rules: whatever has a row can happen, whatever has none is refused.</summary>
public sealed class TransitionTests
{
    [Fact]
    public void Whatever_has_no_row_is_refused()
    {
        RefusesTheRest(WorkflowTaskTransitions.Table);
        RefusesTheRest(ActivityTransitions.Table);
        RefusesTheRest(TimerTransitions.Table);
        RefusesTheRest(ExecutionTransitions.Table);
        RefusesTheRest(CancelRequestTransitions.Table);
        RefusesTheRest(SignalTransitions.Table);
        RefusesTheRest(ExternalCallTransitions.Table);
        RefusesTheRest(UpdateTransitions.Table);
        RefusesTheRest(ChildTransitions.Table);
    }

    [Fact]
    public async Task Every_row_is_taken()
    {
        await WorkflowTasksAndClosingsAsync();
        await ActivitiesAsync();
        await ActivitiesThatBackOffAsync();
        await CanceledActivitiesAsync();
        await OperatedActivitiesAsync();
        await TimersAsync();
        await CallsToOthersAsync();
        await UpdatesAsync();
        await ChildrenAsync();
        await ResetAsync();

        Untaken(WorkflowTaskTransitions.Table).ShouldBeEmpty();
        Untaken(ActivityTransitions.Table).ShouldBeEmpty();
        Untaken(TimerTransitions.Table).ShouldBeEmpty();
        Untaken(ExecutionTransitions.Table).ShouldBeEmpty();
        Untaken(CancelRequestTransitions.Table).ShouldBeEmpty();
        Untaken(SignalTransitions.Table).ShouldBeEmpty();
        Untaken(ExternalCallTransitions.Table).ShouldBeEmpty();
        Untaken(UpdateTransitions.Table).ShouldBeEmpty();
        Untaken(ChildTransitions.Table).ShouldBeEmpty();
    }

    private static async Task WorkflowTasksAndClosingsAsync()
    {
        await using var world = World.Create();
        await world.StartAsync("completes");
        await world.SignalAsync("s", "completes", "once");
        await world.SignalAsync("s", "completes", "once");
        await world.RequestCancelAsync("completes");
        await world.RequestCancelAsync("completes");
        await world.CompleteAsync(await world.PollAsync(), Complete());
        await world.StartAsync("fails");
        await world.FailTaskAsync(await world.PollAsync());
        await world.CompleteAsync(await world.PollAsync(), Fail());
        await world.StartAsync("cancels");
        await world.CompleteAsync(await world.PollAsync(), Cancel());
        await world.StartAsync("continues");
        await world.CompleteAsync(await world.PollAsync(), ContinueAsNew());
        await world.TerminateAsync("continues");
        await world.StartAsync("times-out", r => r.WorkflowRunTimeout = Seconds(30));
        await world.CompleteAsync(await world.PollAsync(), World.KeepSticky);
        await world.SignalAsync("s", "times-out");
        await world.PassAsync(TimeSpan.FromSeconds(6));
        await world.PollAsync("orders");
        await world.PassAsync(TimeSpan.FromSeconds(30));
    }

    private static async Task ActivitiesAsync()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(
            await world.PollAsync(), Activity("by-id"), Activity("late", a => a.ScheduleToStartTimeout = Seconds(1)),
            Activity("retried", a => a.ScheduleToCloseTimeout = Seconds(600)), Activity("fails"), Activity("slow", a =>
            {
                a.StartToCloseTimeout = Seconds(3);
                a.RetryPolicy = new RetryPolicy { MaximumAttempts = 1 };
            }));
        var byId = await world.PollActivityAsync();
        await world.Engine.Activities.AbandonAsync(World.Namespace, byId);
        await world.Engine.ActivityAnswers.CompleteAsync(World.Namespace, ById("by-id"));
        await world.PassAsync(TimeSpan.FromSeconds(1));
        var retried = await world.PollActivityAsync();
        await world.Engine.ActivityAnswers.HeartbeatAsync(World.Namespace, new RecordActivityTaskHeartbeatRequest { TaskToken = retried.TaskToken });
        await world.FailActivityAsync(retried);
        await world.FailActivityAsync(await world.PollActivityAsync(), retryable: false);
        await world.PollActivityAsync();
        await world.PassAsync(TimeSpan.FromSeconds(5));
        await world.CompleteActivityAsync(await world.PollActivityAsync());
    }

    private static async Task ActivitiesThatBackOffAsync()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(
            await world.PollAsync(), Activity("by-id"), Activity("out-of-time", a => a.ScheduleToCloseTimeout = Seconds(10)), Activity("canceled"));
        foreach (var delay in new[] { 600, 9.5, 600 })
        {
            var task = await world.PollActivityAsync();
            await world.Engine.ActivityAnswers.FailAsync(World.Namespace, new RespondActivityTaskFailedRequest
            {
                TaskToken = task.TaskToken,
                Failure = new() { ApplicationFailureInfo = new() { NextRetryDelay = Seconds(delay) } },
            });
        }

        await world.Engine.ActivityAnswers.CompleteAsync(World.Namespace, ById("by-id"));
        await world.CompleteAsync(await world.PollAsync(), CancelActivity(7));
        await world.PassAsync(TimeSpan.FromSeconds(11));
    }

    private static async Task CanceledActivitiesAsync()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(
            await world.PollAsync(), Activity("completes"), Activity("fails"), Activity("times-out", a => a.StartToCloseTimeout = Seconds(5)),
            Activity("confirms"), Activity("waits"), Activity("is over"));
        var completes = await world.PollActivityAsync();
        var fails = await world.PollActivityAsync();
        await world.PollActivityAsync();
        var confirms = await world.PollActivityAsync();
        await world.SignalAsync("stop");
        var task = await world.PollAsync();
        await world.Engine.ActivityAnswers.CompleteAsync(World.Namespace, ById("is over"));
        await world.CompleteAsync(task, CancelActivity(5), CancelActivity(6), CancelActivity(7), CancelActivity(8), CancelActivity(9), CancelActivity(10));
        await world.Engine.ActivityAnswers.HeartbeatAsync(World.Namespace, new RecordActivityTaskHeartbeatRequest { TaskToken = confirms.TaskToken });
        await world.Engine.ActivityAnswers.CancelAsync(World.Namespace, new RespondActivityTaskCanceledRequest { TaskToken = confirms.TaskToken });
        await world.CompleteActivityAsync(completes);
        await world.FailActivityAsync(fails);
        await world.PassAsync(TimeSpan.FromSeconds(6));
    }

    private static async Task OperatedActivitiesAsync()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(
            await world.PollAsync(), Activity("runs"), Activity("canceled-while-running"), Activity("waits"), Activity("by-id"), Activity("canceled"));
        var runs = await world.PollActivityAsync();
        await world.PollActivityAsync();
        foreach (var id in new[] { "runs", "canceled-while-running", "waits" })
        {
            await OperateAsync(world, id);
        }

        await world.PauseActivityAsync("by-id");
        await world.PauseActivityAsync("canceled");
        await world.Engine.ActivityAnswers.CompleteAsync(World.Namespace, ById("by-id"));
        await world.CompleteAsync(await world.PollAsync(), CancelActivity(6), CancelActivity(9));
        await OperateAsync(world, "canceled-while-running");
        await world.FailActivityAsync(runs);
        await OperateAsync(world, "runs");
        await world.FailActivityAsync(await world.PollActivityAsync());
        await world.FailActivityAsync(await world.PollActivityAsync());
        await world.PauseActivityAsync("runs");
        await world.UnpauseActivityAsync("runs");
        var again = await world.PollActivityAsync();
        await world.PauseActivityAsync(again.ActivityId);
        await world.Engine.Activities.AbandonAsync(World.Namespace, again);
        await world.UnpauseActivityAsync(again.ActivityId);
        again = await world.PollActivityAsync();
        await world.PauseActivityAsync(again.ActivityId);
        await world.FailActivityAsync(again);
    }

    /// <summary>Changed, reset, paused, changed and reset again, unpaused.</summary>
    private static async Task OperateAsync(World world, string id)
    {
        var options = new ActivityOptions { HeartbeatTimeout = Seconds(30) };
        await world.ChangeOptionsAsync(id, options, "heartbeat_timeout");
        await world.ResetActivityAsync(id);
        await world.PauseActivityAsync(id);
        await world.ChangeOptionsAsync(id, options, "heartbeat_timeout");
        await world.ResetActivityAsync(id, r => r.KeepPaused = true);
        await world.UnpauseActivityAsync(id);
    }

    private static async Task TimersAsync()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), Timer("fires", 1), Timer("canceled", 60), Timer("unseen", 3), Timer("again", 3));
        await world.PassAsync(TimeSpan.FromSeconds(2));
        var task = await world.PollAsync();
        await world.PassAsync(TimeSpan.FromSeconds(2));
        await world.CompleteAsync(task, CancelTimer("canceled"), CancelTimer("unseen"), Timer("again", 60));
    }

    private static async Task CallsToOthersAsync()
    {
        await using var world = World.Create();
        await world.StartAsync("target");
        await world.CompleteAsync(await world.PollAsync(), Timer("t", 3600));
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), SignalOther("target", "s"), CancelOther("nobody"));
        await world.PassAsync(TimeSpan.Zero);
    }

    private static async Task ResetAsync()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.PollAsync();
        await world.Engine.Resets.ResetAsync(World.Namespace, new ResetWorkflowExecutionRequest
        {
            WorkflowExecution = new WorkflowExecution { WorkflowId = "order" },
            WorkflowTaskFinishEventId = 3,
        });
    }

    private static async Task UpdatesAsync()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync());
        var rejected = await world.SendUpdateAsync("rejected");
        await world.FailTaskAsync(await world.PollAsync());
        var task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.Reject(task));
        await rejected;
        var dropped = await world.SendUpdateAsync("dropped");
        task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.Reject(task));
        await dropped;
        var settled = await world.SendUpdateAsync("settled");
        await world.SignalAsync("s");
        task = await world.PollAsync();
        await world.CompleteAsync(task, r => r.Reject(task));
        await settled;
        var completed = await world.SendUpdateAsync("completed");
        task = await world.PollAsync();
        await world.CompleteAsync(task, r =>
        {
            r.Accept(task);
            r.Respond("completed");
        });
        await completed;
        var sent = await world.SendUpdateAsync("sent");
        await world.PollAsync();
        var admitted = await world.SendUpdateAsync("admitted");
        await world.TerminateAsync();
        await Should.ThrowAsync<RefusalException>(() => sent);
        await Should.ThrowAsync<RefusalException>(() => admitted);
        await world.StartAsync("order", r => r.RequestId = "again");
        await world.CompleteAsync(await world.PollAsync());
        _ = await world.SendUpdateAsync("forgotten");
        await world.RestartAsync();
        await world.TryPollAsync();
        await AnswerAfterRestartAsync(world, r => r.Accept);
        await AnswerAfterRestartAsync(world, r => r.Reject);
    }

    private static async Task AnswerAfterRestartAsync(
        World world, Func<RespondWorkflowTaskCompletedRequest, Action<PollWorkflowTaskQueueResponse>> answer)
    {
        var id = Guid.NewGuid().ToString();
        _ = await world.SendUpdateAsync(id);
        var task = await world.PollAsync();
        await world.RestartAsync();
        _ = await world.SendUpdateAsync(id);
        await world.CompleteAsync(task, r => answer(r)(task));
    }

    private static async Task ChildrenAsync()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(
            await world.PollAsync(), Child("completes"), Child("fails"), Child("cancels"), Child("times-out", c => c.WorkflowRunTimeout = Seconds(60)),
            Child("terminated"), Child("order"));
        await world.SettleAsync();
        while (await world.TryPollAsync("parts") is { } task)
        {
            switch (task.WorkflowExecution.WorkflowId)
            {
                case "completes":
                    await world.CompleteAsync(task, Complete());
                    break;
                case "fails":
                    await world.CompleteAsync(task, Fail());
                    break;
                case "cancels":
                    await world.CompleteAsync(task, Cancel());
                    break;
            }
        }

        await world.TerminateAsync("terminated");
        await world.PassAsync(TimeSpan.FromSeconds(60));
        await world.SettleAsync();
    }

    private static RespondActivityTaskCompletedByIdRequest ById(string id) => new() { WorkflowId = "order", ActivityId = id };

    private static IEnumerable<string> Untaken<TState, TTrigger>(TransitionTable<TState, TTrigger> table)
        where TState : struct, Enum
        where TTrigger : struct, Enum =>
        table.Rows.Where(row => !row.Taken).Select(row => $"{table.Machine}: {row.From} {row.Trigger}");

    private static void RefusesTheRest<TState, TTrigger>(TransitionTable<TState, TTrigger> table)
        where TState : struct, Enum
        where TTrigger : struct, Enum
    {
        foreach (var from in Enum.GetValues<TState>())
        {
            foreach (var trigger in Enum.GetValues<TTrigger>())
            {
                if (table.Rows.Any(row => row.From.Equals(from) && row.Trigger.Equals(trigger)))
                {
                    continue;
                }

                table.Allows(from, trigger).ShouldBeFalse();
                Should.Throw<IllegalTransitionException>(() => table.Take(from, trigger)).Message.ShouldBe($"a {table.Machine} that is {from} can't {trigger}");
            }
        }
    }
}
