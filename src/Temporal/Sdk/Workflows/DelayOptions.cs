namespace Temporalio.Workflows;

/// <summary>How <see cref="Workflow.DelayWithOptionsAsync" /> waits.</summary>
public class DelayOptions : ICloneable
{
    /// <summary>Waits for no time until <see cref="Delay" /> is set.</summary>
    public DelayOptions()
    {
    }

    /// <summary>Waits for a number of milliseconds.</summary>
    /// <param name="millisecondsDelay">See <see cref="Delay" />.</param>
    /// <param name="summary">See <see cref="Summary" />.</param>
    /// <param name="cancellationToken">See <see cref="CancellationToken" />.</param>
    public DelayOptions(int millisecondsDelay, string? summary = null, CancellationToken? cancellationToken = null)
        : this(TimeSpan.FromMilliseconds(millisecondsDelay), summary, cancellationToken)
    {
    }

    /// <summary>Waits for a time.</summary>
    /// <param name="delay">See <see cref="Delay" />.</param>
    /// <param name="summary">See <see cref="Summary" />.</param>
    /// <param name="cancellationToken">See <see cref="CancellationToken" />.</param>
    public DelayOptions(TimeSpan delay, string? summary = null, CancellationToken? cancellationToken = null)
    {
        Delay = delay;
        Summary = summary;
        CancellationToken = cancellationToken;
    }

    /// <summary>
    /// Gets or sets how long to wait. <see cref="Timeout.InfiniteTimeSpan" /> waits until cancelled; anything shorter than a millisecond
    /// counts as one millisecond.
    /// </summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Gets or sets a single line of Markdown that tools show for the timer.</summary>
    public string? Summary { get; set; }

    /// <summary>Gets or sets the token that cancels the wait; <see cref="Workflow.CancellationToken" /> by default.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <summary>Creates a shallow copy.</summary>
    /// <returns>The copy.</returns>
    public virtual object Clone() => MemberwiseClone();
}
