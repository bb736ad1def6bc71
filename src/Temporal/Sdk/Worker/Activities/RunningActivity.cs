using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Temporalio.Activities;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Activities;

/// <summary>One attempt of one activity, from task to report.</summary>
internal sealed class RunningActivity(
    ActivityWorkerContext context,
    PollActivityTaskQueueResponse task,
    ActivityDefinition? definition,
    IEnumerable<string> known,
    ActivityExecutor executor,
    ActivityReporter reporter,
    ILogger logger)
{
    private readonly ActivityCancellation cancellation = new();

    /// <summary>Tells the activity to stop; does nothing once it has.</summary>
    public void Cancel(ActivityCancelReason reason) => cancellation.Cancel(reason);

    public async Task RunAsync()
    {
        using var disposing = cancellation;
        var info = Info();
        if (definition is null)
        {
            await reporter.ReportAsync(info, await NotRegisteredAsync(info).ConfigureAwait(false), unsentDetails: null).ConfigureAwait(false);
            return;
        }

        var heartbeats = new ActivityHeartbeats(context, info, cancellation, logger);
        ActivityOutcome outcome;
        using (var timeouts = new ActivityTimeouts(info, cancellation, context.Time))
        {
            heartbeats.Recorded += timeouts.OnHeartbeat;
            outcome = await executor.ExecuteAsync(
                definition, info, task.Input, task.Header, cancellation, heartbeats.Record, () => heartbeats.RecordFailure).ConfigureAwait(false);
        }

        Api.Common.V1.Payloads? unsent = null;
        try
        {
            unsent = await heartbeats.StopAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "Last heartbeat of activity {ActivityId} is lost", info.ActivityId);
        }

        await reporter.ReportAsync(info, outcome, unsent).ConfigureAwait(false);
    }

    private static TimeSpan? Limit(Duration? duration) => duration?.ToTimeSpan() is { } span && span > TimeSpan.Zero ? span : null;

    private static DateTime Time(Timestamp? timestamp) => timestamp?.ToDateTime() ?? DateTime.UnixEpoch;

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private ActivityInfo Info()
    {
        var workflowId = NullIfEmpty(task.WorkflowExecution?.WorkflowId);
        var workflowType = NullIfEmpty(task.WorkflowType?.Name);
        return new(
            ActivityId: task.ActivityId,
            ActivityType: task.ActivityType.Name,
            Attempt: task.Attempt,
            CurrentAttemptScheduledTime: Time(task.CurrentAttemptScheduledTime),
            DataConverter: context.Client.Options.DataConverter.WithSerializationContext(new ISerializationContext.Activity(
                context.Namespace, task.ActivityId, workflowId, workflowType, task.ActivityType.Name, context.TaskQueue, IsLocal: false)),
            HeartbeatDetails: task.HeartbeatDetails?.Payloads_ ?? [],
            HeartbeatTimeout: Limit(task.HeartbeatTimeout),
            IsLocal: false,
            Namespace: context.Namespace,
            Priority: task.Priority is null ? Priority.Default : new Priority(task.Priority),
            RetryPolicy: task.RetryPolicy is null ? null : RetryPolicy.FromProto(task.RetryPolicy),
            ScheduleToCloseTimeout: Limit(task.ScheduleToCloseTimeout),
            ScheduledTime: Time(task.ScheduledTime),
            StartToCloseTimeout: Limit(task.StartToCloseTimeout),
            StartedTime: Time(task.StartedTime),
            TaskQueue: context.TaskQueue,
            TaskToken: task.TaskToken.ToByteArray(),
            WorkflowId: workflowId,
            WorkflowNamespace: workflowId is null ? null : NullIfEmpty(task.WorkflowNamespace) ?? context.Namespace,
            WorkflowRunId: workflowId is null ? null : NullIfEmpty(task.WorkflowExecution?.RunId),
            WorkflowType: workflowType);
    }

    private async Task<ActivityOutcome> NotRegisteredAsync(ActivityInfo info)
    {
        var available = string.Join(", ", known.Order(StringComparer.Ordinal));
        var exception = new ApplicationFailureException(
            $"Activity {info.ActivityType} is not registered on this worker, available activities: {available}", errorType: "NotFoundError");
        logger.LogWarning("Activity {ActivityType} is not registered on this worker", info.ActivityType);
        return new ActivityOutcome.Failed(await info.DataConverter.ToFailureAsync(exception).ConfigureAwait(false));
    }
}
