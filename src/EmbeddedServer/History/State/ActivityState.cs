using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>A pending activity. Its input and header stay in its scheduled event.</summary>
internal sealed class ActivityState
{
    private readonly StoredActivity stored;
    private RetryPolicy retryPolicy = new();
    private Priority? priority;
    private Payloads? heartbeatDetails;
    private Failure? lastFailure;

    public ActivityState() => stored = new StoredActivity { Attempt = 1 };

#pragma warning disable CS8618 // The required properties read the message.
    [SetsRequiredMembers]
    private ActivityState(StoredActivity stored)
#pragma warning restore CS8618
    {
        this.stored = stored;
        retryPolicy = RetryPolicy.Parser.Read(stored.RetryPolicy)!;
        priority = Priority.Parser.Read(stored.Priority);
        heartbeatDetails = Payloads.Parser.Read(stored.HeartbeatDetails);
        lastFailure = Failure.Parser.Read(stored.LastFailure);
    }

    public required long ScheduledEventId { get => stored.ScheduledEventId; init => stored.ScheduledEventId = value; }

    public required string ActivityId { get => stored.ActivityId; init => stored.ActivityId = value; }

    public required string Type { get => stored.Type; init => stored.Type = value; }

    public required string Queue { get => stored.Queue; set => stored.Queue = value; }

    public required TimeSpan ScheduleToCloseTimeout { get => new(stored.ScheduleToCloseTimeoutTicks); set => stored.ScheduleToCloseTimeoutTicks = value.Ticks; }

    public required TimeSpan ScheduleToStartTimeout { get => new(stored.ScheduleToStartTimeoutTicks); set => stored.ScheduleToStartTimeoutTicks = value.Ticks; }

    public required TimeSpan StartToCloseTimeout { get => new(stored.StartToCloseTimeoutTicks); set => stored.StartToCloseTimeoutTicks = value.Ticks; }

    public required TimeSpan HeartbeatTimeout { get => new(stored.HeartbeatTimeoutTicks); set => stored.HeartbeatTimeoutTicks = value.Ticks; }

    public required RetryPolicy RetryPolicy { get => retryPolicy; set => stored.RetryPolicy = (retryPolicy = value).ToStored(); }

    public Priority? Priority { get => priority; set => stored.Priority = (priority = value).ToStored(); }

    public required DateTimeOffset FirstScheduledAt { get => stored.FirstScheduledAt.ToInstant(); set => stored.FirstScheduledAt = value.ToTicks(); }

    public ActivityStatus Status { get => (ActivityStatus)stored.Status; set => stored.Status = (int)value; }

    public int Attempt { get => stored.Attempt; set => stored.Attempt = value; }

    /// <summary>When this attempt is or became dispatchable; in the future while it backs off.</summary>
    public DateTimeOffset ScheduledAt { get => stored.ScheduledAt.ToInstant(); set => stored.ScheduledAt = value.ToTicks(); }

    public DateTimeOffset? StartedAt { get => stored.StartedAt.ToOptionalInstant(); set => stored.StartedAt = value.ToTicks(); }

    public string StartedIdentity { get => stored.StartedIdentity; set => stored.StartedIdentity = value; }

    public string RequestId { get => stored.RequestId; set => stored.RequestId = value; }

    public Payloads? HeartbeatDetails { get => heartbeatDetails; set => stored.HeartbeatDetails = (heartbeatDetails = value).ToStored(); }

    public DateTimeOffset? LastHeartbeatAt { get => stored.LastHeartbeatAt.ToOptionalInstant(); set => stored.LastHeartbeatAt = value.ToTicks(); }

    public Failure? LastFailure { get => lastFailure; set => stored.LastFailure = (lastFailure = value).ToStored(); }

    public string LastWorkerIdentity { get => stored.LastWorkerIdentity; set => stored.LastWorkerIdentity = value; }

    public DateTimeOffset? LastAttemptCompletedAt { get => stored.LastAttemptCompletedAt.ToOptionalInstant(); set => stored.LastAttemptCompletedAt = value.ToTicks(); }

    public long CancelRequestedEventId { get => stored.CancelRequestedEventId; set => stored.CancelRequestedEventId = value; }

    public DateTimeOffset? PausedAt { get => stored.PausedAt.ToOptionalInstant(); set => stored.PausedAt = value.ToTicks(); }

    public string PausedBy { get => stored.PausedBy; set => stored.PausedBy = value; }

    public string PauseReason { get => stored.PauseReason; set => stored.PauseReason = value; }

    public string PauseRequestId { get => stored.PauseRequestId; set => stored.PauseRequestId = value; }

    /// <summary>No attempt is begun; one that a worker has goes on, and its worker is told. Nothing times out meanwhile.</summary>
    public bool IsPaused => PausedAt is not null;

    /// <summary>The worker that has it is to be told that it was reset.</summary>
    public bool IsReset { get => stored.IsReset; set => stored.IsReset = value; }

    /// <summary>The next attempt begins without heartbeat details.</summary>
    public bool ForgetsHeartbeat { get => stored.ForgetsHeartbeat; set => stored.ForgetsHeartbeat = value; }

    public bool IsWithWorker => Status is ActivityStatus.Started or ActivityStatus.CancelRequested;

    /// <summary>When it times out for good, all attempts together.</summary>
    public DateTimeOffset? Expiration => ScheduleToCloseTimeout > TimeSpan.Zero ? FirstScheduledAt.Plus(ScheduleToCloseTimeout) : null;

    public DateTimeOffset? StartBy =>
        Status == ActivityStatus.Scheduled && ScheduleToStartTimeout > TimeSpan.Zero ? ScheduledAt.Plus(ScheduleToStartTimeout) : null;

    public DateTimeOffset? CloseBy =>
        IsWithWorker && StartToCloseTimeout > TimeSpan.Zero ? StartedAt!.Value.Plus(StartToCloseTimeout) : null;

    public DateTimeOffset? HeartbeatBy
    {
        get
        {
            if (!IsWithWorker || HeartbeatTimeout <= TimeSpan.Zero)
            {
                return null;
            }

            var since = LastHeartbeatAt is { } last && last > StartedAt!.Value ? last : StartedAt!.Value;
            return since.Plus(HeartbeatTimeout);
        }
    }

    public DateTimeOffset? DispatchAt => Status == ActivityStatus.BackingOff ? ScheduledAt : null;

    public DateTimeOffset? WakeUpAt => IsPaused
        ? null
        : Clock.Earliest(Clock.Earliest(Expiration, DispatchAt), Clock.Earliest(StartBy, Clock.Earliest(CloseBy, HeartbeatBy)));

    public TaskDispatch? Dispatch => Status == ActivityStatus.Scheduled
        ? new TaskDispatch(TaskKind.Activity, Queue, null, ScheduledEventId, Attempt, Priority is { PriorityKey: > 0 and <= 5 } p ? p.PriorityKey : 3, ScheduledAt)
        : null;

    public int StoredBytes => stored.CalculateSize();

    public byte[] ToBytes() => stored.ToByteArray();

    public static ActivityState FromBytes(byte[] bytes) => new(StoredActivity.Parser.ParseFrom(bytes));
}
