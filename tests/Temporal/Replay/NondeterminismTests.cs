using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Temporalio.Tests.Replay;

/// <summary>Each way in which changed code can part from its history is found, and named.</summary>
public class NondeterminismTests
{
    private static readonly ActivityOptions Quick = new() { StartToCloseTimeout = TimeSpan.FromSeconds(10) };

    public static TheoryData<string, string, string> Changes() => new()
    {
        { "activity", "timer", "ActivityTaskScheduled, but the workflow's command there is StartTimer" },
        { "timer", "activity", "TimerStarted, but the workflow's command there is ScheduleActivityTask" },
        { "activity", "other activity", "activity type 'one' of the history event does not match activity type 'other'" },
        { "activity", "activity with id", "activity id '1' of the history event does not match activity id 'mine'" },
        { "activity", "nothing", "ActivityTaskScheduled, but the workflow's command there is CompleteWorkflowExecution" },
        { "nothing", "activity", "WorkflowExecutionCompleted, but the workflow's command there is ScheduleActivityTask" },
        { "nothing", "wait", "WorkflowExecutionCompleted, but the workflow gave no command there" },
        { "nothing", "failure", "WorkflowExecutionCompleted, but the workflow's command there is FailWorkflowExecution" },
        { "failure", "nothing", "WorkflowExecutionFailed, but the workflow's command there is CompleteWorkflowExecution" },
        { "activity", "activity twice", "the workflow gave a command ScheduleActivityTask where" },
        { "activity twice", "activity", "ActivityTaskScheduled, but the workflow gave no command there" },
        { "attribute", "other attribute", "search attributes 'One' of the history event does not match search attributes 'Other'" },
        { "attribute", "memo", "UpsertWorkflowSearchAttributes, but the workflow's command there is ModifyWorkflowProperties" },
        { "memo", "attribute", "WorkflowPropertiesModified, but the workflow's command there is UpsertWorkflowSearchAttributes" },
        { "patch", "timer", "MarkerRecorded, but the workflow's command there is StartTimer" },
        { "patch", "other patch", "MarkerRecorded, but the workflow's command there is StartTimer" },
        { "cancelled activity", "activity after timer", "ActivityTaskScheduled, but the workflow's command there is StartTimer" },
        { "cancelled timer", "activity after timer", "TimerStarted, but the workflow gave no command there" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Change_is_found(string before, string after, string message)
    {
        var run = new SimulatedRun(typeof(Changing), [before]);
        for (var task = 0; task < 3 && !run.Server.Closed; task++)
        {
            await run.RunTaskAsync();
            Progress(run.Server);
        }

        (await run.ReplayAsync()).ShouldBeNull("unchanged code fits");
        var failure = await ReplayAsAsync(run, after);
        failure.ShouldBeOfType<WorkflowNondeterminismException>().Message.ShouldContain(message);
        failure!.Message.ShouldStartWith("[TMPRL1100] Nondeterminism error: ");
    }

    [Fact]
    public async Task Changes_of_what_is_not_recorded_are_none()
    {
        var run = new SimulatedRun(typeof(Changing), ["timer"]);
        await run.RunTaskAsync();
        (await ReplayAsAsync(run, "longer timer")).ShouldBeNull();
    }

    [Fact]
    public async Task Event_of_an_unknown_timer_is_found()
    {
        var run = new SimulatedRun(typeof(Changing), ["timer"]);
        await run.RunTaskAsync();
        run.Server.FireTimer("1");
        run.Server.Events[^1].TimerFiredEventAttributes.StartedEventId = 2;
        (await run.RunFailingTaskAsync()).ShouldBeOfType<WorkflowNondeterminismException>().Message.ShouldContain("belongs to event 2");
    }

    [Fact]
    public async Task Unknown_events_are_skipped_only_if_they_may_be()
    {
        var run = new SimulatedRun(typeof(Changing), ["wait"]);
        await run.RunTaskAsync();
        run.Server.Signal("x");
        run.Server.Events[^1].EventType = (Temporalio.Api.Enums.V1.EventType)9999;
        run.Server.Events[^1].WorkerMayIgnore = true;
        (await run.ReplayAsync()).ShouldBeNull();
        run.Server.Events[^1].WorkerMayIgnore = false;
        (await run.ReplayAsync()).ShouldBeOfType<WorkflowNondeterminismException>();
    }

    [Fact]
    public async Task Nondeterminism_fails_the_workflow_if_it_asks_for_that()
    {
        var run = new SimulatedRun(typeof(FailsOnNondeterminism));
        await run.RunTaskAsync();
        FailsOnNondeterminism.Changed = true;
        try
        {
            run.Evict();
            run.Server.Signal("x");
            var commands = await run.RunTaskAsync();
            commands.ShouldHaveSingleItem().FailWorkflowExecutionCommandAttributes.Failure.Message.ShouldContain("Nondeterminism error");
        }
        finally
        {
            FailsOnNondeterminism.Changed = false;
        }
    }

    /// <summary>Replays with the same code told to behave as another version of it.</summary>
    private static async Task<Exception?> ReplayAsAsync(SimulatedRun run, string behavior)
    {
        var input = run.Server.Events[0].WorkflowExecutionStartedEventAttributes.Input;
        input.Payloads_[0] = Temporalio.Converters.DataConverter.Default.PayloadConverter.ToPayload(behavior);
        return await run.ReplayAsync();
    }

    private static void Progress(SimulatedServer server)
    {
        if (server.Closed)
        {
            return;
        }

        if (server.PendingActivities.Count > 0)
        {
            server.CompleteActivity(server.PendingActivities.First(), "done");
        }
        else if (server.PendingTimers.Count > 0)
        {
            server.FireTimer(server.PendingTimers.First());
        }
        else
        {
            server.Signal("nobody");
        }
    }

    [Workflow]
    public class Changing
    {
        [WorkflowRun]
        public async Task RunAsync(string behavior)
        {
            switch (behavior)
            {
                case "activity":
                    await Workflow.ExecuteActivityAsync("one", [], Quick);
                    break;
                case "other activity":
                    await Workflow.ExecuteActivityAsync("other", [], Quick);
                    break;
                case "activity with id":
                    await Workflow.ExecuteActivityAsync("one", [], new() { StartToCloseTimeout = TimeSpan.FromSeconds(10), ActivityId = "mine" });
                    break;
                case "activity twice":
                    await Task.WhenAll(Workflow.ExecuteActivityAsync("one", [], Quick), Workflow.ExecuteActivityAsync("one", [], Quick));
                    break;
                case "cancelled activity" or "cancelled timer":
                    using (var scope = new CancellationTokenSource())
                    {
                        var pending = behavior == "cancelled timer"
                            ? Workflow.DelayAsync(1000, scope.Token)
                            : Workflow.ExecuteActivityAsync("one", [], new() { StartToCloseTimeout = TimeSpan.FromSeconds(10), CancellationToken = scope.Token });
                        await Workflow.DelayAsync(10);
                        scope.Cancel();
                        await Workflow.WhenAnyAsync(pending, Workflow.DelayAsync(10));
                    }

                    break;
                case "activity after timer":
                    await Workflow.DelayAsync(10);
                    await Workflow.ExecuteActivityAsync("one", [], Quick);
                    break;
                case "timer":
                    await Workflow.DelayAsync(10);
                    break;
                case "longer timer":
                    await Workflow.DelayAsync(10_000);
                    break;
                case "wait":
                    await Workflow.WaitConditionAsync(() => false);
                    break;
                case "failure":
                    throw new ApplicationFailureException("failed");
                case "attribute":
                    Workflow.UpsertTypedSearchAttributes(SearchAttributeKey.CreateKeyword("One").ValueSet("value"));
                    await Workflow.DelayAsync(10);
                    break;
                case "other attribute":
                    Workflow.UpsertTypedSearchAttributes(SearchAttributeKey.CreateKeyword("Other").ValueSet("value"));
                    await Workflow.DelayAsync(10);
                    break;
                case "memo":
                    Workflow.UpsertMemo(MemoUpdate.ValueSet("one", 1));
                    await Workflow.DelayAsync(10);
                    break;
                case "patch" when Workflow.Patched("change"):
                    await Workflow.DelayAsync(10);
                    break;
                case "other patch" when !Workflow.Patched("another change"):
                    await Workflow.DelayAsync(10);
                    break;
            }
        }
    }

    [Workflow(FailureExceptionTypes = [typeof(WorkflowNondeterminismException)])]
    public class FailsOnNondeterminism
    {
        public static bool Changed { get; set; }

        [WorkflowRun]
        public Task RunAsync() => Changed
            ? Workflow.ExecuteActivityAsync("one", [], Quick)
            : Workflow.DelayAsync(10);
    }
}
