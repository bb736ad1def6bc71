using Onramp.Activities.Planning;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;

namespace Onramp.Activities.Policy;

/// <summary>Who must agree to what: a table of rules; the strictest that match decide. Pure.</summary>
internal sealed class ChangePolicy(ApprovalProfile profile)
{
    public const string Version = "policy/1";

    /// <summary>A rule asks for people of the platform group and of the owning team.</summary>
    private sealed record Rule(string Reason, Func<PolicyInput, bool> Matches, int Platform, int Owners);

    private static readonly Rule[] Rules =
    [
        new("staging environment", i => IsNew(i) && i.Environment == Vocabulary.Staging, Platform: 1, Owners: 0),
        new("production environment", i => i.Environment == Vocabulary.Production && i.Kind != ChangeKind.Repair, Platform: 1, Owners: 1),
        new("adopts what is there already", i => i.Plan.Actions.Any(a => a.Kind == ActionKind.Adopt), Platform: 1, Owners: 0),
        new("overwrites what somebody set", i => i.Kind == ChangeKind.Repair && i.Plan.Actions.Any(a => a.Changes.Any(c => c.Before is not null)), Platform: 0, Owners: 1),
        new("changes a staging environment", i => i.Kind == ChangeKind.Configure && i.Environment == Vocabulary.Staging, Platform: 1, Owners: 0),
    ];

    public PolicyVerdict Decide(PolicyInput input)
    {
        var matching = IsSettled(input) ? [] : Rules.Where(r => r.Matches(input)).ToList();
        var platform = matching.Select(r => r.Platform).DefaultIfEmpty().Max();
        var owners = matching.Select(r => r.Owners).DefaultIfEmpty().Max();
        GroupApproval[] groups = [new(profile.PlatformGroup, platform), new(input.Plan.Wanted.Team, owners)];
        return new PolicyVerdict
        {
            Approval = new ApprovalRequirement
            {
                Groups = [.. groups.Where(g => g.Count > 0)],
                Approvers = platform + owners,
                Reasons = [.. matching.Select(r => r.Reason)],
            },
            Covered = input.Approved is { } approved && Covers(approved, input.Plan),
            RemindAfter = profile.ReminderAfter,
            EscalateAfter = profile.EscalateAfter,
            ExpireAfter = profile.ExpireAfter,
            Version = Version,
        };
    }

    /// <summary>An approval holds for a plan that does nothing but what was approved, and perhaps less: another change may have done the rest.</summary>
    public static bool Covers(ChangePlan approved, ChangePlan plan)
    {
        var agreed = approved.Actions.Select(PlanDigests.Of).ToHashSet(StringComparer.Ordinal);
        return plan.Actions.Where(a => a.Kind != ActionKind.Keep).All(a => agreed.Contains(PlanDigests.Of(a)));
    }

    private static bool IsNew(PolicyInput input) => input.Kind == ChangeKind.Onboard;

    /// <summary>What follows from an agreed change: the removal after the grace period, the cleaning up after the last environment.</summary>
    private static bool IsSettled(PolicyInput input) => input.AskedBy.Via == Principal.Onramp.Via || input.Plan.IsEmpty;
}
