using Onramp.Workflows.Contracts;

namespace Onramp.Workflows.Saga;

/// <summary>
/// A step as the runner sees it. <see cref="Do"/> is repeated until it is ready and must find its own earlier work;
/// <see cref="Undo"/> is called for every step that was begun, also when its outcome is unknown, and must do nothing when there
/// is nothing of this run.
/// </summary>
public sealed record SagaStep
{
    public required string Id { get; init; }

    /// <summary>What it is called, for people.</summary>
    public string Title { get; init; } = "";

    public required OnboardingPhase Phase { get; init; }

    /// <summary>Steps that must be done, or skipped, first. The others may run at the same time.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    public required Func<CancellationToken, Task<StepResult>> Do { get; init; }
    public Func<StepResult?, Task<UndoResult>>? Undo { get; init; }

    /// <summary>How long the step may stay not ready.</summary>
    public TimeSpan WaitLimit { get; init; }

    /// <summary>When the wait runs out: warn and go on instead of failing.</summary>
    public bool WaitLimitIsWarning { get; init; }
}

/// <summary>How the runner waits.</summary>
/// <param name="PollInterval">First wait before something under way is looked at again; doubles.</param>
/// <param name="PollMaximum">Longest such wait.</param>
/// <param name="UndoRetry">First wait before an undo that failed is tried again; doubles.</param>
/// <param name="UndoRetryMaximum">Longest such wait.</param>
/// <param name="Removal">How long an undo may get nowhere before that is told, and waits get longer than their maxima.</param>
public sealed record SagaTiming(TimeSpan PollInterval, TimeSpan PollMaximum, TimeSpan UndoRetry, TimeSpan UndoRetryMaximum, TimeSpan Removal)
{
    /// <summary>Longest wait of an undo that gets nowhere: some hundred events a day, where a history holds fifty thousand.</summary>
    public static readonly TimeSpan Slowest = TimeSpan.FromHours(1);
}

/// <summary>What the runner tells as it goes; the onboarding workflow keeps it for the progress query.</summary>
public interface ISagaObserver
{
    void StepStarted(SagaStep step);

    void StepWaiting(SagaStep step, StepResult result);

    void StepSucceeded(SagaStep step, StepResult result, string? warning);

    void StepFailed(SagaStep step, StepError error);

    void StepCancelled(SagaStep step);

    void UndoStarted(SagaStep step);

    /// <summary>An undo failed and will be tried again; <paramref name="failures"/> counts from 1.</summary>
    Task UndoFailingAsync(SagaStep step, StepError error, int failures);

    void UndoFinished(SagaStep step);

    /// <summary>An undo is done and left something that the run made.</summary>
    void UndoLeft(SagaStep step, UndoResult result)
    {
    }
}
