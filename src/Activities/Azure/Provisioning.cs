using System.Globalization;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Azure;

/// <summary>
/// What Azure accepted and then couldn't make is asked for again, some times; then the step ends and says so. A failure that is seen just after it
/// was asked for again is the one before: reads lag.
/// </summary>
internal static class Provisioning
{
    private const int MaxFailures = 3;
    private const char Separator = '@';

    public static async Task<StepResult> AgainAsync(
        this AzureClient azure, StepInput input, string what, AzureResource failed, StepResource resource, Func<Task> ask)
    {
        var fact = $"{StepFacts.ProvisioningFailures}:{input.Key.Step}";
        var before = input.Facts.TryGetValue(fact, out var text) ? text.Split(Separator) : [];
        if (before is [_, var at] && azure.Now - DateTimeOffset.Parse(at, CultureInfo.InvariantCulture) < azure.ReadLag)
            return NotReady(what, [resource]);
        var failures = (before is [var count, _] ? int.Parse(count, CultureInfo.InvariantCulture) : 0) + 1;
        if (failures >= MaxFailures)
        {
            throw Failures.Of(
                ErrorTypes.ExternalBug, "Azure", $"{what} was accepted and then {failures} times not made: {failed.ProvisioningState}",
                "Azure's activity log of the resource says why.", final: true);
        }
        await ask();
        return NotReady($"{what}, which has failed and is asked for again", [resource], (fact, string.Create(CultureInfo.InvariantCulture, $"{failures}{Separator}{azure.Now:O}")));
    }
}
