using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Worker.Interceptors;

namespace Onramp.Temporal.Tests.Activities;

public class ActivityWorkerTests(LocalServer server) : IClassFixture<LocalServer>
{
    private readonly TestActivities activities = new();

    [Fact]
    public Task Activities_run_and_return() => RunAsync(async taskQueue =>
    {
        (await CallAsync(taskQueue, new("Echo", ["hello"]))).ShouldBe("hello");
        (await CallAsync(taskQueue, new("Unheard", [4]))).ShouldBe("Unheard(4)", "a dynamic activity runs what has no definition");
    });

    [Fact]
    public Task A_failed_attempt_is_followed_by_another() => RunAsync(async taskQueue =>
        (await CallAsync(taskQueue, new("FailUntil", [3]) { Attempts = 5 })).ShouldBe("attempt 3"));

    [Fact]
    public Task A_failure_reaches_the_workflow_with_everything() => RunAsync(async taskQueue =>
    {
        var failure = await FailureAsync(CallAsync(taskQueue, new("Fail", ["Odd", true]) { Attempts = 5 }));

        failure.ActivityType.ShouldBe("Fail");
        failure.RetryState.ShouldBe(RetryState.NonRetryableFailure);
        failure.Identity.ShouldBe(server.Client.Connection.Options.Identity);
        var cause = failure.InnerException.ShouldBeOfType<ApplicationFailureException>();
        cause.Message.ShouldBe("failed");
        cause.ErrorType.ShouldBe("Odd");
        cause.Details.ElementAt<string>(0).ShouldBe("detail");
        cause.StackTrace!.ShouldContain("TestActivities.Fail");
        cause.InnerException!.Message.ShouldBe("cause");
    });

    [Fact]
    public async Task An_activity_that_is_not_registered_fails_by_name()
    {
        await server.RunAsync(
            o => o.AddWorkflow<CallActivityWorkflow>().AddActivity(TestActivities.Echo),
            async taskQueue =>
            {
                var failure = await FailureAsync(CallAsync(taskQueue, new("Missing", [])));

                var cause = failure.InnerException.ShouldBeOfType<ApplicationFailureException>();
                cause.ErrorType.ShouldBe("NotFoundError");
                cause.Message.ShouldBe("Activity Missing is not registered on this worker, available activities: Echo");
            });
    }

    [Fact]
    public Task The_next_attempt_finds_the_last_heartbeat_even_if_it_was_not_sent() => RunAsync(async taskQueue =>
        (await CallAsync(taskQueue, new("Resume", []) { Attempts = 2, Heartbeat = TimeSpan.FromSeconds(20) })).ShouldBe("resumed at 3"));

