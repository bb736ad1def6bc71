using Temporalio.Api.Common.V1;
using Temporalio.Common;
using Temporalio.Converters;
using RetryPolicy = Temporalio.Common.RetryPolicy;
using Priority = Temporalio.Common.Priority;

namespace Temporalio.Workflows;

/// <summary>What a run knows about itself. It never changes while the run lasts.</summary>
/// <param name="Attempt">Attempt of the workflow, from 1.</param>
/// <param name="ContinuedRunId">Run that this one continues, if any.</param>
/// <param name="CronSchedule">Cron schedule, if any.</param>
/// <param name="ExecutionTimeout">Limit of the whole chain of runs, if any.</param>
/// <param name="FirstExecutionRunId">First run of the chain.</param>
/// <param name="Headers">Headers of the start.</param>
/// <param name="LastFailure">Failure of the run before, if any.</param>
/// <param name="LastResult">Result of the last successful run before, if any.</param>
/// <param name="Namespace">Namespace.</param>
/// <param name="Parent">Parent workflow, if any.</param>
/// <param name="Priority">Priority, if one was given.</param>
/// <param name="RetryPolicy">Retry policy, if any.</param>
/// <param name="Root">Topmost ancestor, if there is a parent.</param>
/// <param name="RunId">Id of this run.</param>
/// <param name="RunTimeout">Limit of this run, if any.</param>
/// <param name="StartTime">When the first workflow task of this run began.</param>
/// <param name="TaskQueue">Task queue.</param>
/// <param name="TaskTimeout">Limit of a single workflow task.</param>
/// <param name="WorkflowId">Workflow id.</param>
/// <param name="WorkflowStartTime">When the server recorded the start.</param>
/// <param name="WorkflowType">Workflow type name.</param>
public record WorkflowInfo(
    int Attempt,
    string? ContinuedRunId,
    string? CronSchedule,
    TimeSpan? ExecutionTimeout,
    string FirstExecutionRunId,
    IReadOnlyDictionary<string, Payload>? Headers,
    Exception? LastFailure,
    IReadOnlyCollection<IRawValue>? LastResult,
    string Namespace,
    WorkflowInfo.ParentInfo? Parent,
    Priority? Priority,
    RetryPolicy? RetryPolicy,
    WorkflowInfo.RootInfo? Root,
    string RunId,
    TimeSpan? RunTimeout,
    DateTime StartTime,
    string TaskQueue,
    TimeSpan TaskTimeout,
    string WorkflowId,
    DateTime WorkflowStartTime,
    string WorkflowType)
{
    private Dictionary<string, object>? loggerScope;

    /// <summary>Gets what every log line of this run carries.</summary>
    internal Dictionary<string, object> LoggerScope => loggerScope ??= new(capacity: 6)
    {
        ["Attempt"] = Attempt,
        ["Namespace"] = Namespace,
        ["RunId"] = RunId,
        ["TaskQueue"] = TaskQueue,
        ["WorkflowId"] = WorkflowId,
        ["WorkflowType"] = WorkflowType,
    };

    /// <summary>The workflow that started this one as its child.</summary>
    /// <param name="Namespace">Its namespace.</param>
    /// <param name="RunId">Its run id.</param>
    /// <param name="WorkflowId">Its workflow id.</param>
    public record ParentInfo(string Namespace, string RunId, string WorkflowId);

    /// <summary>The topmost workflow of a tree of children.</summary>
    /// <param name="RunId">Its run id.</param>
    /// <param name="WorkflowId">Its workflow id.</param>
    public record RootInfo(string RunId, string WorkflowId);
}
