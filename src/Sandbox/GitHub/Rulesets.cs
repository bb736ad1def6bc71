using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.GitHub;

/// <summary>What active rulesets forbid to those who write a branch directly.</summary>
internal static class Rulesets
{
    public static void Check(Call call, JsonObject repository, string branch)
    {
        foreach (var (_, ruleset) in call.Documents.List("ruleset", Repositories.Prefix(repository)))
        {
            if (ruleset.Text("enforcement") != "active" || !Covers(ruleset, repository, branch) || MayPass(call, ruleset))
            {
                continue;
            }

            foreach (var rule in ruleset.Array("rules") ?? [])
            {
                if (Violation(rule) is { } violation)
                {
                    throw GitHubErrors.Refuse(409, $"Repository rule violations found\n\n{violation}\n\n");
                }
            }
        }
    }

    private static bool Covers(JsonObject ruleset, JsonObject repository, string branch)
    {
        bool Names(string pattern) => pattern == "~ALL" || pattern == $"refs/heads/{branch}" || (pattern == "~DEFAULT_BRANCH" && branch == repository.Text("default_branch"));
        return ruleset.Text("target") is null or "branch"
            && ruleset.Texts("conditions", "ref_name", "include").Any(Names)
            && !ruleset.Texts("conditions", "ref_name", "exclude").Any(Names);
    }

    private static bool MayPass(Call call, JsonObject ruleset) => (ruleset.Array("bypass_actors") ?? []).Any(a => a.Text("actor_type") switch
    {
        "OrganizationAdmin" => call.Caller == GitHubAuthentication.Bot,
        "Integration" => call.Caller == GitHubAuthentication.BotUser,
        _ => false,
    });

    private static string? Violation(JsonNode? rule) => rule.Text("type") switch
    {
        "pull_request" => "Changes must be made through a pull request.",
        "required_status_checks" => $"Required status check \"{(rule as JsonObject).Object("parameters").Array("required_status_checks")?.FirstOrDefault().Text("context")}\" is expected.",
        "required_signatures" => "Commits must have verified signatures.",
        "update" => "Cannot update this protected ref.",
        _ => null,
    };
}
