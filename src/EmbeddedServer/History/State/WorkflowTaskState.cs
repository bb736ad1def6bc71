using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>The run's one workflow task, and what the next one inherits.</summary>
internal sealed class WorkflowTaskState
{
    public WorkflowTaskStatus Status { get; set; }

    /// <summary>Of the pending task, or of the next one to be scheduled. Above 1 it is transient.</summary>
    public int Attempt { get; set; } = 1;

    public long ScheduledEventId { get; set; }

    /// <summary>0 until it is started.</summary>
    public long StartedEventId { get; set; }

    public string RequestId { get; set; } = "";

    public string Identity { get; set; } = "";

    public DateTimeOffset ScheduledAt { get; set; }

    /// <summary>When the first of a chain of tasks began that only keep each other alive.</summary>
    public DateTimeOffset OriginalScheduledAt { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public TimeSpan StartToCloseTimeout { get; set; }

    /// <summary>The queue it was scheduled on.</summary>
    public string Queue { get; set; } = "";

    public bool IsSticky { get; set; }

    /// <summary>When an unstarted sticky task goes back to the normal queue.</summary>
    public DateTimeOffset? StartBy { get; set; }

    public SuggestContinueAsNewReason ContinueAsNewReason { get; set; }

    public long HistorySizeBytes { get; set; }

    /// <summary>The worker that has the run in its cache; empty for none.</summary>
    public string StickyQueue { get; set; } = "";

    public TimeSpan StickyScheduleToStartTimeout { get; set; }

    /// <summary>The started event of the last completed task; failed and timed out ones don't move it.</summary>
    public long LastCompletedStartedEventId { get; set; }

    /// <summary>How often in a row a task failed or timed out.</summary>
    public int FailuresInARow { get; set; }

    public bool IsPending => Status != WorkflowTaskStatus.None;

    public bool IsStarted => Status == WorkflowTaskStatus.Started;

    public bool IsTransient => IsPending && Attempt > 1;

    public DateTimeOffset? WakeUpAt => Status switch
    {
        WorkflowTaskStatus.Scheduled => StartBy,
        WorkflowTaskStatus.Started => StartedAt!.Value.Plus(StartToCloseTimeout),
        _ => null,
    };

    public void ClearSticky()
    {
        StickyQueue = "";
        StickyScheduleToStartTimeout = TimeSpan.Zero;
    }

    public void Write(BlobWriter to)
    {
        to.Int((int)Status);
        to.Int(Attempt);
        to.Long(ScheduledEventId);
        to.Long(StartedEventId);
        to.Text(RequestId);
        to.Text(Identity);
        to.Time(ScheduledAt);
        to.Time(OriginalScheduledAt);
        to.OptionalTime(StartedAt);
        to.Span(StartToCloseTimeout);
        to.Text(Queue);
        to.Bool(IsSticky);
        to.OptionalTime(StartBy);
        to.Int((int)ContinueAsNewReason);
        to.Long(HistorySizeBytes);
        to.Text(StickyQueue);
        to.Span(StickyScheduleToStartTimeout);
        to.Long(LastCompletedStartedEventId);
        to.Int(FailuresInARow);
    }

    public static WorkflowTaskState Read(ref BlobReader from) => new()
    {
        Status = (WorkflowTaskStatus)from.Int(),
        Attempt = from.Int(),
        ScheduledEventId = from.Long(),
        StartedEventId = from.Long(),
        RequestId = from.Text(),
        Identity = from.Text(),
        ScheduledAt = from.Time(),
        OriginalScheduledAt = from.Time(),
        StartedAt = from.OptionalTime(),
        StartToCloseTimeout = from.Span(),
        Queue = from.Text(),
        IsSticky = from.Bool(),
        StartBy = from.OptionalTime(),
        ContinueAsNewReason = (SuggestContinueAsNewReason)from.Int(),
        HistorySizeBytes = from.Long(),
        StickyQueue = from.Text(),
        StickyScheduleToStartTimeout = from.Span(),
        LastCompletedStartedEventId = from.Long(),
        FailuresInARow = from.Int(),
    };
}
