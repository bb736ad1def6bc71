using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>A pending activity. Its input and header stay in its scheduled event.</summary>
internal sealed class ActivityState
{
    public required long ScheduledEventId { get; init; }

    public required string ActivityId { get; init; }

    public required string Type { get; init; }

    public required string Queue { get; init; }

    public required TimeSpan ScheduleToCloseTimeout { get; init; }

    public required TimeSpan ScheduleToStartTimeout { get; init; }

    public required TimeSpan StartToCloseTimeout { get; init; }

    public required TimeSpan HeartbeatTimeout { get; init; }

    public required RetryPolicy RetryPolicy { get; init; }

    public Priority? Priority { get; init; }

    public required DateTimeOffset FirstScheduledAt { get; init; }

    public ActivityStatus Status { get; set; }

    public int Attempt { get; set; } = 1;

    /// <summary>When this attempt is or became dispatchable; in the future while it backs off.</summary>
    public DateTimeOffset ScheduledAt { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public string StartedIdentity { get; set; } = "";

    public string RequestId { get; set; } = "";

    public Payloads? HeartbeatDetails { get; set; }

    public DateTimeOffset? LastHeartbeatAt { get; set; }

    public Failure? LastFailure { get; set; }

    public string LastWorkerIdentity { get; set; } = "";

    public DateTimeOffset? LastAttemptCompletedAt { get; set; }

    public long CancelRequestedEventId { get; set; }

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

    public DateTimeOffset? WakeUpAt => Clock.Earliest(
        Clock.Earliest(Expiration, DispatchAt),
        Clock.Earliest(StartBy, Clock.Earliest(CloseBy, HeartbeatBy)));

    public TaskDispatch? Dispatch => Status == ActivityStatus.Scheduled
        ? new TaskDispatch(TaskKind.Activity, Queue, null, ScheduledEventId, Attempt, Priority is { PriorityKey: > 0 and <= 5 } p ? p.PriorityKey : 3, ScheduledAt)
        : null;

    public byte[] ToBlob()
    {
        var to = new BlobWriter();
        to.Long(ScheduledEventId);
        to.Text(ActivityId);
        to.Text(Type);
        to.Text(Queue);
        to.Span(ScheduleToCloseTimeout);
        to.Span(ScheduleToStartTimeout);
        to.Span(StartToCloseTimeout);
        to.Span(HeartbeatTimeout);
        to.Message(RetryPolicy);
        to.Message(Priority);
        to.Time(FirstScheduledAt);
        to.Int((int)Status);
        to.Int(Attempt);
        to.Time(ScheduledAt);
        to.OptionalTime(StartedAt);
        to.Text(StartedIdentity);
        to.Text(RequestId);
        to.Message(HeartbeatDetails);
        to.OptionalTime(LastHeartbeatAt);
        to.Message(LastFailure);
        to.Text(LastWorkerIdentity);
        to.OptionalTime(LastAttemptCompletedAt);
        to.Long(CancelRequestedEventId);
        return to.ToArray();
    }

    public static ActivityState FromBlob(byte[] blob)
    {
        var from = new BlobReader(blob);
        return new ActivityState
        {
            ScheduledEventId = from.Long(),
            ActivityId = from.Text(),
            Type = from.Text(),
            Queue = from.Text(),
            ScheduleToCloseTimeout = from.Span(),
            ScheduleToStartTimeout = from.Span(),
            StartToCloseTimeout = from.Span(),
            HeartbeatTimeout = from.Span(),
            RetryPolicy = from.Message(RetryPolicy.Parser)!,
            Priority = from.Message(Priority.Parser),
            FirstScheduledAt = from.Time(),
            Status = (ActivityStatus)from.Int(),
            Attempt = from.Int(),
            ScheduledAt = from.Time(),
            StartedAt = from.OptionalTime(),
            StartedIdentity = from.Text(),
            RequestId = from.Text(),
            HeartbeatDetails = from.Message(Payloads.Parser),
            LastHeartbeatAt = from.OptionalTime(),
            LastFailure = from.Message(Failure.Parser),
            LastWorkerIdentity = from.Text(),
            LastAttemptCompletedAt = from.OptionalTime(),
            CancelRequestedEventId = from.Long(),
        };
    }
}
