using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Sdk.V1;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>What a run is born with. It never changes; input and header stay in event 1.</summary>
internal sealed class RunInfo
{
    private readonly StoredStart stored;
    private RetryPolicy? retryPolicy;
    private Priority? priority;
    private UserMetadata? userMetadata;

    public RunInfo() => stored = new StoredStart { Attempt = 1 };

#pragma warning disable CS8618 // The required properties read the message.
    [SetsRequiredMembers]
    private RunInfo(StoredStart stored)
#pragma warning restore CS8618
    {
        this.stored = stored;
        retryPolicy = RetryPolicy.Parser.Read(stored.RetryPolicy);
        priority = Priority.Parser.Read(stored.Priority);
        userMetadata = UserMetadata.Parser.Read(stored.UserMetadata);
    }

    public required string NamespaceName { get => stored.NamespaceName; init => stored.NamespaceName = value; }

    public required string WorkflowType { get => stored.WorkflowType; init => stored.WorkflowType = value; }

    public required string TaskQueue { get => stored.TaskQueue; init => stored.TaskQueue = value; }

    public required TimeSpan ExecutionTimeout { get => new(stored.ExecutionTimeoutTicks); init => stored.ExecutionTimeoutTicks = value.Ticks; }

    public required TimeSpan RunTimeout { get => new(stored.RunTimeoutTicks); init => stored.RunTimeoutTicks = value.Ticks; }

    /// <summary>Whether it is told also when there is none, as of runs whose timeout was given by a parent or by the run before.</summary>
    public bool TellsRunTimeout { get => stored.TellsRunTimeout; init => stored.TellsRunTimeout = value; }

    /// <summary>The timeout of the run as it is told; null for none.</summary>
    public Duration? ToldRunTimeout => TellsRunTimeout ? RunTimeout.ToProto() : RunTimeout.ToLimit();

    public required TimeSpan WorkflowTaskTimeout { get => new(stored.WorkflowTaskTimeoutTicks); init => stored.WorkflowTaskTimeoutTicks = value.Ticks; }

    public required DateTimeOffset StartTime { get => stored.StartAt.ToInstant(); init => stored.StartAt = value.ToTicks(); }

    /// <summary>When its first workflow task is due: the start time plus the back-off before it.</summary>
    public required DateTimeOffset ExecutionTime { get => stored.ExecutionAt.ToInstant(); init => stored.ExecutionAt = value.ToTicks(); }

    public DateTimeOffset? ExecutionExpiration { get => stored.ExecutionExpiresAt.ToOptionalInstant(); init => stored.ExecutionExpiresAt = value.ToTicks(); }

    public DateTimeOffset? RunExpiration { get => stored.RunExpiresAt.ToOptionalInstant(); init => stored.RunExpiresAt = value.ToTicks(); }

    public required string FirstExecutionRunId { get => stored.FirstExecutionRunId; init => stored.FirstExecutionRunId = value; }

    /// <summary>The run id as event 1 has it; unlike the run's own it survives a reset.</summary>
    public required string OriginalExecutionRunId { get => stored.OriginalExecutionRunId; init => stored.OriginalExecutionRunId = value; }

    public required string StartRequestId { get => stored.StartRequestId; init => stored.StartRequestId = value; }

    public int Attempt { get => stored.Attempt; init => stored.Attempt = value; }

    public RetryPolicy? RetryPolicy { get => retryPolicy; init => stored.RetryPolicy = (retryPolicy = value).ToStored(); }

    public string CronSchedule { get => stored.CronSchedule; init => stored.CronSchedule = value; }

    public ContinueAsNewInitiator Initiator { get => (ContinueAsNewInitiator)stored.Initiator; init => stored.Initiator = (int)value; }

    public Priority? Priority { get => priority; init => stored.Priority = (priority = value).ToStored(); }

    public UserMetadata? UserMetadata { get => userMetadata; init => stored.UserMetadata = (userMetadata = value).ToStored(); }

    public string? ParentNamespaceId
    {
        get => stored.ParentNamespaceId is { Length: > 0 } id ? id : null;
        init => stored.ParentNamespaceId = value ?? "";
    }

    public WorkflowExecution? Parent
    {
        get => stored.Parent is { } parent ? new WorkflowExecution { WorkflowId = parent.WorkflowId, RunId = parent.RunId } : null;
        init => stored.Parent = value is null ? null : new StoredExecution { WorkflowId = value.WorkflowId, RunId = value.RunId };
    }

    /// <summary>The schedule that waits for the end of its chain, as it is named in inboxes; null for none.</summary>
    public WorkflowExecution? ScheduledBy
    {
        get => stored.ScheduledBy is { } schedule ? new WorkflowExecution { WorkflowId = schedule.WorkflowId, RunId = schedule.RunId } : null;
        init => stored.ScheduledBy = value is null ? null : new StoredExecution { WorkflowId = value.WorkflowId, RunId = value.RunId };
    }

    /// <summary>The event of its parent that asked for it.</summary>
    public long ParentInitiatedEventId { get => stored.ParentInitiatedEventId; init => stored.ParentInitiatedEventId = value; }

    public required WorkflowExecution Root
    {
        get => new() { WorkflowId = stored.Root.WorkflowId, RunId = stored.Root.RunId };
        init => stored.Root = new StoredExecution { WorkflowId = value.WorkflowId, RunId = value.RunId };
    }

    public bool HasBackoff => ExecutionTime > StartTime;

    /// <summary>When the first of the runs began that this one was reset from; null if it was not made by a reset.</summary>
    public DateTimeOffset? OriginalStartTime => stored.OriginalStartAt.ToOptionalInstant();

    /// <summary>The same for a run that is made of this one by a reset now: its time begins anew.</summary>
    public RunInfo ForReset(ExecutionKey from, string newRunId, DateTimeOffset now)
    {
        var copy = stored.Clone();
        copy.OriginalStartAt = stored.OriginalStartAt != 0 ? stored.OriginalStartAt : stored.StartAt;
        copy.StartAt = now.ToTicks();
        DateTimeOffset? expiration = ExecutionTimeout > TimeSpan.Zero ? now.Plus(ExecutionTimeout) : null;
        copy.ExecutionExpiresAt = expiration.ToTicks();
        copy.RunExpiresAt = (RunTimeout > TimeSpan.Zero ? Clock.Earliest(now.Plus(RunTimeout), expiration) : null).ToTicks();
        if (stored.Root.WorkflowId == from.WorkflowId && stored.Root.RunId == from.RunId)
        {
            copy.Root = new StoredExecution { WorkflowId = from.WorkflowId, RunId = newRunId };
        }

        return new RunInfo(copy);
    }

    public int StoredBytes => stored.CalculateSize();

    public byte[] ToBytes() => stored.ToByteArray();

    public static RunInfo FromBytes(byte[] bytes) => new(StoredStart.Parser.ParseFrom(bytes));
}
