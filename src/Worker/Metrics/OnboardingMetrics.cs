using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Onramp.Worker.Metrics;

/// <summary>What onboarding measures. Times are seconds.</summary>
public sealed class OnboardingMetrics : IDisposable
{
    public const string MeterName = "Onramp.Worker";

    private readonly Meter meter = new(MeterName);
    private readonly Histogram<double> stepDuration;
    private readonly UpDownCounter<long> stepsRunning;
    private readonly Histogram<double> onboardingDuration;

    public OnboardingMetrics()
    {
        stepDuration = meter.CreateHistogram<double>("onramp_step_duration_seconds", "s", "Time of one attempt of a step, by step and outcome", tags: null, Durations.Buckets);
        stepsRunning = meter.CreateUpDownCounter<long>("onramp_steps_running", description: "Attempts under way in this process");
        onboardingDuration = meter.CreateHistogram<double>("onramp_onboarding_duration_seconds", "s", "Time from request to end, by outcome", tags: null, Durations.Buckets);
    }

    public void StepStarted() => stepsRunning.Add(1);

    public void StepEnded(string activity, string outcome, TimeSpan duration)
    {
        stepsRunning.Add(-1);
        stepDuration.Record(duration.TotalSeconds, new TagList { { "activity", activity }, { "outcome", outcome } });
    }

    public void OnboardingEnded(string outcome, TimeSpan duration) =>
        onboardingDuration.Record(duration.TotalSeconds, new TagList { { "outcome", outcome } });

    public void Dispose() => meter.Dispose();
}
