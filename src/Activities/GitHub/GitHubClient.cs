using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Onramp.Activities.Http;
using Temporalio.Exceptions;

namespace Onramp.Activities.GitHub;

/// <summary>A repository as far as onboarding looks at it.</summary>
internal sealed record Repository(
    long Id, string FullName, string Description, string HtmlUrl, string CloneUrl, string DefaultBranch, string Visibility, bool Archived, DateTimeOffset CreatedAt);

/// <summary>A file in a repository.</summary>
internal sealed record RepositoryFile(string Sha);

/// <summary>Which repository, and since when: shortly after that, "not found" below it means "not yet".</summary>
internal sealed record RepositoryRef(string Owner, string Name, DateTimeOffset CreatedAt);

/// <summary>GitHub's REST API as far as onboarding needs it, pinned to version 2022-11-28.</summary>
internal sealed class GitHubClient(HttpClient http, IGitHubCredentials credentials, TimeProvider time) : RestClient(http, "GitHub")
{
    private const string ApiVersion = "2022-11-28";

    /// <summary>How long "not found" below a new repository means "not yet".</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);

    private readonly TimeProvider time = time;

    public async Task<Repository?> FindRepositoryAsync(string owner, string name, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(HttpMethod.Get, Repo(new RepositoryRef(owner, name, default)), null, cancellationToken, HttpStatusCode.NotFound);
        return reply.StatusCode == HttpStatusCode.NotFound ? null : Read(reply.Object);
    }

