using System.Diagnostics;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Client.Interceptors;

namespace Onramp.Workflows.Tracing;

/// <summary>A span for each call that moves a run on; its context goes along in the header.</summary>
internal sealed class TracingClient(ClientOutboundInterceptor next) : ClientOutboundInterceptor(next)
{
    public override Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input) =>
        TracedAsync(
            input.Options.StartSignal is null ? "StartWorkflow" : "SignalWithStartWorkflow", input.Workflow, input.Options.Id, input.Headers,
            headers => base.StartWorkflowAsync<TWorkflow, TResult>(input with { Headers = headers }));

    public override Task SignalWorkflowAsync(SignalWorkflowInput input) =>
        TracedAsync("SignalWorkflow", input.Signal, input.Id, input.Headers, async headers =>
        {
            await base.SignalWorkflowAsync(input with { Headers = headers });
            return true;
        });

    public override Task<WorkflowUpdateHandle<TResult>> StartWorkflowUpdateAsync<TResult>(StartWorkflowUpdateInput input) =>
        TracedAsync("UpdateWorkflow", input.Update, input.Id, input.Headers, headers => base.StartWorkflowUpdateAsync<TResult>(input with { Headers = headers }));

    public override Task<WorkflowUpdateHandle<TResult>> StartUpdateWithStartWorkflowAsync<TResult>(StartUpdateWithStartWorkflowInput input) =>
        TracedAsync("UpdateWithStartWorkflow", input.Update, input.Options.StartWorkflowOperation?.Options.Id, input.Headers, headers =>
        {
            if (input.Options.StartWorkflowOperation is { } start && headers?.TryGetValue(TraceContext.Header, out var trace) == true)
                start.Headers = TracingInterceptor.With(start.Headers, trace);
            return base.StartUpdateWithStartWorkflowAsync<TResult>(input with { Headers = headers });
        });

    private static async Task<T> TracedAsync<T>(
        string call, string type, string? workflowId, IDictionary<string, Payload>? headers, Func<IDictionary<string, Payload>?, Task<T>> next)
    {
        using var span = TracingInterceptor.Source.StartActivity($"{call}:{type}", ActivityKind.Client);
        span?.SetTag(TraceTags.WorkflowId, workflowId);
        // Without a span of ours (nobody listens) the caller's context still goes along.
        if ((span ?? Activity.Current) is { IdFormat: ActivityIdFormat.W3C } current)
            headers = TracingInterceptor.With(headers, TraceContext.Write(current.Context));
        try
        {
            return await next(headers);
        }
        catch (Exception e)
        {
            span?.SetTag(TraceTags.ErrorType, e.GetType().Name).SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }
}
