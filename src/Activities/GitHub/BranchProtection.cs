using System.Text.Json.Nodes;

namespace Onramp.Activities.GitHub;

/// <summary>The golden path's protection, always written whole: the call replaces what was there.</summary>
internal static class BranchProtection
{
    public static JsonObject Body(IEnumerable<string> checks, IEnumerable<string> bypassApps)
    {
        var apps = bypassApps.ToList();
        var reviews = new JsonObject
        {
            ["dismiss_stale_reviews"] = true,
            ["require_code_owner_reviews"] = true,
            ["required_approving_review_count"] = 1,
            ["require_last_push_approval"] = false,
        };
        if (apps.Count > 0)
        {
            reviews["bypass_pull_request_allowances"] = new JsonObject
            {
                ["users"] = new JsonArray(),
                ["teams"] = new JsonArray(),
                ["apps"] = new JsonArray([.. apps.Select(a => (JsonNode)a)]),
            };
        }
        return new JsonObject
        {
            ["required_status_checks"] = new JsonObject
            {
                ["strict"] = true,
                ["checks"] = new JsonArray([.. checks.Select(c => (JsonNode)new JsonObject { ["context"] = c })]),
            },
            ["enforce_admins"] = true,
            ["required_pull_request_reviews"] = reviews,
            ["restrictions"] = null,
            ["required_linear_history"] = true,
            ["allow_force_pushes"] = false,
            ["allow_deletions"] = false,
            ["block_creations"] = false,
            ["required_conversation_resolution"] = true,
            ["lock_branch"] = false,
            ["allow_fork_syncing"] = false,
        };
    }
}
