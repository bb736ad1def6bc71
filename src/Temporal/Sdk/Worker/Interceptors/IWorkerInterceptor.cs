namespace Temporalio.Worker.Interceptors;

/// <summary>Puts code around what a worker does. The first interceptor of a list is the outermost.</summary>
public interface IWorkerInterceptor
{
    /// <summary>Puts an interceptor around the calls into an activity. Called once for each attempt.</summary>
    /// <param name="nextInterceptor">What to call on to.</param>
    /// <returns>The interceptor; by default <paramref name="nextInterceptor" /> itself.</returns>
    ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) => nextInterceptor;

    /// <summary>Puts an interceptor around the calls into a workflow. Called once for each instance, on the workflow's scheduler.</summary>
    /// <param name="nextInterceptor">What to call on to.</param>
    /// <returns>The interceptor; by default <paramref name="nextInterceptor" /> itself.</returns>
    WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => nextInterceptor;
}
