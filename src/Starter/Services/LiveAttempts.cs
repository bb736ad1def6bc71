using Onramp.Workflows.Contracts;
using Temporalio.Api.Workflow.V1;

namespace Onramp.Starter.Services;

/// <summary>
/// A workflow is not told about attempts of an activity that is being retried; the server is. Activity ids are step ids, so
/// the two accounts can be joined.
/// </summary>
internal static class LiveAttempts
{
    private const int MaxMessageLength = 500;

    public static IReadOnlyList<StepProgress> AddTo(IReadOnlyList<StepProgress> steps, IEnumerable<PendingActivityInfo> pending)
    {
        var byStep = new Dictionary<string, PendingActivityInfo>(StringComparer.Ordinal);
        foreach (var activity in pending)
            byStep[StepOf(activity.ActivityId)] = activity;
        return byStep.Count == 0 ? steps : steps.Select(s => byStep.TryGetValue(s.Id, out var activity) ? Merge(s, activity) : s).ToArray();
    }

    private static StepProgress Merge(StepProgress step, PendingActivityInfo activity) => step with
    {
        Attempt = Math.Max(step.Attempt, activity.Attempt),
        LastError = activity.LastFailure is { } failure
            ? new StepError(failure.ApplicationFailureInfo?.Type ?? ErrorTypes.Transient, Cut(failure.Message))
            : step.LastError,
    };

    private static string StepOf(string activityId) =>
        activityId.EndsWith(OnboardingContract.UndoActivitySuffix, StringComparison.Ordinal)
            ? activityId[..^OnboardingContract.UndoActivitySuffix.Length]
            : activityId;

    private static string Cut(string message) => message.Length <= MaxMessageLength ? message : message[..MaxMessageLength];
}
