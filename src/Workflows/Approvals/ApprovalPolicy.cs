using Onramp.Workflows.Contracts;

namespace Onramp.Workflows.Approvals;

/// <summary>Who must approve what: a table of rules; the strictest that match decide.</summary>
public static class ApprovalPolicy
{
    /// <summary>A rule asks for people of the platform group and of the owning team.</summary>
    private sealed record Rule(string Reason, Func<ServiceRequest, bool> Matches, int Platform, int Owners);

    private static readonly Rule[] Rules =
    [
        new("staging environment", r => r.Environment == Vocabulary.Staging, Platform: 1, Owners: 0),
        new("medium plan", r => r.Plan == Vocabulary.PlanMedium, Platform: 1, Owners: 0),
        new("adopts an existing repository", r => r.Repository.Mode == Vocabulary.RepositoryAdopt, Platform: 1, Owners: 0),
        new("production environment", r => r.Environment == Vocabulary.Production, Platform: 1, Owners: 1),
        new("large plan", r => r.Plan == Vocabulary.PlanLarge, Platform: 1, Owners: 1),
        new("open network", r => r.NetworkPolicy == Vocabulary.NetworkOpen, Platform: 1, Owners: 1),
    ];

    public static ApprovalRequirement For(ServiceRequest request, ApprovalProfile profile)
    {
        var matching = Rules.Where(r => r.Matches(request)).ToList();
        var platform = matching.Select(r => r.Platform).DefaultIfEmpty().Max();
        var owners = matching.Select(r => r.Owners).DefaultIfEmpty().Max();
        GroupApproval[] groups = [new(profile.PlatformGroup, platform), new(request.Team, owners)];
        return new ApprovalRequirement
        {
            Groups = groups.Where(g => g.Count > 0).ToArray(),
            Approvers = platform + owners,
            Reasons = matching.Select(r => r.Reason).ToArray(),
        };
    }
}
