using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Activities;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Runtime;

namespace Temporalio.Testing;

/// <summary>Runs activity code in a context of its own, without worker and server.</summary>
public record ActivityEnvironment
{
    /// <summary>What is known about the activity unless said otherwise.</summary>
    public static readonly ActivityInfo DefaultInfo = new(
        ActivityId: "test",
        ActivityType: "unknown",
        Attempt: 1,
        CurrentAttemptScheduledTime: DateTime.UnixEpoch,
        DataConverter: DataConverter.Default,
        HeartbeatDetails: [],
        HeartbeatTimeout: null,
        IsLocal: false,
        Namespace: "default",
        Priority: Priority.Default,
        RetryPolicy: null,
        ScheduleToCloseTimeout: TimeSpan.FromSeconds(1),
        ScheduledTime: DateTime.UnixEpoch,
        StartToCloseTimeout: TimeSpan.FromSeconds(1),
        StartedTime: DateTime.UnixEpoch,
        TaskQueue: "test",
        TaskToken: "test"u8.ToArray(),
        WorkflowId: "test",
        WorkflowNamespace: "default",
        WorkflowRunId: "test-run",
        WorkflowType: "test");

    /// <summary>What is known about the activity.</summary>
    public ActivityInfo Info { get; init; } = DefaultInfo;

    /// <summary>Logger. Default: none.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Converter of the activity's values.</summary>
    public IPayloadConverter PayloadConverter { get; init; } = DataConverter.Default.PayloadConverter;

    /// <summary>Metrics. Default: the runtime's.</summary>
    public MetricMeter? MetricMeter { get; init; }

    /// <summary>Client. Default: none.</summary>
    public ITemporalClient? TemporalClient { get; init; }

    /// <summary>What heartbeats do. Default: nothing.</summary>
    public Action<object?[]> Heartbeater { get; init; } = _ => { };

    /// <summary>Cancels the activity.</summary>
    public CancellationTokenSource CancellationTokenSource { get; init; } = new();

    /// <summary>Tells the activity that the worker shuts down.</summary>
    public CancellationTokenSource WorkerShutdownTokenSource { get; init; } = new();

    /// <summary>Why the activity is to stop.</summary>
    public ActivityCancelReason CancelReason { get; set; }

    /// <summary>Everything that holds about the cancellation.</summary>
    public ActivityCancellationDetails? CancellationDetails { get; set; }

    /// <summary>Cancels the activity, as if that was asked for.</summary>
    public void Cancel() => Cancel(ActivityCancelReason.CancelRequested);

    /// <summary>Cancels the activity.</summary>
    /// <param name="reason">Why.</param>
    public void Cancel(ActivityCancelReason reason) => Cancel(reason, new()
    {
        IsCancelRequested = reason == ActivityCancelReason.CancelRequested,
        IsGoneFromServer = reason == ActivityCancelReason.GoneFromServer,
        IsTimedOut = reason == ActivityCancelReason.Timeout,
        IsWorkerShutdown = reason == ActivityCancelReason.WorkerShutdown,
        IsHeartbeatRecordFailure = reason == ActivityCancelReason.HeartbeatRecordFailure,
        IsPaused = reason == ActivityCancelReason.Paused,
        IsReset = reason == ActivityCancelReason.Reset,
    });

    /// <summary>Cancels the activity.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="details">Everything that holds about it.</param>
    public void Cancel(ActivityCancelReason reason, ActivityCancellationDetails details)
    {
        CancelReason = reason;
        CancellationDetails = details;
        CancellationTokenSource.Cancel();
    }

    /// <summary>Runs an activity.</summary>
    /// <param name="activity">Code.</param>
    public Task RunAsync(Action activity) => RunAsync(() =>
    {
        activity();
        return Task.FromResult(default(ValueTuple));
    });

    /// <summary>Runs an activity.</summary>
    /// <typeparam name="T">Its result.</typeparam>
    /// <param name="activity">Code.</param>
    public Task<T> RunAsync<T>(Func<T> activity) => RunAsync(() => Task.FromResult(activity()));

    /// <summary>Runs an activity.</summary>
    /// <param name="activity">Code.</param>
    public Task RunAsync(Func<Task> activity) => RunAsync(async () =>
    {
        await activity().ConfigureAwait(false);
        return default(ValueTuple);
    });

    /// <summary>Runs an activity.</summary>
    /// <typeparam name="T">Its result.</typeparam>
    /// <param name="activity">Code.</param>
    public async Task<T> RunAsync<T>(Func<Task<T>> activity)
    {
        // Set within an asynchronous method, the context ends with it.
        ActivityExecutionContext.SetCurrent(new(
            Info,
            CancellationTokenSource.Token,
            WorkerShutdownTokenSource.Token,
            () => (CancelReason, CancellationDetails),
            Logger,
            PayloadConverter,
            new(() => MetricMeter ?? TemporalRuntime.Default.MetricMeter),
            TemporalClient,
            Heartbeater));
        return await activity().ConfigureAwait(false);
    }
}
