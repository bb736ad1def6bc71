using Microsoft.Extensions.Logging;
using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker.Interceptors;

namespace Temporalio.Worker.Activities;

/// <summary>Runs one attempt of an activity's code and says how it ended. Used for activities of the queue and for local ones.</summary>
internal sealed class ActivityExecutor(
    Func<ITemporalClient?> client,
    TaskFactory taskFactory,
    IReadOnlyCollection<IWorkerInterceptor> interceptors,
    ILogger logger,
    MetricMeter metricMeter,
    CancellationToken workerShutdownToken)
{
    /// <summary>Runs it.</summary>
    /// <param name="definition">The code.</param>
    /// <param name="info">What is known about the attempt.</param>
    /// <param name="input">Arguments as received.</param>
    /// <param name="header">Headers as received.</param>
    /// <param name="cancellation">Tells the code to stop.</param>
    /// <param name="heartbeat">What a heartbeat does.</param>
    /// <param name="heartbeatFailure">Why a heartbeat could not be recorded, if one could not.</param>
    public async Task<ActivityOutcome> ExecuteAsync(
        ActivityDefinition definition,
        ActivityInfo info,
        Payloads? input,
        Header? header,
        ActivityCancellation cancellation,
        Action<object?[]> heartbeat,
        Func<Exception?> heartbeatFailure)
    {
        try
        {
            var arguments = await ActivityArguments.DecodeAsync(definition, info.DataConverter, input).ConfigureAwait(false);
            var headers = await ActivityArguments.DecodeHeadersAsync(info.DataConverter, header).ConfigureAwait(false);
            var (inbound, outbound) = ActivityInterceptorChain.Create(interceptors, heartbeat);
            var context = new ActivityExecutionContext(
                info,
                cancellation.Token,
                workerShutdownToken,
                () => cancellation.Current,
                logger,
                info.DataConverter.PayloadConverter,
                new(() => metricMeter.WithTags(
                [
                    new("namespace", info.Namespace), new("task_queue", info.TaskQueue), new("activity_type", info.ActivityType),
                ])),
                client(),
                details => outbound.Heartbeat(new(details)));

            var result = await taskFactory.StartNew(
                async () =>
                {
                    ActivityExecutionContext.SetCurrent(context);
                    using var scope = logger.BeginScope(info.LoggerScope);
                    return await inbound.ExecuteActivityAsync(new(definition, arguments, headers)).ConfigureAwait(false);
                },
                CancellationToken.None,
                taskFactory.CreationOptions,
                taskFactory.Scheduler ?? TaskScheduler.Default).Unwrap().ConfigureAwait(false);
            return new ActivityOutcome.Completed(
                await info.DataConverter.ToPayloadAsync(result is ValueTuple ? null : result).ConfigureAwait(false));
        }
        catch (CompleteAsyncException)
        {
            return new ActivityOutcome.CompletesAsync();
        }
        catch (Exception e)
        {
            return await EndedByAsync(e, info, cancellation, heartbeatFailure).ConfigureAwait(false);
        }
    }

    private async Task<ActivityOutcome> EndedByAsync(
        Exception exception, ActivityInfo info, ActivityCancellation cancellation, Func<Exception?> heartbeatFailure)
    {
        var reason = cancellation.Current.Reason;
        var stopped = reason != ActivityCancelReason.None && exception is OperationCanceledException or CanceledFailureException;
        if (stopped && reason is ActivityCancelReason.CancelRequested)
        {
            logger.LogDebug("Activity {ActivityType} {ActivityId} is cancelled", info.ActivityType, info.ActivityId);
            var canceled = exception as CanceledFailureException ?? new CanceledFailureException("Cancelled", exception);
            return new ActivityOutcome.Canceled(await FailureAsync(info, canceled).ConfigureAwait(false));
        }

        if (stopped)
        {
            exception = reason switch
            {
                ActivityCancelReason.WorkerShutdown =>
                    new ApplicationFailureException("Worker is shutting down and this activity did not complete in time", exception, "WorkerShutdown"),
                ActivityCancelReason.Paused => new ApplicationFailureException("Activity paused", exception, "ActivityPause"),
                ActivityCancelReason.Reset => new ApplicationFailureException("Activity reset", exception, "ActivityReset"),
                ActivityCancelReason.HeartbeatRecordFailure when heartbeatFailure() is { } cause =>
                    new ApplicationFailureException($"Failed recording heartbeat: {cause.Message}", cause, "HeartbeatRecordFailure"),
                _ => exception,
            };
        }

        var benign = exception is ApplicationFailureException { Category: ApplicationErrorCategory.Benign };
        logger.Log(
            benign ? LogLevel.Debug : LogLevel.Warning,
            exception,
            "Activity {ActivityType} {ActivityId} failed in attempt {Attempt}",
            info.ActivityType,
            info.ActivityId,
            info.Attempt);
        return new ActivityOutcome.Failed(await FailureAsync(info, exception).ConfigureAwait(false));
    }

    // A failure that cannot be converted is still reported, or the attempt would hang until it times out.
    private async Task<Api.Failure.V1.Failure> FailureAsync(ActivityInfo info, Exception exception)
    {
        try
        {
            return await info.DataConverter.ToFailureAsync(exception).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            logger.LogError(e, "Failure of activity {ActivityId} could not be converted", info.ActivityId);
            return new() { Message = $"Failed building exception result: {e.Message}", ApplicationFailureInfo = new() { Type = e.GetType().Name } };
        }
    }
}
