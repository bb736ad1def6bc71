namespace Temporalio.Workflows;

/// <summary>How <see cref="Workflow.WaitConditionWithOptionsAsync" /> waits.</summary>
public class WaitConditionOptions : ICloneable
{
    /// <summary>Has no condition until <see cref="ConditionCheck" /> is set.</summary>
    public WaitConditionOptions()
    {
    }

    /// <summary>Waits for a condition.</summary>
    /// <param name="conditionCheck">See <see cref="ConditionCheck" />.</param>
    /// <param name="timeout">See <see cref="Timeout" />.</param>
    /// <param name="timeoutSummary">See <see cref="TimeoutSummary" />.</param>
    /// <param name="cancellationToken">See <see cref="CancellationToken" />.</param>
    public WaitConditionOptions(
        Func<bool> conditionCheck,
        TimeSpan? timeout = null,
        string? timeoutSummary = null,
        CancellationToken? cancellationToken = null)
    {
        ConditionCheck = conditionCheck;
        Timeout = timeout;
        TimeoutSummary = timeoutSummary;
        CancellationToken = cancellationToken;
    }

    /// <summary>Gets or sets the condition. It is evaluated after every step of the workflow, so it must be quick and change nothing.</summary>
    public Func<bool>? ConditionCheck { get; set; }

    /// <summary>Gets or sets how long to wait at most; without end by default.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Gets or sets a single line of Markdown that tools show for the timeout's timer.</summary>
    public string? TimeoutSummary { get; set; }

    /// <summary>Gets or sets the token that cancels the wait; <see cref="Workflow.CancellationToken" /> by default.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <summary>Creates a shallow copy.</summary>
    /// <returns>The copy.</returns>
    public virtual object Clone() => MemberwiseClone();
}
