using System.Text;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.GitHub;

/// <summary>
/// The OIDC tokens of workflows: whose subject is made the way that the repository says, or the organization where the repository leaves it to
/// that. The settings are GitHub's API; a token is what a job would get that runs for an environment.
/// </summary>
internal sealed class WorkflowTokens(Repositories repositories, GitHubDirectory directory)
{
    public const string Issuer = "https://token.actions.githubusercontent.com";

    private const string Repository = "/repos/{owner}/{repo}/actions/oidc/customization/sub";
    private const string Organization = "/orgs/{org}/actions/oidc/customization/sub";

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", Repository, ShowSubject),
        new("PUT", Repository, PutSubject),
        new("GET", Organization, ShowTemplate),
        new("PUT", Organization, PutTemplate),
    ];

    /// <summary>A job's token, by <c>owner</c>, <c>repo</c>, <c>environment</c> and <c>audience</c>. Nobody checks its signature here.</summary>
    public Reply Issue(Documents documents, Call call)
    {
        if (documents.Get("repository", $"{call.Parameter("owner")}/{call.Parameter("repo")}".ToLowerInvariant()) is not { } repository)
        {
            return GitHubErrors.NotFound();
        }

        var environment = call.Parameter("environment") ?? "";
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = call.Parameter("audience") ?? "",
            ["sub"] = Subject(documents, repository, environment),
            ["repository"] = $"{repository.Text("owner")}/{repository.Text("name")}",
            ["environment"] = environment,
            ["exp"] = call.Now.AddMinutes(5).ToUnixTimeSeconds(),
        };
        return Reply.Json(200, new JsonObject { ["value"] = $"{Part(new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT" })}.{Part(claims)}.c2lnbmF0dXJl" });
    }

    private static string Part(JsonObject part) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(part.ToJsonString(Json.Compact))).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private string Subject(Documents documents, JsonObject repository, string environment)
    {
        var own = documents.Get("oidc", Repositories.Prefix(repository) + "sub");
        var custom = own is not null && own["use_default"] is not null && !own.Flag("use_default");
        var claims = !custom ? null : own!.Array("include_claim_keys") ?? documents.Get("oidc-template", repository.Text("owner")!.ToLowerInvariant()).Array("include_claim_keys");
        var context = environment.Length > 0 ? $"environment:{environment}" : $"ref:refs/heads/{repository.Text("default_branch")}";
        return claims is null
            ? $"{Prefix(documents, repository)}:{context}"
            : string.Join(':', claims.Select(c => Claim(documents, repository, c!.ToString(), environment, context)));
    }

    private string Claim(Documents documents, JsonObject repository, string claim, string environment, string context)
    {
        var (owner, name) = (repository.Text("owner")!, repository.Text("name")!);
        return claim switch
        {
            "repo" => Prefix(documents, repository),
            "context" => context,
            "environment" => $"environment:{environment}",
            "repository" => $"repository:{owner}/{name}",
            "repository_id" => $"repository_id:{repository.Number("id")}",
            "repository_owner" => $"repository_owner:{owner}",
            "repository_owner_id" => $"repository_owner_id:{repositories.OrganizationId(documents, owner)}",
            "repository_visibility" => $"repository_visibility:{repository.Text("visibility") ?? (repository.Flag("private") ? "private" : "public")}",
            "job_workflow_ref" => $"job_workflow_ref:{owner}/{name}/.github/workflows/ci-cd.yaml@refs/heads/{repository.Text("default_branch")}",
            _ => $"{claim}:{claim}",
        };
    }

    private bool IsImmutable(Documents documents, JsonObject repository) =>
        documents.Get("oidc", Repositories.Prefix(repository) + "sub") is { } own && own["use_immutable_subject"] is not null
            ? own.Flag("use_immutable_subject")
            : repositories.ImmutableSubjects;

    private string Prefix(Documents documents, JsonObject repository)
    {
        var (owner, name) = (repository.Text("owner")!, repository.Text("name")!);
        return IsImmutable(documents, repository)
            ? $"repo:{owner}@{repositories.OrganizationId(documents, owner)}/{name}@{repository.Number("id")}"
            : $"repo:{owner}/{name}";
    }

    private Reply ShowSubject(Call call)
    {
        var repository = repositories.Find(call);
        var custom = call.Documents.Get("oidc", Repositories.Prefix(repository) + "sub");
        var shown = new JsonObject
        {
            ["use_default"] = custom?["use_default"] is null || custom.Flag("use_default"),
            ["use_immutable_subject"] = IsImmutable(call.Documents, repository),
            ["sub_claim_prefix"] = Prefix(call.Documents, repository),
        };
        if (custom?["include_claim_keys"] is { } claims)
        {
            shown["include_claim_keys"] = claims.Copy();
        }

        return Reply.Json(200, shown);
    }

    private Reply PutSubject(Call call)
    {
        var repository = repositories.FindWritable(call);
        call.Documents.Put("oidc", Repositories.Prefix(repository) + "sub", call.Object());
        return Reply.Json(201, new JsonObject());
    }

    private Reply ShowTemplate(Call call)
    {
        directory.Organization(call.Documents, call["org"]);
        return Reply.Json(200, new JsonObject
        {
            ["include_claim_keys"] = call.Documents.Get("oidc-template", call["org"].ToLowerInvariant())?["include_claim_keys"].Copy() ?? Json.TextArray("repo", "context"),
        });
    }

    private Reply PutTemplate(Call call)
    {
        directory.Organization(call.Documents, call["org"]);
        if (call.Object().Array("include_claim_keys") is not { Count: > 0 } claims)
        {
            return GitHubErrors.Reply(422, "Invalid request.\n\n\"include_claim_keys\" wasn't supplied.");
        }

        call.Documents.Put("oidc-template", call["org"].ToLowerInvariant(), new JsonObject { ["include_claim_keys"] = claims.Copy() });
        return Reply.Json(201, new JsonObject());
    }
}
