using Microsoft.Extensions.Logging;
using Onramp.Worker.Metrics;
using Temporalio.Worker.Interceptors;

namespace Onramp.Worker.Interception;

/// <summary>Puts correlation id, workflow id and step on everything that a worker logs, and measures it.</summary>
internal sealed class WorkerInterceptor(OnboardingMetrics metrics, ILoggerFactory loggers, TimeProvider time) : IWorkerInterceptor
{
    public ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) =>
        new StepInterceptor(nextInterceptor, metrics, loggers.CreateLogger<StepInterceptor>(), time);

    public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) =>
        new RunInterceptor(nextInterceptor, metrics);
}
