using Temporalio.Worker.Interceptors;

namespace Temporalio.Worker.Instance;

/// <content>Where chains of interceptors end.</content>
internal sealed partial class WorkflowInstance
{
    private sealed class RootInbound(WorkflowInstance owner) : WorkflowInboundInterceptor
    {
        public override void Init(WorkflowOutboundInterceptor outbound) => owner.outbound = outbound;

        public override Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input) =>
            owner.Definition.Run.InvokeAsync(input.Instance, input.Args);

        public override Task HandleSignalAsync(HandleSignalInput input) => input.Definition.InvokeAsync(owner.Instance, input.Args);

        public override object? HandleQuery(HandleQueryInput input) => input.Definition.Invoke(owner.Instance, input.Args);
    }

    private sealed class RootOutbound(WorkflowInstance owner) : WorkflowOutboundInterceptor
    {
        public override Task DelayAsync(DelayAsyncInput input) => owner.StartTimerAsync(input);

        public override Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input) =>
            owner.ScheduleActivityAsync<TResult>(input);
    }
}
