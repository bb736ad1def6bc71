using Microsoft.Extensions.Logging;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace Temporalio.Worker.Instance;

/// <summary>What all instances of a worker or replayer have in common.</summary>
internal sealed record WorkflowInstanceSettings
{
    public required string Namespace { get; init; }

    public required string TaskQueue { get; init; }

    public required DataConverter DataConverter { get; init; }

    public required ILoggerFactory LoggerFactory { get; init; }

    public required MetricMeter MetricMeter { get; init; }

    public required string BuildId { get; init; }

    public WorkerDeploymentVersion? DeploymentVersion { get; init; }

    public IReadOnlyList<IWorkerInterceptor> Interceptors { get; init; } = [];

    public IReadOnlyCollection<Type> FailureExceptionTypes { get; init; } = [];

    public WorkflowStackTrace StackTrace { get; init; }

    public Func<PatchActivationInput, bool>? PatchActivation { get; init; }

    public Action<WorkflowTaskStartingEventArgs>? TaskStarting { get; init; }

    public Action<WorkflowTaskCompletedEventArgs>? TaskCompleted { get; init; }
}

/// <summary>What an activation led to: commands and answers, or what failed the workflow task.</summary>
internal sealed record ActivationResult(
    IReadOnlyList<Replay.WorkflowCommand> Commands, IReadOnlyList<QueryAnswer> Answers, Exception? TaskFailure);

/// <summary>Answer to a query: a result, or what the handler threw.</summary>
internal sealed record QueryAnswer(string QueryId, Api.Common.V1.Payload? Result, Exception? Failure);
