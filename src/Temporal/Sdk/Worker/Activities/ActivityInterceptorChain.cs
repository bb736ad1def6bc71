using Temporalio.Worker.Interceptors;

namespace Temporalio.Worker.Activities;

/// <summary>The calls into and out of one attempt of an activity, through all interceptors.</summary>
internal static class ActivityInterceptorChain
{
    /// <summary>Makes the chain.</summary>
    /// <param name="interceptors">The first is the outermost.</param>
    /// <param name="heartbeat">What a heartbeat does in the end.</param>
    /// <returns>The outermost inbound interceptor, and what the activity's heartbeats go to.</returns>
    public static (ActivityInboundInterceptor Inbound, ActivityOutboundInterceptor Outbound) Create(
        IEnumerable<IWorkerInterceptor> interceptors, Action<object?[]> heartbeat)
    {
        var root = new RootInbound();
        ActivityInboundInterceptor inbound = root;
        foreach (var interceptor in interceptors.Reverse())
        {
            inbound = interceptor.InterceptActivity(inbound);
        }

        // Each may put its own outbound interceptor around on the way down.
        inbound.Init(new RootOutbound(heartbeat));
        return (inbound, root.Outbound);
    }

    private sealed class RootInbound : ActivityInboundInterceptor
    {
        private ActivityOutboundInterceptor? outbound;

        public ActivityOutboundInterceptor Outbound =>
            outbound ?? throw new InvalidOperationException("An activity interceptor did not pass Init on");

        public override void Init(ActivityOutboundInterceptor outbound) => this.outbound = outbound;

        public override Task<object?> ExecuteActivityAsync(ExecuteActivityInput input) => input.Activity.InvokeAsync(input.Args);
    }

    private sealed class RootOutbound(Action<object?[]> heartbeat) : ActivityOutboundInterceptor
    {
        public override void Heartbeat(HeartbeatInput input) => heartbeat(input.Details);
    }
}
