using System.Globalization;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.GitHub;

/// <summary>Branch protection and rulesets.</summary>
internal sealed class Protection(Repositories repositories, GitHubDirectory directory, SandboxOptions options)
{
    private const string Branch = "/repos/{owner}/{repo}/branches/{**branch}";

    private static readonly string[] s_required = ["required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions"];

    private static readonly string[] s_switches =
    [
        "required_linear_history", "allow_force_pushes", "allow_deletions", "block_creations", "required_conversation_resolution", "lock_branch",
        "allow_fork_syncing",
    ];

    public IReadOnlyList<Route> Routes =>
    [
        new("PUT", Branch + "/protection", Put),
        new("GET", Branch + "/protection", Show),
        new("DELETE", Branch + "/protection", Delete),
        new("GET", Branch, ShowBranch),
        new("GET", "/repos/{owner}/{repo}/rulesets", ListRulesets),
        new("POST", "/repos/{owner}/{repo}/rulesets", CreateRuleset),
        new("GET", "/repos/{owner}/{repo}/rulesets/{ruleset}", call => Reply.Json(200, Ruleset(call).Body)),
        new("PUT", "/repos/{owner}/{repo}/rulesets/{ruleset}", ReplaceRuleset),
        new("DELETE", "/repos/{owner}/{repo}/rulesets/{ruleset}", DeleteRuleset),
    ];

    private static Reply BranchNotFound() => GitHubErrors.Reply(404, "Branch not found");

    private (JsonObject Repository, string Key) Open(Call call)
    {
        var repository = call.Method == "GET" ? repositories.Find(call) : repositories.FindWritable(call);
        return Repositories.Git(call, repository).Branch(call["branch"]) is null
            ? throw new Refusal(BranchNotFound())
            : (repository, Repositories.Prefix(repository) + call["branch"]);
    }

    private void CheckPlan(JsonObject repository)
    {
        if (!options.GitHubPaidPlan && repository.Flag("private"))
        {
            throw GitHubErrors.Refuse(403, "Upgrade to GitHub Pro or make this repository public to enable this feature.");
        }
    }