    [Fact]
    public Task Cancelling_the_workflow_cancels_the_activity() => RunAsync(async taskQueue =>
    {
        var handle = await StartAsync(taskQueue, new("UntilCancelled", []) { Heartbeat = TimeSpan.FromSeconds(1) });
        var info = await activities.Started.Task;

        await handle.CancelAsync();

        (await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync())).InnerException.ShouldBeOfType<CanceledFailureException>();
        activities.CancelReasons.ShouldBe([ActivityCancelReason.CancelRequested]);
        info.WorkflowId.ShouldBe(handle.Id);
        info.HeartbeatTimeout.ShouldBe(TimeSpan.FromSeconds(1));
        info.TaskQueue.ShouldBe(taskQueue);
        (await handle.FetchHistoryAsync()).Events.ShouldContain(e => e.EventType == EventType.ActivityTaskCanceled);
    });

    [Fact]
    public Task A_paused_activity_is_told_and_starts_again_when_it_is_unpaused() => RunAsync(async taskQueue =>
    {
        var handle = await StartAsync(taskQueue, new("UntilPaused", []) { Attempts = 2, Heartbeat = TimeSpan.FromSeconds(1) });
        var activity = await activities.Started.Task;
        var execution = new Temporalio.Api.Common.V1.WorkflowExecution { WorkflowId = handle.Id };
        var service = server.Client.Connection.WorkflowService;
        await service.PauseActivityAsync(new() { Namespace = "default", Execution = execution, Id = activity.ActivityId });
        await activities.Paused.Task;

        // The attempt that was told may end before or after this; it is tried again either way.
        await service.UnpauseActivityAsync(new() { Namespace = "default", Execution = execution, Id = activity.ActivityId });

        (await handle.GetResultAsync<string>()).ShouldBe("attempt 2");
    });

    [Fact]
    public Task An_activity_of_a_terminated_workflow_is_told_that_it_is_gone() => RunAsync(async taskQueue =>
    {
        var handle = await StartAsync(taskQueue, new("UntilCancelled", []) { Heartbeat = TimeSpan.FromSeconds(1) });
        await activities.Started.Task;

        await handle.TerminateAsync();
        await WaitAsync(() => !activities.CancelReasons.IsEmpty);

        activities.CancelReasons.ShouldBe([ActivityCancelReason.GoneFromServer]);
    });

    [Fact]
    public async Task A_worker_that_shuts_down_hands_its_activity_to_the_next_one()
    {
        WorkflowHandle? handle = null;
        await RunAsync(async taskQueue =>
        {
            handle = await StartAsync(taskQueue, new("UntilCancelled", []) { Attempts = 2, Heartbeat = TimeSpan.FromSeconds(5) });
            await activities.Started.Task;
        });

        activities.CancelReasons.ShouldBe([ActivityCancelReason.WorkerShutdown]);
        var pending = (await server.Client.Connection.WorkflowService.DescribeWorkflowExecutionAsync(
            new() { Namespace = "default", Execution = new() { WorkflowId = handle!.Id } })).PendingActivities.Single();
        pending.Attempt.ShouldBe(2);
        pending.LastFailure.ApplicationFailureInfo.Type.ShouldBe("WorkerShutdown");
        await handle.TerminateAsync();
    }

    [Fact]
    public async Task The_grace_period_lets_an_activity_finish()
    {
        WorkflowHandle? handle = null;
        await RunAsync(
            async taskQueue =>
            {
                handle = await StartAsync(taskQueue, new("UntilReleased", []));
                await activities.Started.Task;
            },
            o => o.GracefulShutdownTimeout = TimeSpan.FromSeconds(30));

        activities.SawShutdown.ShouldBeTrue();
        var events = (await handle!.FetchHistoryAsync()).Events;
        events.ShouldContain(e => e.EventType == EventType.ActivityTaskCompleted);
        await handle.TerminateAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task An_activity_is_completed_from_elsewhere(bool byToken) => RunAsync(async taskQueue =>
    {
        var handle = await StartAsync(taskQueue, new("CompleteElsewhere", []) { Id = "elsewhere" });
        var info = await activities.Started.Task;
        var activity = byToken
            ? server.Client.GetAsyncActivityHandle(info.TaskToken)
            : server.Client.GetAsyncActivityHandle(handle.Id, info.WorkflowRunId!, "elsewhere");

        await activity.HeartbeatAsync(new() { Details = ["so far"] });
        await activity.CompleteAsync("from elsewhere");

        (await handle.GetResultAsync<string>()).ShouldBe("from elsewhere");
        (await Should.ThrowAsync<RpcException>(() => activity.CompleteAsync("twice"))).Code.ShouldBe(RpcException.StatusCode.NotFound);
    });

    [Fact]
    public Task An_activity_is_failed_and_cancelled_from_elsewhere() => RunAsync(async taskQueue =>
    {
        var failing = await StartAsync(taskQueue, new("CompleteElsewhere", []));
        await server.Client.GetAsyncActivityHandle((await activities.Started.Task).TaskToken).FailAsync(new InvalidOperationException("elsewhere"));
        (await FailureAsync(failing.GetResultAsync())).InnerException!.Message.ShouldBe("elsewhere");

        activities.ExpectAnotherStart();
        var cancelled = await StartAsync(taskQueue, new("CompleteElsewhere", []) { Heartbeat = TimeSpan.FromSeconds(10) });
        var activity = server.Client.GetAsyncActivityHandle((await activities.Started.Task).TaskToken);
        await cancelled.CancelAsync();
        await WaitAsync(async () =>
        {
            try
            {
                await activity.HeartbeatAsync();
                return false;
            }
            catch (AsyncActivityCanceledException)
            {
                return true;
            }
        });
        await activity.ReportCancellationAsync();
        (await Should.ThrowAsync<WorkflowFailedException>(() => cancelled.GetResultAsync())).InnerException.ShouldBeOfType<CanceledFailureException>();
    });

    [Fact]
    public async Task Interceptors_see_calls_on_the_way_in_and_heartbeats_on_the_way_out()
    {
        var log = new List<string>();
        await RunAsync(
            async taskQueue => await FailureAsync(CallAsync(taskQueue, new("Resume", []))),
            o => o.Interceptors = [new Recording("outer", log), new Recording("inner", log)]);

        log.ShouldBe(["outer run Resume", "inner run Resume", .. Enumerable.Range(1, 3).SelectMany(i => new[] { $"inner heartbeat {i}", $"outer heartbeat {i}" })]);
    }

    private static async Task<ActivityFailureException> FailureAsync(Task task) =>
        (await Should.ThrowAsync<WorkflowFailedException>(() => task)).InnerException.ShouldBeOfType<ActivityFailureException>();

    private static Task WaitAsync(Func<bool> condition) => WaitAsync(() => Task.FromResult(condition()));

    // The server tells of a cancellation with a heartbeat only, so there is no event to await.
    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(20, limit.Token);
        }
    }

    private Task RunAsync(Func<string, Task> body, Action<TemporalWorkerOptions>? configure = null) => server.RunAsync(
        o =>
        {
            o.AddWorkflow<CallActivityWorkflow>().AddAllActivities(activities);
            configure?.Invoke(o);
        },
        body);

    private async Task<WorkflowHandle> StartAsync(string taskQueue, ActivityCall call) =>
        await server.Client.StartWorkflowAsync((CallActivityWorkflow w) => w.RunAsync(call), LocalServer.Start(taskQueue));

    private Task<string?> CallAsync(string taskQueue, ActivityCall call) =>
        server.Client.ExecuteWorkflowAsync((CallActivityWorkflow w) => w.RunAsync(call), LocalServer.Start(taskQueue));

    private sealed class Recording(string name, List<string> log) : IWorkerInterceptor
    {
        public ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) => new Inbound(name, log, nextInterceptor);

        private sealed class Inbound(string name, List<string> log, ActivityInboundInterceptor next) : ActivityInboundInterceptor(next)
        {
            public override void Init(ActivityOutboundInterceptor outbound) => base.Init(new Outbound(name, log, outbound));

            public override Task<object?> ExecuteActivityAsync(ExecuteActivityInput input)
            {
                log.Add($"{name} run {input.Activity.Name}");
                return base.ExecuteActivityAsync(input);
            }
        }

        private sealed class Outbound(string name, List<string> log, ActivityOutboundInterceptor next) : ActivityOutboundInterceptor(next)
        {
            public override void Heartbeat(HeartbeatInput input)
            {
                log.Add($"{name} heartbeat {input.Details[0]}");
                base.Heartbeat(input);
            }
        }
    }
}
