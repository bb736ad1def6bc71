using System.Globalization;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Verification;

/// <summary>
/// Looks at everything once. What is missing or on its way makes the workflow look again later. A delivery that doesn't get well in most
/// of that time, or has given up, is a warning that says what the team has to do: everything else that was made is sound.
/// </summary>
public sealed class VerificationActivities
{
    /// <summary>Part of the limit that a delivery gets to become well; the rest is for what must be there.</summary>
    private const double DeliveryShare = 2.0 / 3;

    private readonly ServiceChecks checks;
    private readonly TimeProvider time;

    internal VerificationActivities(ServiceChecks checks, TimeProvider time)
    {
        this.checks = checks;
        this.time = time;
    }

    [Activity(ActivityNames.VerifyService)]
    public async Task<StepResult> VerifyAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var now = time.GetUtcNow();
        var began = Began(input) ?? now;
        var late = now - began >= input.Platform.Timing.Verification * DeliveryShare;
        var waiting = new List<string>();
        var warnings = new List<string>();
        foreach (var check in checks.All.Where(c => c.Applies(input)))
        {
            var result = await check.LookAsync(input, cancellationToken);
            if (result.Problem is { } problem)
                (result.Patience == Patience.None || (late && result.Patience == Patience.ForAWhile) ? warnings : waiting).Add($"{check.Name} {problem}");
        }
        if (waiting.Count > 0)
            return NotReady(Failures.Cut(string.Join("; ", waiting)), null, (StepFacts.VerificationBegan, began.ToString("O", CultureInfo.InvariantCulture)));
        return Done([]) with { Warning = warnings.Count == 0 ? null : Failures.Cut(string.Join("; ", warnings)) };
    }

    private static DateTimeOffset? Began(StepInput input) =>
        input.Facts.TryGetValue(StepFacts.VerificationBegan, out var text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var began)
            ? began
            : null;
}
