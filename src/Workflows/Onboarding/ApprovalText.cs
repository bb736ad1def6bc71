using System.Globalization;
using Onramp.Workflows.Contracts;

namespace Onramp.Workflows.Onboarding;

/// <summary>What approvers are told: who asks for what, what it costs, and where to decide.</summary>
internal static class ApprovalText
{
    public static string For(ServiceRequest request, ApprovalRequirement requirement, OnboardingPlan plan)
    {
        var lines = new List<string>
        {
            $"{request.Requester} asks for {request.Name} of team {request.Team} in {request.Environment}.",
            $"Needed: {Wanted(requirement)}, because of: {string.Join(", ", requirement.Reasons)}.",
            $"Cost: about {Money(plan.Cost.MonthlyTotal)} {plan.Cost.Currency} a month ({string.Join(", ", plan.Cost.Lines.Select(l => $"{l.Item} {Money(l.Monthly)}"))}).",
            $"Plan {plan.Digest}, {plan.Resources.Count} things:",
        };
        lines.AddRange(plan.Resources.Select(r => $"• {r.System}: {r.Kind} {r.Name}{(r.Detail.Length > 0 ? $" ({r.Detail})" : "")}"));
        lines.Add($"Decide with: onramp approve {Id(request)}");
        return string.Join('\n', lines);
    }

    public static IReadOnlyList<OnboardingLink> Links(ServiceRequest request, ApprovalProfile profile) =>
        profile.DecisionUrl.Length == 0
            ? []
            : [new OnboardingLink("Look at the plan and decide", profile.DecisionUrl.Replace("{id}", Id(request), StringComparison.Ordinal))];

    public static string Wanted(ApprovalRequirement requirement) =>
        string.Join(" and ", requirement.Groups.Select(g => $"{g.Count} of {g.Group}"));

    private static string Id(ServiceRequest request) => $"{request.Name}-{request.Environment}";

    private static string Money(decimal amount) => amount.ToString("0.##", CultureInfo.InvariantCulture);
}
