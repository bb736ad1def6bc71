using Microsoft.Extensions.Logging;
using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Activities;

/// <summary>
/// Sends one activity's heartbeats, at most one an interval: the first at once, later ones at the interval's end with the newest values.
/// The answers tell whether the activity is to stop.
/// </summary>
internal sealed class ActivityHeartbeats
{
    private readonly ActivityWorkerContext context;
    private readonly ActivityInfo info;
    private readonly ActivityCancellation cancellation;
    private readonly ILogger logger;
    private readonly TimeSpan interval;
    private readonly CancellationTokenSource ended = new();
    private readonly Lock gate = new();
    private Payloads? pending;
    private Task sending = Task.CompletedTask;
    private bool isSending;

    public ActivityHeartbeats(ActivityWorkerContext context, ActivityInfo info, ActivityCancellation cancellation, ILogger logger)
    {
        this.context = context;
        this.info = info;
        this.cancellation = cancellation;
        this.logger = logger;
        var wanted = info.HeartbeatTimeout is { } timeout && timeout > TimeSpan.Zero
            ? timeout * 0.8
            : context.Options.DefaultHeartbeatThrottleInterval;
        interval = wanted < context.Options.MaxHeartbeatThrottleInterval ? wanted : context.Options.MaxHeartbeatThrottleInterval;
    }

    /// <summary>Called for every heartbeat, sent or not.</summary>
    public event Action? Recorded;

    /// <summary>Why values could not be recorded, if they could not.</summary>
    public Exception? RecordFailure { get; private set; }

    public void Record(object?[] details)
    {
        Payloads payloads;
        try
        {
            // Converted now: the activity may change its values before they are sent.
            payloads = new() { Payloads_ = { info.DataConverter.PayloadConverter.ToPayloads(details) } };
        }
        catch (Exception e)
        {
            Fail(e);
            return;
        }

        Recorded?.Invoke();
        lock (gate)
        {
            if (ended.IsCancellationRequested)
            {
                return;
            }

            pending = payloads;
            if (!isSending)
            {
                isSending = true;
                sending = Task.Run(SendAsync);
            }
        }
    }

    /// <summary>Ends sending. Nothing is under way when it returns.</summary>
    /// <returns>The newest values if they were not sent, encoded.</returns>
    public async Task<Payloads?> StopAsync()
    {
        await ended.CancelAsync().ConfigureAwait(false);
        Task last;
        lock (gate)
        {
            last = sending;
        }

        await last.ConfigureAwait(false);
        ended.Dispose();
        var unsent = Interlocked.Exchange(ref pending, null);
        return unsent is null ? null : await EncodeAsync(unsent).ConfigureAwait(false);
    }

    private async Task SendAsync()
    {
        while (true)
        {
            Payloads details;
            lock (gate)
            {
                if (pending is null || ended.IsCancellationRequested)
                {
                    isSending = false;
                    return;
                }

                details = pending;
                pending = null;
            }

            try
            {
                await SendAsync(details).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                // The activity has ended; what it said last goes with its failure, if it failed.
                lock (gate)
                {
                    pending ??= details;
                }
            }

            try
            {
                await Task.Delay(interval, context.Time, ended.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The loop ends with its own condition.
            }
        }
    }

    private async Task SendAsync(Payloads details)
    {
        var request = new RecordActivityTaskHeartbeatRequest
        {
            Namespace = context.Namespace,
            TaskToken = Google.Protobuf.ByteString.CopyFrom(info.TaskToken),
            Identity = context.Identity,
        };
        try
        {
            request.Details = await EncodeAsync(details).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Fail(e);
            return;
        }

        try
        {
            Apply(await context.Service.RecordActivityTaskHeartbeatAsync(
                request, new() { Retry = true, CancellationToken = ended.Token }).ConfigureAwait(false));
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            cancellation.Cancel(ActivityCancelReason.GoneFromServer);
        }
        catch (RpcException e)
        {
            logger.LogWarning(e, "Heartbeat of activity {ActivityId} could not be sent, it will be with the next", info.ActivityId);
        }
    }

    private void Apply(RecordActivityTaskHeartbeatResponse response)
    {
        if (!response.CancelRequested && !response.ActivityReset && !response.ActivityPaused)
        {
            return;
        }

        var reason = response switch
        {
            { CancelRequested: true } => ActivityCancelReason.CancelRequested,
            { ActivityReset: true } => ActivityCancelReason.Reset,
            _ => ActivityCancelReason.Paused,
        };
        cancellation.Cancel(reason, new()
        {
            IsCancelRequested = response.CancelRequested,
            IsReset = response.ActivityReset,
            IsPaused = response.ActivityPaused,
        });
    }

    private void Fail(Exception e)
    {
        RecordFailure ??= e;
        logger.LogWarning(e, "Details of a heartbeat of activity {ActivityId} could not be converted, cancelling it", info.ActivityId);
        cancellation.Cancel(ActivityCancelReason.HeartbeatRecordFailure);
    }

    private async Task<Payloads> EncodeAsync(Payloads details) =>
        info.DataConverter.PayloadCodec is not { } codec || details.Payloads_.Count == 0
            ? details
            : new() { Payloads_ = { await codec.EncodeAsync(details.Payloads_).ConfigureAwait(false) } };
}
