using System.Diagnostics;
using Temporalio.Activities;
using Temporalio.Exceptions;
using Temporalio.Worker.Interceptors;

namespace Onramp.Workflows.Tracing;

/// <summary>A span for each attempt of a step, under the call that asked for the run.</summary>
internal sealed class TracingActivity(ActivityInboundInterceptor next) : ActivityInboundInterceptor(next)
{
    public override async Task<object?> ExecuteActivityAsync(ExecuteActivityInput input)
    {
        var info = ActivityExecutionContext.Current.Info;
        TraceContext.TryRead(input.Headers, out var parent);
        using var span = TracingInterceptor.Source.StartActivity($"RunActivity:{info.ActivityType}", ActivityKind.Server, parent);
        span?.SetTag(TraceTags.WorkflowId, info.WorkflowId)
            .SetTag(TraceTags.RunId, info.WorkflowRunId)
            .SetTag(TraceTags.ActivityId, info.ActivityId)
            .SetTag(TraceTags.Step, info.ActivityId)
            .SetTag(TraceTags.Attempt, info.Attempt);
        try
        {
            return await base.ExecuteActivityAsync(input);
        }
        catch (Exception e) when (e is not CompleteAsyncException)
        {
            // The kind of failure alone: what it says is in the history, behind Temporal's own authorization.
            span?.SetTag(TraceTags.ErrorType, (e as ApplicationFailureException)?.ErrorType ?? e.GetType().Name).SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }
}
