using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using Grpc.Core;
using Temporalio.Activities;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Runtime;
using Temporalio.Worker;
using Temporalio.Worker.Activities;
using Temporalio.Worker.Tuning;

namespace Temporalio.Tests.Activities;

/// <summary>Heartbeats, timeouts and retries by a clock that the test moves.</summary>
public sealed class ActivityTimingTests : IDisposable
{
    private readonly ManualTime time = new();
    private readonly Channel<RecordActivityTaskHeartbeatRequest> heartbeats = Channel.CreateUnbounded<RecordActivityTaskHeartbeatRequest>();
    private readonly Channel<IMessage> reports = Channel.CreateUnbounded<IMessage>();
    private readonly Queue<PollActivityTaskQueueResponse> tasks = new();
    private readonly FakeInvoker server;
    private Func<IMessage, IMessage?> special = _ => null;
    private readonly TaskCompletionSource<ActivityExecutionContext> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ActivityCancelReason reason;
    private ActivityWorker? worker;

    public ActivityTimingTests() => server = new FakeInvoker(AnswerAsync);

    public void Dispose() => worker?.Dispose();

    [Fact]
    public async Task Heartbeats_are_sent_at_once_and_then_at_most_every_eighty_percent_of_the_timeout()
    {
        var recorded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = Run(Heartbeats, new() { HeartbeatTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(10)) });

