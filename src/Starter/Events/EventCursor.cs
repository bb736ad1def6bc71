using System.Text;
using Onramp.Workflows.Contracts;

namespace Onramp.Starter.Events;

/// <summary>
/// What a listener has seen: run, phase, and state and attempt of each step. It travels as the id of every event, so a listener
/// that comes back, to this starter or another, is told exactly what it missed, without anyone having kept its place.
/// </summary>
internal sealed class EventCursor
{
    private const int MaxSteps = 200;
    private const int MaxAttempt = 35;
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    private readonly List<(StepState State, int Attempt)> steps;

    private EventCursor(string runId, OnboardingPhase? phase, List<(StepState, int)> steps)
    {
        RunId = runId;
        Phase = phase;
        this.steps = steps;
    }

    public string RunId { get; }

    public OnboardingPhase? Phase { get; private set; }

    public static EventCursor Start(string runId) => new(runId, phase: null, []);

    /// <summary>The cursor that this id stands for, or null when it is none of ours.</summary>
    public static EventCursor? TryParse(string? text)
    {
        if (text?.Split(':') is not [var runId, var phaseText, var stepText] || runId.Length is 0 or > 64
            || stepText.Length % 2 != 0 || stepText.Length > 2 * MaxSteps)
        {
            return null;
        }
        OnboardingPhase? phase = null;
        if (phaseText.Length > 0)
        {
            if (!Enum.TryParse<OnboardingPhase>(phaseText, out var known) || !Enum.IsDefined(known))
                return null;
            phase = known;
        }
        var steps = new List<(StepState, int)>();
        for (var i = 0; i < stepText.Length; i += 2)
        {
            var state = stepText[i] - 'A';
            var attempt = Digits.IndexOf(stepText[i + 1], StringComparison.Ordinal);
            if (!Enum.IsDefined((StepState)state) || attempt < 0)
                return null;
            steps.Add(((StepState)state, attempt));
        }
        return new EventCursor(runId, phase, steps);
    }

    public (StepState State, int Attempt) StepAt(int index) => index < steps.Count ? steps[index] : (StepState.Pending, 0);

    public void SawPhase(OnboardingPhase phase) => Phase = phase;

    public void SawStep(int index, StepState state, int attempt)
    {
        while (steps.Count <= index && steps.Count < MaxSteps)
            steps.Add((StepState.Pending, 0));
        if (index < steps.Count)
            steps[index] = (state, Bounded(attempt));
    }

    /// <summary>Attempts as the cursor keeps them.</summary>
    public static int Bounded(int attempt) => Math.Clamp(attempt, 0, MaxAttempt);

    public override string ToString()
    {
        var text = new StringBuilder(RunId).Append(':').Append(Phase?.ToString()).Append(':');
        foreach (var (state, attempt) in steps)
            text.Append((char)('A' + (int)state)).Append(Digits[attempt]);
        return text.ToString();
    }
}
