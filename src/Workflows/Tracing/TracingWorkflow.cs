using Temporalio.Api.Common.V1;
using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace Onramp.Workflows.Tracing;

/// <summary>
/// Hands a run's trace on to what it starts. What a handler of a signal or update starts belongs to the call that sent it, when that
/// brought a trace. Deterministic: it copies a header of the history, and makes nothing of its own.
/// </summary>
internal sealed class TracingWorkflow(WorkflowInboundInterceptor next) : WorkflowInboundInterceptor(next)
{
    /// <summary>The header of the call at work; null outside handlers, where it is the run's own.</summary>
    private readonly AsyncLocal<Payload?> handled = new();

    public override void Init(WorkflowOutboundInterceptor outbound) => base.Init(new Outbound(outbound, this));

    public override Task HandleSignalAsync(HandleSignalInput input) => HandlingAsync(input.Headers, () => base.HandleSignalAsync(input));

    public override Task<object?> HandleUpdateAsync(HandleUpdateInput input) => HandlingAsync(input.Headers, () => base.HandleUpdateAsync(input));

    private TTask HandlingAsync<TTask>(IReadOnlyDictionary<string, Payload>? headers, Func<TTask> handle)
        where TTask : Task
    {
        var before = handled.Value;
        handled.Value = headers?.GetValueOrDefault(TraceContext.Header);
        try
        {
            return handle();
        }
        finally
        {
            // What awaits inside the handler keeps the value it saw; the caller's own context doesn't.
            handled.Value = before;
        }
    }

    private IDictionary<string, Payload>? Traced(IDictionary<string, Payload>? headers)
    {
        var trace = handled.Value ?? Workflow.Info.Headers?.GetValueOrDefault(TraceContext.Header);
        return trace is null ? headers : TracingInterceptor.With(headers, trace);
    }

    private sealed class Outbound(WorkflowOutboundInterceptor next, TracingWorkflow run) : WorkflowOutboundInterceptor(next)
    {
        public override Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input) =>
            base.ScheduleActivityAsync<TResult>(input with { Headers = run.Traced(input.Headers) });

        public override Task<TResult> ScheduleLocalActivityAsync<TResult>(ScheduleLocalActivityInput input) =>
            base.ScheduleLocalActivityAsync<TResult>(input with { Headers = run.Traced(input.Headers) });

        public override Task<ChildWorkflowHandle<TWorkflow, TResult>> StartChildWorkflowAsync<TWorkflow, TResult>(StartChildWorkflowInput input) =>
            base.StartChildWorkflowAsync<TWorkflow, TResult>(input with { Headers = run.Traced(input.Headers) });

        public override Task SignalChildWorkflowAsync(SignalChildWorkflowInput input) =>
            base.SignalChildWorkflowAsync(input with { Headers = run.Traced(input.Headers) });

        public override Task SignalExternalWorkflowAsync(SignalExternalWorkflowInput input) =>
            base.SignalExternalWorkflowAsync(input with { Headers = run.Traced(input.Headers) });

        public override ContinueAsNewException CreateContinueAsNewException(CreateContinueAsNewExceptionInput input) =>
            base.CreateContinueAsNewException(input with { Headers = run.Traced(input.Headers) });
    }
}
