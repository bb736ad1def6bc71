using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.GitHub;

/// <summary>Deployment environments: who must review, which branches may deploy.</summary>
internal sealed class Environments(Repositories repositories, GitHubDirectory directory, SandboxOptions options)
{
    private const int MaxReviewers = 6;

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/repos/{owner}/{repo}/environments", List),
        new("GET", "/repos/{owner}/{repo}/environments/{environment}", Show),
        new("PUT", "/repos/{owner}/{repo}/environments/{environment}", Put),
        new("DELETE", "/repos/{owner}/{repo}/environments/{environment}", Delete),
    ];

    private static string Key(JsonObject repository, Call call) => Repositories.Prefix(repository) + call["environment"].ToLowerInvariant();

    private Reply List(Call call) =>
        call.Page([.. call.Documents.List("environment", Repositories.Prefix(repositories.Find(call))).Select(e => (JsonNode)Shown(call, e.Body))], "environments");

    private Reply Show(Call call) =>
        call.Documents.Get("environment", Key(repositories.Find(call), call)) is { } environment
            ? Reply.Json(200, Shown(call, environment))
            : GitHubErrors.NotFound();

    private Reply Put(Call call)
    {
        var repository = repositories.FindWritable(call);
        var body = call.Object();
        var reviewers = body.Array("reviewers") ?? [];
        if (reviewers.Count > MaxReviewers)
        {
            return GitHubErrors.Reply(422, "Validation Failed", [$"Reviewers can have at most {MaxReviewers} entries"]);
        }

        var gated = reviewers.Count > 0 ? "required reviewers"
            : body.Number("wait_timer") > 0 ? "wait timer"
            : body["deployment_branch_policy"] is not null ? "protected branch gate"
            : null;
        if (gated is not null && !options.GitHubPaidPlan && repository.Flag("private"))
        {
            return GitHubErrors.Reply(
                422, $"Failed to create the environment protection rule. Please ensure the billing plan supports the {gated} protection rule.");
        }

        foreach (var reviewer in reviewers)
        {
            CheckReviewer(call, repository, reviewer);
        }

        if (body.Object("deployment_branch_policy") is { } policy && policy.Flag("protected_branches") == policy.Flag("custom_branch_policies"))
        {
            return GitHubErrors.Reply(422, "Validation Failed", ["protected_branches and custom_branch_policies cannot have the same value"]);
        }

        var key = Key(repository, call);
        var before = call.Documents.Get("environment", key);
        var environment = new JsonObject
        {
            ["id"] = before.Number("id") ?? call.Documents.Next("environment"),
            ["name"] = before.Text("name") ?? call["environment"],
            ["created_at"] = before.Text("created_at") ?? call.Now.Seconds(),
            ["wait_timer"] = body.Number("wait_timer") ?? 0,
            ["prevent_self_review"] = body.Flag("prevent_self_review"),
            ["reviewers"] = reviewers.Copy(),
            ["deployment_branch_policy"] = body["deployment_branch_policy"].Copy(),
        };
        call.Documents.Put("environment", key, environment);
        return Reply.Json(200, Shown(call, environment));
    }

    private Reply Delete(Call call)
    {
        var repository = repositories.FindWritable(call);
        var key = Key(repository, call);
        call.Documents.DeleteAll("variable", $"{key}/");
        call.Documents.DeleteAll("secret", $"{key}/");
        return call.Documents.Delete("environment", key) ? Reply.Empty(204) : GitHubErrors.NotFound();
    }

    /// <summary>A reviewer must be able to read the repository already.</summary>
    private void CheckReviewer(Call call, JsonObject repository, JsonNode? reviewer)
    {
        var id = reviewer.Number("id") ?? 0;
        var allowed = reviewer.Text("type") switch
        {
            "Team" => directory.TeamById(call.Documents, id) is { } team && TeamGrants.GrantOf(call.Documents, repository, team.Text("slug")!) is not null,
            "User" => directory.UserById(call.Documents, id) is not null,
            _ => false,
        };
        if (!allowed)
        {
            throw new Refusal(GitHubErrors.Reply(
                422, "Validation Failed", [$"Reviewer {reviewer.Text("type")} {id} does not exist or has no read access to the repository"]));
        }
    }

    private JsonObject Shown(Call call, JsonObject environment)
    {
        var rules = new JsonArray();
        if (environment.Number("wait_timer") > 0)
        {
            rules.Add((JsonNode)new JsonObject { ["type"] = "wait_timer", ["wait_timer"] = environment.Number("wait_timer") });
        }

        if (environment.Array("reviewers") is { Count: > 0 } reviewers)
        {
            rules.Add((JsonNode)new JsonObject
            {
                ["type"] = "required_reviewers",
                ["prevent_self_review"] = environment.Flag("prevent_self_review"),
                ["reviewers"] = Json.ToArray(reviewers.Select(r => (JsonNode)new JsonObject
                {
                    ["type"] = r.Text("type"),
                    ["reviewer"] = (r.Text("type") == "Team" ? directory.TeamById(call.Documents, r.Number("id") ?? 0) : directory.UserById(call.Documents, r.Number("id") ?? 0))?.DeepClone(),
                })),
            });
        }

        if (environment["deployment_branch_policy"] is not null)
        {
            rules.Add((JsonNode)new JsonObject { ["type"] = "branch_policy" });
        }

        return new JsonObject
        {
            ["id"] = environment.Number("id"),
            ["name"] = environment.Text("name"),
            ["url"] = call.BaseUrl + call.RawPath,
            ["created_at"] = environment.Text("created_at"),
            ["protection_rules"] = rules,
            ["deployment_branch_policy"] = environment["deployment_branch_policy"].Copy(),
        };
    }
}