    private Reply Put(Call call)
    {
        var (repository, key) = Open(call);
        CheckPlan(repository);
        var body = call.Object();
        var missing = s_required.Where(name => !body.ContainsKey(name)).ToList();
        if (missing.Count > 0)
        {
            return GitHubErrors.Reply(
                422,
                $"Invalid request.\n\n{string.Join(", ", missing.Select(m => $"\"{m}\""))} {(missing.Count == 1 ? "wasn't" : "weren't")} supplied.");
        }

        if (body.Number("required_pull_request_reviews", "required_approving_review_count") is { } count and (< 0 or > 6))
        {
            return GitHubErrors.Reply(422, "Validation Failed", [$"required_approving_review_count {count} must be between 0 and 6"]);
        }

        foreach (var slug in body.Texts("restrictions", "teams").Concat(body.Texts("required_pull_request_reviews", "bypass_pull_request_allowances", "teams")))
        {
            if (!call.Documents.Has("team", slug.ToLowerInvariant()))
            {
                return GitHubErrors.Reply(422, "Validation Failed", [$"Team {slug} not found"]);
            }
        }

        call.Documents.Put("protection", key, body);
        return Reply.Json(200, Shown(call, body));
    }

    private Reply Show(Call call)
    {
        var (_, key) = Open(call);
        return call.Documents.Get("protection", key) is { } protection
            ? Reply.Json(200, Shown(call, protection))
            : GitHubErrors.Reply(404, "Branch not protected");
    }

    private Reply Delete(Call call)
    {
        var (_, key) = Open(call);
        return call.Documents.Delete("protection", key) ? Reply.Empty(204) : GitHubErrors.Reply(404, "Branch not protected");
    }

    private Reply ShowBranch(Call call)
    {
        var (repository, key) = Open(call);
        var git = Repositories.Git(call, repository);
        var sha = git.Branch(call["branch"])!;
        return Reply.Json(200, new JsonObject
        {
            ["name"] = call["branch"],
            ["commit"] = Contents.ShownCommit(call, repository, sha, git.Commit(sha)!),
            ["protected"] = call.Documents.Has("protection", key),
            ["protection_url"] = $"{call.BaseUrl}{call.RawPath}/protection",
        });
    }

    private JsonObject Shown(Call call, JsonObject protection)
    {
        var url = call.BaseUrl + call.RawPath;
        var shown = new JsonObject { ["url"] = url };
        if (protection.Object("required_status_checks") is { } checks)
        {
            var contexts = checks.Texts("contexts").Concat((checks.Array("checks") ?? []).Select(c => c.Text("context")).OfType<string>()).ToList();
            shown["required_status_checks"] = new JsonObject
            {
                ["url"] = url + "/required_status_checks",
                ["strict"] = checks.Flag("strict"),
                ["contexts"] = Json.TextArray(contexts),
                ["checks"] = Json.ToArray(contexts.Select(c => (JsonNode)new JsonObject { ["context"] = c, ["app_id"] = null })),
            };
        }

        if (protection.Object("required_pull_request_reviews") is { } reviews)
        {
            var copy = reviews.Copy();
            copy["url"] = url + "/required_pull_request_reviews";
            if (copy.Object("bypass_pull_request_allowances") is { } bypass)
            {
                copy["bypass_pull_request_allowances"] = Actors(call, bypass);
            }

            shown["required_pull_request_reviews"] = copy;
        }

        if (protection.Object("restrictions") is { } restrictions)
        {
            shown["restrictions"] = Actors(call, restrictions);
        }

        shown["enforce_admins"] = new JsonObject { ["url"] = url + "/enforce_admins", ["enabled"] = protection.Flag("enforce_admins") };
        foreach (var name in s_switches)
        {
            shown[name] = new JsonObject { ["enabled"] = protection.Flag(name) };
        }

        return shown;
    }

    private JsonObject Actors(Call call, JsonObject names) => new()
    {
        ["users"] = Json.ToArray(names.Texts("users").Select(u => (JsonNode)new JsonObject { ["login"] = u })),
        ["teams"] = Json.ToArray(names.Texts("teams").Select(t => (JsonNode)directory.Team(call.Documents, t).Copy())),
        ["apps"] = Json.ToArray(names.Texts("apps").Select(a => (JsonNode)new JsonObject { ["slug"] = a })),
    };

    private (string Key, JsonObject Body) Ruleset(Call call)
    {
        var key = Repositories.Prefix(repositories.Find(call)) + call["ruleset"].PadLeft(9, '0');
        return call.Documents.Get("ruleset", key) is { } ruleset ? (key, ruleset) : throw new Refusal(GitHubErrors.NotFound());
    }

    private Reply ListRulesets(Call call) =>
        call.Page([.. call.Documents.List("ruleset", Repositories.Prefix(repositories.Find(call))).Select(r => (JsonNode)r.Body)]);

    private Reply CreateRuleset(Call call)
    {
        var repository = repositories.FindWritable(call);
        CheckPlan(repository);
        var body = call.Object();
        CheckRuleset(call, repository, body, except: null);
        var id = call.Documents.Next("ruleset");
        body["id"] = id;
        body["source_type"] = "Repository";
        body["source"] = $"{repository.Text("owner")}/{repository.Text("name")}";
        call.Documents.Put("ruleset", Repositories.Prefix(repository) + id.ToString("D9", CultureInfo.InvariantCulture), body);
        return Reply.Json(201, body);
    }

    private Reply ReplaceRuleset(Call call)
    {
        var repository = repositories.FindWritable(call);
        var (key, before) = Ruleset(call);
        var body = before.Copy();
        foreach (var (name, value) in call.Object())
        {
            body[name] = value.Copy();
        }

        CheckRuleset(call, repository, body, before.Number("id"));
        call.Documents.Put("ruleset", key, body);
        return Reply.Json(200, body);
    }

    private Reply DeleteRuleset(Call call)
    {
        repositories.FindWritable(call);
        call.Documents.Delete("ruleset", Ruleset(call).Key);
        return Reply.Empty(204);
    }

    private static void CheckRuleset(Call call, JsonObject repository, JsonObject body, long? except)
    {
        if (string.IsNullOrWhiteSpace(body.Text("name")) || body.Text("enforcement") is not ("active" or "disabled" or "evaluate"))
        {
            throw GitHubErrors.Refuse(422, $"Invalid request.\n\n\"{(body.Text("name") is null ? "name" : "enforcement")}\" wasn't supplied.");
        }

        if (call.Documents.List("ruleset", Repositories.Prefix(repository)).Exists(r => r.Body.Text("name") == body.Text("name") && r.Body.Number("id") != except))
        {
            throw new Refusal(GitHubErrors.Reply(422, "Validation Failed", ["Name must be unique"]));
        }
    }
}
