namespace Temporalio.Worker.Interceptors;

/// <summary>Around calls into a workflow. Everything here runs on the workflow's scheduler and must be deterministic.</summary>
public abstract class WorkflowInboundInterceptor
{
    private readonly WorkflowInboundInterceptor? next;

    /// <summary>Calls on to another interceptor.</summary>
    /// <param name="next">The next one.</param>
    protected WorkflowInboundInterceptor(WorkflowInboundInterceptor next) => this.next = next;

    private protected WorkflowInboundInterceptor()
    {
    }

    /// <summary>Gets the next interceptor.</summary>
    protected WorkflowInboundInterceptor Next => next ?? throw new InvalidOperationException("No next interceptor");

    /// <summary>Gets the outbound interceptor, to keep or to put another one around it.</summary>
    /// <param name="outbound">The outbound interceptor.</param>
    public virtual void Init(WorkflowOutboundInterceptor outbound) => Next.Init(outbound);

    /// <summary>Runs the main routine.</summary>
    /// <param name="input">What with.</param>
    /// <returns>The workflow's result; null if it has none.</returns>
    public virtual Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input) => Next.ExecuteWorkflowAsync(input);

    /// <summary>Handles a signal.</summary>
    /// <param name="input">What with.</param>
    /// <returns>Ends when the handler has.</returns>
    public virtual Task HandleSignalAsync(HandleSignalInput input) => Next.HandleSignalAsync(input);

    /// <summary>Answers a query.</summary>
    /// <param name="input">What with.</param>
    /// <returns>The answer.</returns>
    public virtual object? HandleQuery(HandleQueryInput input) => Next.HandleQuery(input);
}

/// <summary>Around calls from a workflow. Everything here runs on the workflow's scheduler and must be deterministic.</summary>
public abstract class WorkflowOutboundInterceptor
{
    private readonly WorkflowOutboundInterceptor? next;

    /// <summary>Calls on to another interceptor.</summary>
    /// <param name="next">The next one.</param>
    protected WorkflowOutboundInterceptor(WorkflowOutboundInterceptor next) => this.next = next;

    private protected WorkflowOutboundInterceptor()
    {
    }

    /// <summary>Gets the next interceptor.</summary>
    protected WorkflowOutboundInterceptor Next => next ?? throw new InvalidOperationException("No next interceptor");

    /// <summary>Waits by a timer.</summary>
    /// <param name="input">What with.</param>
    /// <returns>Ends when the time is over.</returns>
    public virtual Task DelayAsync(DelayAsyncInput input) => Next.DelayAsync(input);

    /// <summary>Runs an activity.</summary>
    /// <typeparam name="TResult">Type of the result; <see cref="ValueTuple" /> if it is ignored.</typeparam>
    /// <param name="input">What with.</param>
    /// <returns>The activity's result.</returns>
    public virtual Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input) => Next.ScheduleActivityAsync<TResult>(input);
}