        Values(await heartbeats.Reader.ReadAsync()).ShouldBe(1);
        await recorded.Task;
        await time.WhenWaitedForAsync(TimeSpan.FromSeconds(8));
        time.Advance(TimeSpan.FromSeconds(7.9));
        heartbeats.Reader.TryRead(out _).ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(0.1));
        Values(await heartbeats.Reader.ReadAsync()).ShouldBe(100, "only the newest counts");
        last.SetResult();
        await run();

        [Activity("timed")]
        async Task Heartbeats()
        {
            var context = ActivityExecutionContext.Current;
            context.Heartbeat(1);
            await server.WhenCalledAsync("RecordActivityTaskHeartbeat", 1);
            for (var i = 2; i <= 100; i++)
            {
                context.Heartbeat(i);
            }

            recorded.SetResult();
            await last.Task;
        }
    }

    [Fact]
    public async Task An_attempt_whose_time_is_long_over_is_cancelled()
    {
        var run = Run(UntilCancelled, new() { StartToCloseTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(10)) });
        await started.Task;

        time.Advance(TimeSpan.FromSeconds(14));
        reason.ShouldBe(ActivityCancelReason.None);
        time.Advance(TimeSpan.FromSeconds(1));
        await run();

        reason.ShouldBe(ActivityCancelReason.Timeout);
    }

    [Fact]
    public async Task An_attempt_without_heartbeats_is_cancelled_and_one_with_them_is_not()
    {
        var run = Run(UntilCancelled, new() { HeartbeatTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(10)) });
        var context = await started.Task;

        time.Advance(TimeSpan.FromSeconds(14));
        context.Heartbeat();
        time.Advance(TimeSpan.FromSeconds(14));
        reason.ShouldBe(ActivityCancelReason.None);
        time.Advance(TimeSpan.FromSeconds(1));
        await run();

        reason.ShouldBe(ActivityCancelReason.Timeout);
    }

    [Fact]
    public async Task An_outcome_is_reported_until_the_server_has_it()
    {
        var failures = 3;
        special = request => request is RespondActivityTaskCompletedRequest && failures-- > 0 ? throw new RefusalException(StatusCode.Unavailable, "away") : null;
        var run = Run(Return, new());

        var report = (RespondActivityTaskCompletedRequest)await PassTimeUntilAsync(reports.Reader.ReadAsync().AsTask());

        server.Calls("RespondActivityTaskCompleted").ShouldBe(4);
        DataConverter.Default.PayloadConverter.ToValue<string>(report.Result.Payloads_.Single()).ShouldBe("done");
        await run();

        [Activity("timed")]
        static string Return() => "done";
    }

    [Fact]
    public async Task A_result_that_the_server_refuses_fails_the_attempt()
    {
        special = request => request is RespondActivityTaskCompletedRequest ? throw new RefusalException(StatusCode.InvalidArgument, "too large") : null;
        var run = Run(Return, new());

        var report = (RespondActivityTaskFailedRequest)await reports.Reader.ReadAsync();

        report.Failure.Message.ShouldContain("too large");
        await run();

        [Activity("timed")]
        static string Return() => "much";
    }

    [Fact]
    public async Task Polls_that_are_refused_for_good_end_the_worker_after_a_minute()
    {
        special = request => request is PollActivityTaskQueueRequest ? throw new RefusalException(StatusCode.PermissionDenied, "no") : null;
        worker = Create(Nothing);
        var begun = time.GetUtcNow();

        var run = worker.ExecuteAsync();
        (await Should.ThrowAsync<RpcException>(() => PassTimeUntilAsync(run))).Code.ShouldBe(RpcException.StatusCode.PermissionDenied);
        (time.GetUtcNow() - begun).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Polls_that_fail_for_now_are_repeated_and_the_worker_goes_on()
    {
        var failures = 2;
        special = request => request is PollActivityTaskQueueRequest && failures-- > 0 ? throw new RefusalException(StatusCode.Unavailable, "away") : null;
        var run = Run(Nothing, new());

        await PassTimeUntilAsync(reports.Reader.ReadAsync().AsTask());
        await run();

        server.Calls("PollActivityTaskQueue").ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public async Task A_rate_limit_spaces_turns_evenly()
    {
        var limit = new RateLimit(perSecond: 2, time);

        limit.WaitAsync(CancellationToken.None).IsCompleted.ShouldBeTrue();
        var second = limit.WaitAsync(CancellationToken.None);
        var third = limit.WaitAsync(CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(0.5));
        await second;
        third.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(0.5));
        await third;
    }

    [Activity("timed")]
    private static void Nothing()
    {
    }

    private static int Values(RecordActivityTaskHeartbeatRequest request) =>
        DataConverter.Default.PayloadConverter.ToValue<int>(request.Details.Payloads_.Single());

    [Activity("timed")]
    private async Task UntilCancelled()
    {
        var context = ActivityExecutionContext.Current;
        started.SetResult(context);
        try
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }
        finally
        {
            reason = context.CancelReason;
        }
    }

    /// <summary>Runs a task; what is returned waits until it has ended and the worker is shut down.</summary>
    private Func<Task> Run(Delegate activity, PollActivityTaskQueueResponse task)
    {
        task.TaskToken = ByteString.CopyFromUtf8("token");
        task.ActivityId = "1";
        task.ActivityType = new() { Name = "timed" };
        task.Attempt = 1;
        tasks.Enqueue(task);
        worker = Create(activity);
        var run = worker.ExecuteAsync();
        return async () =>
        {
            worker.StopPolling();
            await run.WaitAsync(TimeSpan.FromSeconds(30));
        };
    }

    private ActivityWorker Create(Delegate activity)
    {
        var connection = TemporalConnection.Create(new("unused:1"), server);
        var options = new TemporalWorkerOptions("queue") { MaxConcurrentActivityTaskPolls = 1 }.AddActivity(activity);
        var slots = SlotPool.Create(new FixedSizeSlotSupplier(1), new(SlotType.Activity, "queue", "me", string.Empty, IsSticky: false), NullLogger.Instance);
        return new(new(new TemporalClient(connection, new()), options, slots, [], NullLoggerFactory.Instance, TemporalRuntime.Default.MetricMeter)
        {
            Time = time,
            Random = new Random(1),
        });
    }

    private async Task<T> PassTimeUntilAsync<T>(Task<T> task)
    {
        await PassTimeUntilAsync((Task)task);
        return await task;
    }

    private async Task PassTimeUntilAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            await Task.WhenAny(task, time.WhenWaitedForAsync());
            time.Advance(TimeSpan.FromSeconds(1));
        }

        await task;
    }

    private async Task<IMessage> AnswerAsync(IMessage request, CancellationToken cancellationToken)
    {
        if (special(request) is { } answer)
        {
            return answer;
        }

        switch (request)
        {
            case PollActivityTaskQueueRequest when tasks.TryDequeue(out var task):
                return task;
            case PollActivityTaskQueueRequest:
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return new PollActivityTaskQueueResponse();
            case RecordActivityTaskHeartbeatRequest heartbeat:
                await heartbeats.Writer.WriteAsync(heartbeat, cancellationToken);
                return new RecordActivityTaskHeartbeatResponse();
            case RespondActivityTaskCompletedRequest:
                await reports.Writer.WriteAsync(request, cancellationToken);
                return new RespondActivityTaskCompletedResponse();
            case RespondActivityTaskFailedRequest:
                await reports.Writer.WriteAsync(request, cancellationToken);
                return new RespondActivityTaskFailedResponse();
            default:
                throw new RefusalException(StatusCode.Unimplemented, request.Descriptor.Name);
        }
    }
}
