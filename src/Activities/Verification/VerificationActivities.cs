using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Verification;

/// <summary>
/// Looks at everything once. What is missing or on its way makes the workflow look again later; a delivery that has given up is a
/// warning, since what was made is sound and the team can repair its manifests.
/// </summary>
public sealed class VerificationActivities
{
    private readonly ServiceChecks checks;

    internal VerificationActivities(ServiceChecks checks) => this.checks = checks;

    [Activity(ActivityNames.VerifyService)]
    public async Task<StepResult> VerifyAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var waiting = new List<string>();
        var warnings = new List<string>();
        foreach (var check in checks.All.Where(c => c.Applies(input)))
        {
            var result = await check.LookAsync(input, cancellationToken);
            if (result.Problem is { } problem)
                (result.WarnOnly ? warnings : waiting).Add($"{check.Name} {problem}");
        }
        if (waiting.Count > 0)
            return NotReady(Failures.Cut(string.Join("; ", waiting)));
        return Done([]) with { Warning = warnings.Count == 0 ? null : Failures.Cut(string.Join("; ", warnings)) };
    }
}
