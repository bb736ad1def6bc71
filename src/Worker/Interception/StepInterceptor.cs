using Microsoft.Extensions.Logging;
using Onramp.Worker.Metrics;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using Temporalio.Exceptions;
using Temporalio.Worker.Interceptors;

namespace Onramp.Worker.Interception;

/// <summary>Around each attempt of a step.</summary>
internal sealed partial class StepInterceptor(
    ActivityInboundInterceptor next, OnboardingMetrics metrics, ILogger<StepInterceptor> logger, TimeProvider time) : ActivityInboundInterceptor(next)
{
    public override async Task<object?> ExecuteActivityAsync(ExecuteActivityInput input)
    {
        var info = ActivityExecutionContext.Current.Info;
        using var scope = logger.BeginScope(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["CorrelationId"] = CorrelationOf(input),
            ["WorkflowId"] = info.WorkflowId ?? "",
            ["RunId"] = info.WorkflowRunId ?? "",
            ["Step"] = info.ActivityId,
            ["Attempt"] = info.Attempt,
        });
        metrics.StepStarted();
        var began = time.GetTimestamp();
        var outcome = "failed";
        try
        {
            LogStarted(info.Attempt);
            var result = await Heartbeats.WhileAsync(() => base.ExecuteActivityAsync(input), time);
            outcome = "succeeded";
            LogSucceeded((long)time.GetElapsedTime(began).TotalMilliseconds);
            return result;
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
            LogCancelled();
            throw;
        }
        catch (ApplicationFailureException e)
        {
            LogFailed(e.ErrorType ?? "", e.Message, e.NonRetryable ? "for good" : "for now");
            throw;
        }
        catch (Exception e) when (e is not CompleteAsyncException)
        {
            LogBroken(e, e.GetType().Name);
            throw;
        }
        finally
        {
            metrics.StepEnded(info.ActivityType, outcome, time.GetElapsedTime(began));
        }
    }

    private static string CorrelationOf(ExecuteActivityInput input) =>
        input.Headers is { } headers && headers.TryGetValue(OnboardingContract.CorrelationId, out var payload)
            ? (string?)ActivityExecutionContext.Current.PayloadConverter.ToValue(payload, typeof(string)) ?? ""
            : "";

    [LoggerMessage(LogLevel.Debug, "Attempt {Number} begins")]
    private partial void LogStarted(int number);

    [LoggerMessage(LogLevel.Information, "Done in {Milliseconds} ms")]
    private partial void LogSucceeded(long milliseconds);

    [LoggerMessage(LogLevel.Information, "Cancelled")]
    private partial void LogCancelled();

    [LoggerMessage(LogLevel.Warning, "Failed {Finality}: {ErrorType}: {Error}")]
    private partial void LogFailed(string errorType, string error, string finality);

    [LoggerMessage(LogLevel.Warning, "Failed for now: {Kind}")]
    private partial void LogBroken(Exception exception, string kind);
}
