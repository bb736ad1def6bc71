using Temporalio.Activities;
using Temporalio.Api.Common.V1;

namespace Temporalio.Worker.Interceptors;

/// <summary>Around calls into an activity.</summary>
public abstract class ActivityInboundInterceptor
{
    private readonly ActivityInboundInterceptor? next;

    /// <summary>Calls on to another interceptor.</summary>
    /// <param name="next">The next one.</param>
    protected ActivityInboundInterceptor(ActivityInboundInterceptor next) => this.next = next;

    private protected ActivityInboundInterceptor()
    {
    }

    /// <summary>Gets the next interceptor.</summary>
    protected ActivityInboundInterceptor Next => next ?? throw new InvalidOperationException("No next interceptor");

    /// <summary>Gets the outbound interceptor, to keep or to put another one around it.</summary>
    /// <param name="outbound">The outbound interceptor.</param>
    public virtual void Init(ActivityOutboundInterceptor outbound) => Next.Init(outbound);

    /// <summary>Runs the activity.</summary>
    /// <param name="input">What with.</param>
    /// <returns>The activity's result.</returns>
    public virtual Task<object?> ExecuteActivityAsync(ExecuteActivityInput input) => Next.ExecuteActivityAsync(input);
}

/// <summary>Around calls from an activity.</summary>
public abstract class ActivityOutboundInterceptor
{
    private readonly ActivityOutboundInterceptor? next;

    /// <summary>Calls on to another interceptor.</summary>
    /// <param name="next">The next one.</param>
    protected ActivityOutboundInterceptor(ActivityOutboundInterceptor next) => this.next = next;

    private protected ActivityOutboundInterceptor()
    {
    }

    /// <summary>Gets the next interceptor.</summary>
    protected ActivityOutboundInterceptor Next => next ?? throw new InvalidOperationException("No next interceptor");

    /// <summary>Sends a heartbeat.</summary>
    /// <param name="input">What with.</param>
    public virtual void Heartbeat(HeartbeatInput input) => Next.Heartbeat(input);
}

/// <summary>Input of <see cref="ActivityInboundInterceptor.ExecuteActivityAsync" />.</summary>
/// <param name="Activity">The activity.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Headers">Headers, if there are any.</param>
public record ExecuteActivityInput(ActivityDefinition Activity, object?[] Args, IReadOnlyDictionary<string, Payload>? Headers);

/// <summary>Input of <see cref="ActivityOutboundInterceptor.Heartbeat" />.</summary>
/// <param name="Details">Details of the heartbeat.</param>
public record HeartbeatInput(object?[] Details);
