using System.Text.Json.Nodes;
using Octokit;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.GitHub;

/// <summary>The golden path's protection, always written whole: the call replaces what was there. Octokit's own type lacks half of it.</summary>
internal static class BranchProtection
{
    /// <summary>Whether a branch is protected. It isn't where the organization's plan has no protection.</summary>
    public static async Task<bool> IsProtectedAsync(this IGitHubClient github, RepositoryRef repository, string branch)
    {
        try
        {
            return await github.Connection.Get<object>(Address(repository, branch), null).IsThereAsync();
        }
        catch (ApplicationFailureException e) when (e.IsPlanLimit())
        {
            return false;
        }
    }

    public static Task ProtectAsync(
        this IGitHubClient github, RepositoryRef repository, string branch, IEnumerable<string> checks, IEnumerable<string> bypassApps) =>
        github.Connection.Put(Address(repository, branch), Body(checks, bypassApps).ToJsonString());

    public static Task UnprotectAsync(this IGitHubClient github, RepositoryRef repository, string branch) =>
        github.Connection.Delete(Address(repository, branch)).OrGoneAsync();

    private static Uri Address(RepositoryRef repository, string branch) => repository.Below($"branches/{branch}/protection");

    private static JsonObject Body(IEnumerable<string> checks, IEnumerable<string> bypassApps)
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
