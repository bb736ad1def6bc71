using Temporalio.Api.Common.V1;
using Temporalio.Api.History.V1;
using Temporalio.Converters;
using Temporalio.Worker.Replay;
using Temporalio.Workflows;

namespace Temporalio.Worker.Instance;

/// <summary>Reads what a run knows about itself from its first event.</summary>
internal static class WorkflowInfoReader
{
    public static WorkflowInfo Read(
        InitializeJob job, WorkflowInstanceSettings settings, string workflowId, string runId, DateTime firstTaskTime, DataConverter converter)
    {
        var started = job.Started;
        return new(
            Attempt: started.Attempt,
            ContinuedRunId: Given(started.ContinuedExecutionRunId),
            CronSchedule: Given(started.CronSchedule),
            ExecutionTimeout: Given(started.WorkflowExecutionTimeout),
            FirstExecutionRunId: started.FirstExecutionRunId,
            Headers: started.Header is { Fields.Count: > 0 } header ? new Dictionary<string, Payload>(header.Fields) : null,
            LastFailure: started.ContinuedFailure is { } failure
                ? converter.FailureConverter.ToException(failure, converter.PayloadConverter)
                : null,
            LastResult: started.LastCompletionResult is { Payloads_.Count: > 0 } last
                ? [.. last.Payloads_.Select(payload => new RawValue(payload))]
                : null,
            Namespace: settings.Namespace,
            Parent: ParentOf(started),
            Priority: started.Priority is { } priority ? new(priority) : null,
            RetryPolicy: started.RetryPolicy is { } policy ? Common.RetryPolicy.FromProto(policy) : null,
            Root: started.RootWorkflowExecution is { } root ? new(RunId: root.RunId, WorkflowId: root.WorkflowId) : null,
            RunId: runId,
            RunTimeout: Given(started.WorkflowRunTimeout),
            StartTime: firstTaskTime,
            TaskQueue: started.TaskQueue?.Name ?? settings.TaskQueue,
            TaskTimeout: started.WorkflowTaskTimeout?.ToTimeSpan() ?? TimeSpan.Zero,
            WorkflowId: workflowId,
            WorkflowStartTime: job.StartedAt,
            WorkflowType: started.WorkflowType.Name);
    }

    private static WorkflowInfo.ParentInfo? ParentOf(WorkflowExecutionStartedEventAttributes started) =>
        started.ParentWorkflowExecution is { } parent
            ? new(Namespace: started.ParentWorkflowNamespace, RunId: parent.RunId, WorkflowId: parent.WorkflowId)
            : null;

    private static string? Given(string value) => value.Length == 0 ? null : value;

    private static TimeSpan? Given(Google.Protobuf.WellKnownTypes.Duration? value) =>
        value is null || (value.Seconds == 0 && value.Nanos == 0) ? null : value.ToTimeSpan();
}
