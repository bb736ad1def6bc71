using Temporalio.Api.Common.V1;
using Temporalio.Common;
using Temporalio.Converters;

namespace Temporalio.Activities;

/// <summary>What is known about a running activity.</summary>
/// <param name="ActivityId">Id within its workflow.</param>
/// <param name="ActivityType">Type name.</param>
/// <param name="Attempt">Attempt, from 1.</param>
/// <param name="CurrentAttemptScheduledTime">When this attempt was scheduled.</param>
/// <param name="DataConverter">Converter for this activity's values.</param>
/// <param name="HeartbeatDetails">What the previous attempt last recorded.</param>
/// <param name="HeartbeatTimeout">Longest gap between heartbeats, if any.</param>
/// <param name="IsLocal">Whether it is a local activity.</param>
/// <param name="Namespace">Namespace of the activity.</param>
/// <param name="Priority">Priority.</param>
/// <param name="RetryPolicy">Retry policy the server applies, where it is known.</param>
/// <param name="ScheduleToCloseTimeout">Limit over all attempts, if any.</param>
/// <param name="ScheduledTime">When the first attempt was scheduled.</param>
/// <param name="StartToCloseTimeout">Limit of one attempt, if any.</param>
/// <param name="StartedTime">When this attempt was started.</param>
/// <param name="TaskQueue">Task queue.</param>
/// <param name="TaskToken">Token to complete it asynchronously with.</param>
/// <param name="WorkflowId">Workflow that scheduled it, if one did.</param>
/// <param name="WorkflowNamespace">Namespace of that workflow.</param>
/// <param name="WorkflowRunId">Run of that workflow.</param>
/// <param name="WorkflowType">Type of that workflow.</param>
public record ActivityInfo(
    string ActivityId,
    string ActivityType,
    int Attempt,
    DateTime CurrentAttemptScheduledTime,
    DataConverter DataConverter,
    IReadOnlyCollection<Payload> HeartbeatDetails,
    TimeSpan? HeartbeatTimeout,
    bool IsLocal,
    string Namespace,
    Common.Priority Priority,
    Common.RetryPolicy? RetryPolicy,
    TimeSpan? ScheduleToCloseTimeout,
    DateTime ScheduledTime,
    TimeSpan? StartToCloseTimeout,
    DateTime StartedTime,
    string TaskQueue,
    byte[] TaskToken,
    string? WorkflowId,
    string? WorkflowNamespace,
    string? WorkflowRunId,
    string? WorkflowType)
{
    /// <summary>Whether a workflow scheduled it.</summary>
    public bool IsWorkflowActivity => WorkflowId is not null;

    /// <summary>What logs say about it.</summary>
    internal IReadOnlyDictionary<string, object> LoggerScope { get; } = new Dictionary<string, object>(StringComparer.Ordinal)
    {
        ["ActivityId"] = ActivityId,
        ["ActivityType"] = ActivityType,
        ["Attempt"] = Attempt,
        ["WorkflowId"] = WorkflowId ?? string.Empty,
        ["WorkflowNamespace"] = WorkflowNamespace ?? string.Empty,
        ["WorkflowRunId"] = WorkflowRunId ?? string.Empty,
        ["WorkflowType"] = WorkflowType ?? string.Empty,
    };

    /// <summary>Reads one value of <see cref="HeartbeatDetails"/>.</summary>
    /// <typeparam name="T">Type wanted.</typeparam>
    /// <param name="index">Zero-based.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such value.</exception>
    public Task<T> HeartbeatDetailAtAsync<T>(int index) => DataConverter.ToValueAsync<T>(HeartbeatDetails.ElementAt(index));
}
