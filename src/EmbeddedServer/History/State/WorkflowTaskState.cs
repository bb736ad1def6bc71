using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>The run's one workflow task, and what the next one inherits.</summary>
internal sealed class WorkflowTaskState(StoredWorkflowTask stored)
{
    public WorkflowTaskStatus Status { get => (WorkflowTaskStatus)stored.Status; set => stored.Status = (int)value; }

    /// <summary>Of the pending task, or of the next one to be scheduled. Above 1 it is transient.</summary>
    public int Attempt { get => stored.Attempt; set => stored.Attempt = value; }

    public long ScheduledEventId { get => stored.ScheduledEventId; set => stored.ScheduledEventId = value; }

    /// <summary>0 until it is started.</summary>
    public long StartedEventId { get => stored.StartedEventId; set => stored.StartedEventId = value; }

    public string RequestId { get => stored.RequestId; set => stored.RequestId = value; }

    public string Identity { get => stored.Identity; set => stored.Identity = value; }

    public DateTimeOffset ScheduledAt { get => stored.ScheduledAt.ToInstant(); set => stored.ScheduledAt = value.ToTicks(); }

    /// <summary>When the first of a chain of tasks began that only keep each other alive.</summary>
    public DateTimeOffset OriginalScheduledAt { get => stored.OriginalScheduledAt.ToInstant(); set => stored.OriginalScheduledAt = value.ToTicks(); }

    public DateTimeOffset? StartedAt { get => stored.StartedAt.ToOptionalInstant(); set => stored.StartedAt = value.ToTicks(); }

    public TimeSpan StartToCloseTimeout { get => new(stored.StartToCloseTimeoutTicks); set => stored.StartToCloseTimeoutTicks = value.Ticks; }

    /// <summary>The queue it was scheduled on.</summary>
    public string Queue { get => stored.Queue; set => stored.Queue = value; }

    public bool IsSticky { get => stored.IsSticky; set => stored.IsSticky = value; }

    /// <summary>When an unstarted sticky task goes back to the normal queue.</summary>
    public DateTimeOffset? StartBy { get => stored.StartByAt.ToOptionalInstant(); set => stored.StartByAt = value.ToTicks(); }

    /// <summary>Why the run should go on as a new one; none when it needn't.</summary>
    public IReadOnlyList<SuggestContinueAsNewReason> ContinueAsNewReasons
    {
        get => stored.ContinueAsNewReasons.Count > 0 ? [.. stored.ContinueAsNewReasons.Select(reason => (SuggestContinueAsNewReason)reason)]
            : stored.ContinueAsNewReason == 0 ? []
            : [(SuggestContinueAsNewReason)stored.ContinueAsNewReason];
        set
        {
            stored.ContinueAsNewReason = 0;
            stored.ContinueAsNewReasons.Clear();
            stored.ContinueAsNewReasons.Add(value.Select(reason => (int)reason));
        }
    }

    public long HistorySizeBytes { get => stored.HistorySizeBytes; set => stored.HistorySizeBytes = value; }

    /// <summary>The worker that has the run in its cache; empty for none.</summary>
    public string StickyQueue { get => stored.StickyQueue; set => stored.StickyQueue = value; }

    public TimeSpan StickyScheduleToStartTimeout { get => new(stored.StickyScheduleToStartTimeoutTicks); set => stored.StickyScheduleToStartTimeoutTicks = value.Ticks; }

    /// <summary>The started event of the last completed task; failed and timed out ones don't move it.</summary>
    public long LastCompletedStartedEventId { get => stored.LastCompletedStartedEventId; set => stored.LastCompletedStartedEventId = value; }

    /// <summary>How often in a row a task failed or timed out.</summary>
    public int FailuresInARow { get => stored.FailuresInARow; set => stored.FailuresInARow = value; }

    public bool IsPending => Status != WorkflowTaskStatus.None;

    public bool IsStarted => Status == WorkflowTaskStatus.Started;

    /// <summary>It exists only to carry updates: when they are all rejected, it leaves no trace.</summary>
    public bool IsSpeculative { get => stored.IsSpeculative; set => stored.IsSpeculative = value; }

    /// <summary>
    /// The run wanted to end, and something that it had not seen kept it from that. Until its next task has been answered, it is not given more of the kind.
    /// Not stored: a restart only lets more in.
    /// </summary>
    public bool WantsToClose { get; set; }

    /// <summary>The same, while that next task is out.</summary>
    public bool IsClosing => WantsToClose && IsStarted;

    /// <summary>Its events are not written before it is completed.</summary>
    public bool IsTransient => IsPending && (Attempt > 1 || IsSpeculative);

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
}
