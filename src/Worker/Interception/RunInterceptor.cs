using Microsoft.Extensions.Logging;
using Onramp.Worker.Metrics;
using Onramp.Workflows.Contracts;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace Onramp.Worker.Interception;

/// <summary>Around each run. Deterministic: it only adds a header, and what it logs and measures is left out on replay.</summary>
internal sealed partial class RunInterceptor(WorkflowInboundInterceptor next, OnboardingMetrics metrics) : WorkflowInboundInterceptor(next)
{
    public override void Init(WorkflowOutboundInterceptor outbound) => base.Init(new CorrelationOutbound(outbound));

    public override async Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input)
    {
        LogStarted(Workflow.Logger, Correlation.Current);
        try
        {
            var result = await base.ExecuteWorkflowAsync(input);
            Ended("completed");
            return result;
        }
        catch (FailureException e)
        {
            Ended(TemporalException.IsCanceledException(e) ? "cancelled" : "failed");
            throw;
        }
    }

    private void Ended(string outcome)
    {
        LogEnded(Workflow.Logger, Correlation.Current, outcome);
        if (!Workflow.Unsafe.IsReplaying)
            metrics.OnboardingEnded(outcome, Workflow.UtcNow - Workflow.Info.StartTime);
    }

    [LoggerMessage(LogLevel.Information, "Run begins ({CorrelationId})")]
    private static partial void LogStarted(ILogger logger, string correlationId);

    [LoggerMessage(LogLevel.Information, "Run ends {Outcome} ({CorrelationId})")]
    private static partial void LogEnded(ILogger logger, string correlationId, string outcome);

    /// <summary>The correlation id of the call that started the run, from its memo.</summary>
    private static class Correlation
    {
        public static string Current =>
            Workflow.Memo.TryGetValue(OnboardingContract.CorrelationId, out var value) ? Workflow.PayloadConverter.ToValue<string>(value) ?? "" : "";
    }

    private sealed class CorrelationOutbound(WorkflowOutboundInterceptor next) : WorkflowOutboundInterceptor(next)
    {
        public override Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input)
        {
            var id = Correlation.Current;
            if (id.Length == 0)
                return base.ScheduleActivityAsync<TResult>(input);
            var headers = input.Headers is { } given ? new Dictionary<string, Payload>(given, StringComparer.Ordinal) : new(StringComparer.Ordinal);
            headers[OnboardingContract.CorrelationId] = Workflow.PayloadConverter.ToPayload(id);
            return base.ScheduleActivityAsync<TResult>(input with { Headers = headers });
        }
    }
}
