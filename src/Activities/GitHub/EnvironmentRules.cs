using System.Text.Json.Nodes;

namespace Onramp.Activities.GitHub;

/// <summary>Who must review a deployment to an environment, whether only others than who deploys, and whether only protected branches may deploy.</summary>
internal sealed record EnvironmentRules(long? ReviewerTeamId, bool ProtectedBranches, bool PreventSelfReview = true)
{
    public bool AreNone => ReviewerTeamId is null && !ProtectedBranches;

    /// <summary>What is left of the rules when the plan lacks one of them. GitHub names it in words; one that can't be told is any of them.</summary>
    public (EnvironmentRules Left, string Missing) Without(string refusal) => this switch
    {
        { ReviewerTeamId: not null, ProtectedBranches: true } when !Names(refusal, "reviewer") && !Names(refusal, "branch") =>
            (new EnvironmentRules(null, false), "required reviewers or branch rules"),
        { ReviewerTeamId: not null } when Names(refusal, "reviewer") || !ProtectedBranches => (this with { ReviewerTeamId = null }, "required reviewers"),
        _ => (this with { ProtectedBranches = false }, "branch rules of environments"),
    };

    public JsonObject ToJson()
    {
        var body = new JsonObject
        {
            ["deployment_branch_policy"] = ProtectedBranches
                ? new JsonObject { ["protected_branches"] = true, ["custom_branch_policies"] = false }
                : null,
        };
        if (ReviewerTeamId is { } id)
        {
            if (PreventSelfReview)
                body["prevent_self_review"] = true;
            body["reviewers"] = new JsonArray(new JsonObject { ["type"] = "Team", ["id"] = id });
        }
        return body;
    }

    private static bool Names(string refusal, string word) => refusal.Contains(word, StringComparison.OrdinalIgnoreCase);
}
