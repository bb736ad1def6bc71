using Temporalio.Common;

namespace Temporalio.Workflows;

/// <summary>How a workflow runs an activity. One of <see cref="ScheduleToCloseTimeout" /> and <see cref="StartToCloseTimeout" /> is required.</summary>
public class ActivityOptions : ICloneable
{
    /// <summary>Gets or sets the task queue; the workflow's own by default.</summary>
    public string? TaskQueue { get; set; }

    /// <summary>Gets or sets the limit from scheduling to the final outcome, all attempts included.</summary>
    public TimeSpan? ScheduleToCloseTimeout { get; set; }

    /// <summary>Gets or sets the limit from scheduling an attempt to a worker taking it. An activity over it is not retried.</summary>
    public TimeSpan? ScheduleToStartTimeout { get; set; }

    /// <summary>Gets or sets the limit of a single attempt.</summary>
    public TimeSpan? StartToCloseTimeout { get; set; }

    /// <summary>Gets or sets the longest time without a heartbeat.</summary>
    public TimeSpan? HeartbeatTimeout { get; set; }

    /// <summary>Gets or sets the retry policy; the server's default retries without end.</summary>
    public RetryPolicy? RetryPolicy { get; set; }

    /// <summary>Gets or sets what a cancellation does. Default: <see cref="ActivityCancellationType.TryCancel" />.</summary>
    public ActivityCancellationType CancellationType { get; set; } = ActivityCancellationType.TryCancel;

    /// <summary>Gets or sets the token that cancels the activity; <see cref="Workflow.CancellationToken" /> by default.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <summary>Gets or sets the activity's id; by default a number that is unique in the run. Best left alone.</summary>
    public string? ActivityId { get; set; }

    /// <summary>Gets or sets a value indicating whether this activity must not be handed to this worker in the answer to its scheduling.</summary>
    public bool DisableEagerActivityExecution { get; set; }

    /// <summary>Gets or sets which worker build runs the activity.</summary>
    public VersioningIntent VersioningIntent { get; set; } = VersioningIntent.Unspecified;

    /// <summary>Gets or sets a single line of Markdown that tools show for this activity.</summary>
    public string? Summary { get; set; }

    /// <summary>Gets or sets the priority of the activity's tasks; the workflow's by default.</summary>
    public Priority? Priority { get; set; }

    /// <summary>Creates a shallow copy, with a copy of the retry policy.</summary>
    /// <returns>The copy.</returns>
    public virtual object Clone()
    {
        var copy = (ActivityOptions)MemberwiseClone();
        if (RetryPolicy is not null)
        {
            copy.RetryPolicy = RetryPolicy with { };
        }

        return copy;
    }
}
