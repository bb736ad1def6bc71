using Microsoft.Extensions.Logging;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Converters;

namespace Temporalio.Activities;

/// <summary>What a running activity can ask for and tell. It follows the activity through its asynchronous calls.</summary>
public class ActivityExecutionContext
{
    private static readonly AsyncLocal<ActivityExecutionContext?> AsyncLocalCurrent = new();

    private readonly Lazy<MetricMeter> metricMeter;
    private readonly Func<(ActivityCancelReason Reason, ActivityCancellationDetails? Details)> cancellation;
    private readonly ITemporalClient? temporalClient;
    private readonly Action<object?[]> heartbeater;

    internal ActivityExecutionContext(
        ActivityInfo info,
        CancellationToken cancellationToken,
        CancellationToken workerShutdownToken,
        Func<(ActivityCancelReason Reason, ActivityCancellationDetails? Details)> cancellation,
        ILogger logger,
        IPayloadConverter payloadConverter,
        Lazy<MetricMeter> metricMeter,
        ITemporalClient? temporalClient,
        Action<object?[]> heartbeater)
    {
        Info = info;
        CancellationToken = cancellationToken;
        WorkerShutdownToken = workerShutdownToken;
        Logger = logger;
        PayloadConverter = payloadConverter;
        this.cancellation = cancellation;
        this.metricMeter = metricMeter;
        this.temporalClient = temporalClient;
        this.heartbeater = heartbeater;
    }

    /// <summary>Whether the code runs in an activity.</summary>
    public static bool HasCurrent => AsyncLocalCurrent.Value is not null;

    /// <summary>The context of the activity that the code runs in.</summary>
    /// <exception cref="InvalidOperationException">It does not run in an activity.</exception>
    public static ActivityExecutionContext Current =>
        AsyncLocalCurrent.Value ?? throw new InvalidOperationException("No current context, the code does not run in an activity");

    /// <summary>What is known about the activity.</summary>
    public ActivityInfo Info { get; private init; }

    /// <summary>Cancelled when the activity is to stop; <see cref="CancelReason"/> says why.</summary>
    public CancellationToken CancellationToken { get; private init; }

    /// <summary>Cancelled when the worker begins to shut down; the activity may still go on for the grace period.</summary>
    public CancellationToken WorkerShutdownToken { get; private init; }

    /// <summary>Why the activity is to stop.</summary>
    public ActivityCancelReason CancelReason => cancellation().Reason;

    /// <summary>Everything that holds about the cancellation; null if there is none.</summary>
    public ActivityCancellationDetails? CancellationDetails => cancellation().Details;

    /// <summary>A logger whose scope says which activity it is.</summary>
    public ILogger Logger { get; private init; }

    /// <summary>Converter of the activity's values, without codec.</summary>
    public IPayloadConverter PayloadConverter { get; private init; }

    /// <summary>Makes metrics that are tagged with the activity.</summary>
    public MetricMeter MetricMeter => metricMeter.Value;

    /// <summary>The client of the worker.</summary>
    /// <exception cref="InvalidOperationException">There is none: a local test environment without one.</exception>
    public ITemporalClient TemporalClient =>
        temporalClient ?? throw new InvalidOperationException("No Temporal client is available to this activity");

    /// <summary>
    /// Says that the activity is alive, and how far it got. Sent at most every 80 % of the heartbeat timeout; the newest values win.
    /// An activity has to heartbeat to be told of its cancellation.
    /// </summary>
    /// <param name="details">Values that the next attempt will find.</param>
    public void Heartbeat(params object?[] details) => heartbeater(details);

    internal static void SetCurrent(ActivityExecutionContext? context) => AsyncLocalCurrent.Value = context;
}
