using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Activities;

/// <summary>Tells the server how an attempt ended, and keeps trying: a lost report means that the activity runs again.</summary>
internal sealed class ActivityReporter(ActivityWorkerContext context, ILogger logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(2);

    /// <summary>Reports it. Never throws.</summary>
    /// <param name="info">The attempt.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="unsentDetails">Heartbeat values that were not sent yet.</param>
    public async Task ReportAsync(ActivityInfo info, ActivityOutcome outcome, Payloads? unsentDetails)
    {
        if (outcome is ActivityOutcome.CompletesAsync)
        {
            return;
        }

        var backoff = new PollBackoff(context.Random, FirstPause, LongestPause);
        var started = context.Time.GetTimestamp();
        while (true)
        {
            try
            {
                await SendAsync(info, outcome, unsentDetails).ConfigureAwait(false);
                return;
            }
            catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
            {
                // It timed out, or its workflow is closed. Nobody waits for it any more.
                logger.LogDebug("Activity {ActivityId} is gone from the server, its outcome is dropped", info.ActivityId);
                return;
            }
            catch (RpcException e) when (PollBackoff.IsTransient(e.Code) && context.Time.GetElapsedTime(started) < GiveUpAfter)
            {
                logger.LogWarning(e, "Outcome of activity {ActivityId} could not be reported, trying again", info.ActivityId);
                await Task.Delay(backoff.Next(), context.Time).ConfigureAwait(false);
            }
            catch (RpcException e) when (outcome is ActivityOutcome.Completed && e.Code == RpcException.StatusCode.InvalidArgument)
            {
                // Such as a result that is too large. Without a report the attempt would hang until it times out.
                logger.LogError(e, "Result of activity {ActivityId} was refused, failing it", info.ActivityId);
                var refused = new ApplicationFailureException($"The server refused the activity's result: {e.Message}", errorType: "ResultRefused");
                outcome = new ActivityOutcome.Failed(
                    info.DataConverter.FailureConverter.ToFailure(refused, info.DataConverter.PayloadConverter));
            }
            catch (Exception e)
            {
                logger.LogError(e, "Outcome of activity {ActivityId} could not be reported, it will time out", info.ActivityId);
                return;
            }
        }
    }

    private Task SendAsync(ActivityInfo info, ActivityOutcome outcome, Payloads? unsentDetails)
    {
        var token = ByteString.CopyFrom(info.TaskToken);
        return outcome switch
        {
            ActivityOutcome.Completed completed => context.Service.RespondActivityTaskCompletedAsync(new()
            {
                Namespace = context.Namespace,
                TaskToken = token,
                Identity = context.Identity,
                Result = new() { Payloads_ = { completed.Result } },
                DeploymentOptions = context.DeploymentOptions,
            }),
            ActivityOutcome.Canceled canceled => context.Service.RespondActivityTaskCanceledAsync(new()
            {
                Namespace = context.Namespace,
                TaskToken = token,
                Identity = context.Identity,
                Details = canceled.Failure.CanceledFailureInfo?.Details,
                DeploymentOptions = context.DeploymentOptions,
            }),
            ActivityOutcome.Failed failed => context.Service.RespondActivityTaskFailedAsync(new()
            {
                Namespace = context.Namespace,
                TaskToken = token,
                Identity = context.Identity,
                Failure = failed.Failure,
                LastHeartbeatDetails = unsentDetails,
                DeploymentOptions = context.DeploymentOptions,
            }),
            _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Unknown outcome"),
        };
    }
}
