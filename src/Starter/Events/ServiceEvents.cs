using Onramp.Workflows.Contracts;

namespace Onramp.Starter.Events;

/// <summary>One event of a stream, ready to be written.</summary>
/// <param name="Name"><c>phase</c>, <c>step</c> or <c>end</c>.</param>
/// <param name="Id">Cursor after this event.</param>
/// <param name="Data">Body, written as JSON.</param>
public sealed record ServiceEvent(string Name, string Id, object Data);

/// <summary>Body of a <c>phase</c> event.</summary>
public sealed record PhaseEvent(OnboardingStatus Status, OnboardingPhase Phase, string Message);

/// <summary>Body of the last event.</summary>
public sealed record EndEvent(
    OnboardingStatus Status, OnboardingPhase Phase, string Message, string? Remediation, bool? Retryable, string? ErrorType);

/// <summary>Compares what a listener has seen with what is, and says what happened in between. Pure.</summary>
internal static class ServiceEvents
{
    public const string Phase = "phase";
    public const string Step = "step";
    public const string End = "end";

    /// <summary>The events that bring <paramref name="cursor"/> up to date, in the order in which things happened; moves it.</summary>
    public static IEnumerable<ServiceEvent> CatchUp(EventCursor cursor, OnboardingProgress progress, bool isClosed)
    {
        if (cursor.Phase != progress.Phase && progress.Phase < OnboardingPhase.Completed)
            yield return PhaseOf(cursor, progress);
        foreach (var (index, step) in Transitions(cursor, progress.Steps))
        {
            cursor.SawStep(index, step.State, step.Attempt);
            yield return new ServiceEvent(Step, cursor.ToString(), step);
        }
        if (cursor.Phase != progress.Phase)
            yield return PhaseOf(cursor, progress);
        if (isClosed)
        {
            yield return new ServiceEvent(End, cursor.ToString(), new EndEvent(
                progress.Status, progress.Phase, progress.Message, progress.Remediation, progress.Retryable, progress.ErrorType));
        }
    }

    private static ServiceEvent PhaseOf(EventCursor cursor, OnboardingProgress progress)
    {
        cursor.SawPhase(progress.Phase);
        return new ServiceEvent(Phase, cursor.ToString(), new PhaseEvent(progress.Status, progress.Phase, progress.Message));
    }

    /// <summary>A step that began and ended between two looks is told twice: running, then what became of it.</summary>
    private static IEnumerable<(int Index, StepProgress Step)> Transitions(EventCursor cursor, IReadOnlyList<StepProgress> steps)
    {
        var transitions = new List<(DateTimeOffset At, int Index, StepProgress Step)>();
        for (var index = 0; index < steps.Count; index++)
        {
            var step = steps[index];
            var (state, attempt) = cursor.StepAt(index);
            if (state == StepState.Pending && step.State is not (StepState.Pending or StepState.Running or StepState.Skipped) && step.StartedAt is { } started)
                transitions.Add((started, index, step with { State = StepState.Running, EndedAt = null, Link = null, Created = null, LastError = null }));
            if (state != step.State || (step.State is StepState.Running or StepState.Undoing or StepState.UndoFailing && attempt != EventCursor.Bounded(step.Attempt)))
                transitions.Add((step.EndedAt ?? step.StartedAt ?? DateTimeOffset.MaxValue, index, step));
        }
        return transitions.OrderBy(t => t.At).Select(t => (t.Index, t.Step));
    }
}