    /// <summary>Generates from a template; null when the name is taken, by whoever.</summary>
    public async Task<Repository?> GenerateAsync(string template, string owner, string name, string description, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["owner"] = owner,
            ["name"] = name,
            ["description"] = description,
            ["private"] = true,
            ["include_all_branches"] = false,
        };
        var path = $"repos/{template}/generate";
        var reply = await SendAsync(HttpMethod.Post, path, body, cancellationToken);
        if (GitHubErrors.IsNameTaken(reply))
            return null;
        return reply.IsSuccess ? Read(reply.Object) : throw Failure(reply, $"POST {path}");
    }

    public Task SetVisibilityAsync(RepositoryRef repo, string visibility, CancellationToken cancellationToken) =>
        CallFreshAsync(repo, HttpMethod.Patch, Repo(repo), new JsonObject { ["visibility"] = visibility }, cancellationToken);

    public Task SetTopicsAsync(RepositoryRef repo, IEnumerable<string> topics, CancellationToken cancellationToken) =>
        CallFreshAsync(repo, HttpMethod.Put, $"{Repo(repo)}/topics", new JsonObject { ["names"] = Strings(topics) }, cancellationToken);

    public Task DeleteRepositoryAsync(RepositoryRef repo, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Delete, Repo(repo), null, cancellationToken, HttpStatusCode.NotFound);

    public Task ArchiveRepositoryAsync(RepositoryRef repo, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Patch, Repo(repo), new JsonObject { ["archived"] = true }, cancellationToken);

    /// <summary>Messages of the newest commits (at most 100); empty while the repository is.</summary>
    public async Task<IReadOnlyList<string>> ListCommitMessagesAsync(RepositoryRef repo, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(
            HttpMethod.Get, $"{Repo(repo)}/commits?per_page=100", null, cancellationToken, HttpStatusCode.NotFound, HttpStatusCode.Conflict);
        return reply.IsSuccess ? reply.Json is JsonArray commits ? commits.Select(c => c.Text("commit", "message") ?? "").ToList() : [] : [];
    }

    /// <summary>Whether the branch is there; a repository just generated has none.</summary>
    public async Task<bool> HasBranchAsync(RepositoryRef repo, string branch, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(
            HttpMethod.Get, $"{Repo(repo)}/branches/{Escape(branch)}", null, cancellationToken, HttpStatusCode.NotFound, HttpStatusCode.Conflict);
        return reply.IsSuccess;
    }

    /// <summary>Prefix of the subject in OIDC tokens of this repository's workflows; new repositories carry ids in it.</summary>
    public async Task<string> GetOidcSubjectPrefixAsync(RepositoryRef repo, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(HttpMethod.Get, $"{Repo(repo)}/actions/oidc/customization/sub", null, cancellationToken, HttpStatusCode.NotFound);
        return reply.Json.Text("sub_claim_prefix") ?? $"repo:{repo.Owner}/{repo.Name}";
    }

    public async Task<long?> FindTeamIdAsync(string organization, string slug, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(HttpMethod.Get, $"orgs/{Escape(organization)}/teams/{Escape(slug)}", null, cancellationToken, HttpStatusCode.NotFound);
        return reply.IsSuccess ? long.Parse(reply.Json.Text("id")!) : null;
    }

    public async Task<bool> HasTeamAsync(string organization, string slug, RepositoryRef repo, CancellationToken cancellationToken) =>
        (await CallAsync(HttpMethod.Get, TeamRepo(organization, slug, repo), null, cancellationToken, HttpStatusCode.NotFound)).IsSuccess;

    public Task GrantTeamAsync(string organization, string slug, RepositoryRef repo, string permission, CancellationToken cancellationToken) =>
        CallFreshAsync(repo, HttpMethod.Put, TeamRepo(organization, slug, repo), new JsonObject { ["permission"] = permission }, cancellationToken);

    public Task RevokeTeamAsync(string organization, string slug, RepositoryRef repo, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Delete, TeamRepo(organization, slug, repo), null, cancellationToken, HttpStatusCode.NotFound);

    public async Task<RepositoryFile?> FindFileAsync(RepositoryRef repo, string path, string branch, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(
            HttpMethod.Get, $"{Content(repo, path)}?ref={Escape(branch)}", null, cancellationToken, HttpStatusCode.NotFound, HttpStatusCode.Conflict);
        return reply.IsSuccess && reply.Json.Text("sha") is { } sha ? new RepositoryFile(sha) : null;
    }

    /// <summary>Writes a file; false when somebody else changed it in between and it must be read again.</summary>
    public async Task<bool> TryWriteFileAsync(
        RepositoryRef repo, string path, string branch, string content, string? replaces, string message, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["message"] = message,
            ["content"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(content)),
            ["branch"] = branch,
        };
        if (replaces is not null)
            body["sha"] = replaces;
        var target = Content(repo, path);
        var reply = await SendAsync(HttpMethod.Put, target, body, cancellationToken);
        if (reply.Status == 409 || (reply.Status == 422 && reply.Text.Contains("sha", StringComparison.Ordinal)))
            return false;
        return reply.IsSuccess ? true : throw GitHubErrors.Classify(reply, $"PUT {target}", fresh: IsFresh(repo), time.GetUtcNow());
    }

    public Task DeleteFileAsync(RepositoryRef repo, string path, string branch, string sha, string message, CancellationToken cancellationToken) =>
        CallAsync(
            HttpMethod.Delete,
            Content(repo, path),
            new JsonObject { ["message"] = message, ["sha"] = sha, ["branch"] = branch },
            cancellationToken,
            HttpStatusCode.NotFound);

    public async Task<bool> HasEnvironmentAsync(RepositoryRef repo, string environment, CancellationToken cancellationToken) =>
        (await CallAsync(HttpMethod.Get, EnvironmentPath(repo, environment), null, cancellationToken, HttpStatusCode.NotFound)).IsSuccess;

    /// <summary>Creates or replaces an environment; false when the plan has no reviewers.</summary>
    public async Task<bool> TryPutEnvironmentAsync(RepositoryRef repo, string environment, long? reviewerTeamId, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["deployment_branch_policy"] = new JsonObject { ["protected_branches"] = true, ["custom_branch_policies"] = false },
        };
        if (reviewerTeamId is { } id)
        {
            body["prevent_self_review"] = true;
            body["reviewers"] = new JsonArray(new JsonObject { ["type"] = "Team", ["id"] = id });
        }
        var path = EnvironmentPath(repo, environment);
        var reply = await SendAsync(HttpMethod.Put, path, body, cancellationToken);
        if (reviewerTeamId is not null && GitHubErrors.IsPlanLimit(reply))
            return false;
        return reply.IsSuccess ? true : throw GitHubErrors.Classify(reply, $"PUT {path}", fresh: IsFresh(repo), time.GetUtcNow());
    }

    public Task DeleteEnvironmentAsync(RepositoryRef repo, string environment, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Delete, EnvironmentPath(repo, environment), null, cancellationToken, HttpStatusCode.NotFound);

    public async Task<IReadOnlyList<string>> ListVariablesAsync(RepositoryRef repo, string environment, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(
            HttpMethod.Get, $"{EnvironmentPath(repo, environment)}/variables?per_page=30", null, cancellationToken, HttpStatusCode.NotFound);
        return reply.Json.Items("variables").Select(v => v.Text("name")!).ToList();
    }

    /// <summary>Sets a variable of an environment: creation is refused when it exists, so that is answered by an update.</summary>
    public async Task SetVariableAsync(RepositoryRef repo, string environment, string variable, string value, CancellationToken cancellationToken)
    {
        var path = $"{EnvironmentPath(repo, environment)}/variables";
        var reply = await SendAsync(HttpMethod.Post, path, new JsonObject { ["name"] = variable, ["value"] = value }, cancellationToken);
        if (reply.Status == 409)
        {
            path = $"{path}/{variable}";
            reply = await SendAsync(HttpMethod.Patch, path, new JsonObject { ["name"] = variable, ["value"] = value }, cancellationToken);
        }
        if (!reply.IsSuccess)
            throw GitHubErrors.Classify(reply, $"POST {path}", fresh: IsFresh(repo), time.GetUtcNow());
    }

    public Task DeleteVariableAsync(RepositoryRef repo, string environment, string variable, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Delete, $"{EnvironmentPath(repo, environment)}/variables/{variable}", null, cancellationToken, HttpStatusCode.NotFound);

    public async Task<bool> IsProtectedAsync(RepositoryRef repo, string branch, CancellationToken cancellationToken) =>
        (await CallAsync(HttpMethod.Get, Protection(repo, branch), null, cancellationToken, HttpStatusCode.NotFound, HttpStatusCode.Forbidden)).IsSuccess;

    /// <summary>Protects a branch; false when the organization's plan has no protection for such a repository.</summary>
    public async Task<bool> TryProtectAsync(
        RepositoryRef repo, string branch, IEnumerable<string> checks, IEnumerable<string> bypassApps, CancellationToken cancellationToken)
    {
        var path = Protection(repo, branch);
        var reply = await SendAsync(HttpMethod.Put, path, BranchProtection.Body(checks, bypassApps), cancellationToken);
        if (GitHubErrors.IsPlanLimit(reply))
            return false;
        return reply.IsSuccess ? true : throw GitHubErrors.Classify(reply, $"PUT {path}", fresh: IsFresh(repo), time.GetUtcNow());
    }

    public Task UnprotectAsync(RepositoryRef repo, string branch, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Delete, Protection(repo, branch), null, cancellationToken, HttpStatusCode.NotFound);

    private bool IsFresh(RepositoryRef repo) => time.GetUtcNow() - repo.CreatedAt < Freshness;

    protected override async ValueTask AuthorizeAsync(HttpRequestMessage request, bool refresh, CancellationToken cancellationToken) =>
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await credentials.GetTokenAsync(refresh, cancellationToken));

    protected override void Prepare(HttpRequestMessage request)
    {
        request.Headers.Accept.Clear();
        request.Headers.Accept.ParseAdd("application/vnd.github+json");
        request.Headers.Add("X-GitHub-Api-Version", ApiVersion);
    }

    protected override ApplicationFailureException Failure(ApiReply reply, string what) =>
        GitHubErrors.Classify(reply, what, fresh: false, time.GetUtcNow());

    /// <summary>A write below a repository that can be so new that it is not seen everywhere.</summary>
    private async Task CallFreshAsync(RepositoryRef repo, HttpMethod method, string path, JsonNode body, CancellationToken cancellationToken)
    {
        var reply = await SendAsync(method, path, body, cancellationToken);
        if (!reply.IsSuccess)
            throw GitHubErrors.Classify(reply, $"{method} {path}", fresh: IsFresh(repo), time.GetUtcNow());
    }

    private static Repository Read(JsonObject r) => new(
        long.Parse(r.Text("id")!),
        r.Text("full_name")!,
        r.Text("description") ?? "",
        r.Text("html_url")!,
        r.Text("clone_url") ?? "",
        r.Text("default_branch") ?? "main",
        r.Text("visibility") ?? "private",
        r.Flag("archived"),
        DateTimeOffset.Parse(r.Text("created_at")!, global::System.Globalization.CultureInfo.InvariantCulture));

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(v => (JsonNode)v)]);

    private static string Repo(RepositoryRef repo) => $"repos/{Escape(repo.Owner)}/{Escape(repo.Name)}";

    private static string TeamRepo(string organization, string slug, RepositoryRef repo) =>
        $"orgs/{Escape(organization)}/teams/{Escape(slug)}/{Repo(repo)}";

    private static string Content(RepositoryRef repo, string path) =>
        $"{Repo(repo)}/contents/{string.Join('/', path.Split('/').Select(Escape))}";

    private static string EnvironmentPath(RepositoryRef repo, string environment) => $"{Repo(repo)}/environments/{Escape(environment)}";

    private static string Protection(RepositoryRef repo, string branch) => $"{Repo(repo)}/branches/{Escape(branch)}/protection";

    private static string Escape(string part) => Uri.EscapeDataString(part);
}
