using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.GitHub;

/// <summary>GitHub's REST API, version 2022-11-28, as far as a platform uses it.</summary>
internal sealed class GitHubSystem : SandboxSystem
{
    private static readonly string[] s_versions = ["2022-11-28", "2026-03-10"];
    private readonly GitHubAuthentication _authentication;
    private readonly GitHubRateLimit _rateLimit;
    private readonly GitHubSecondaryLimit _secondaryLimit;
    private readonly Repositories _repositories;
    private readonly GitHubDirectory _directory;
    private readonly WorkflowTokens _workflowTokens;
    private readonly int _maxPageSize;

    public GitHubSystem(SandboxContext context)
    {
        _authentication = new GitHubAuthentication(context);
        _rateLimit = new GitHubRateLimit(context.Options.GitHubRateLimit);
        _secondaryLimit = new GitHubSecondaryLimit(context.Options);
        _maxPageSize = context.Options.GitHubMaxPageSize;
        _directory = new GitHubDirectory(context);
        _repositories = new Repositories(context, _directory);
        _workflowTokens = new WorkflowTokens(_repositories, _directory);
        Routes =
        [
            new("GET", "/rate_limit", call => Reply.Json(200, _rateLimit.Describe(call))),
            new("GET", "/zen", _ => Reply.Text(200, "Keep it logically awesome.")),
            new("GET", "/meta", _ => Reply.Json(200, new JsonObject { ["verifiable_password_authentication"] = false })),
            .. _authentication.Routes,
            .. _directory.Routes,
            .. _repositories.Routes,
            .. new TeamGrants(_repositories, _directory).Routes,
            .. new Contents(_repositories).Routes,
            .. new GitData(_repositories).Routes,
            .. new Protection(_repositories, _directory, context.Options).Routes,
            .. new Environments(_repositories, _directory, context.Options).Routes,
            .. new ActionsSettings(_repositories).Routes,
            .. _workflowTokens.Routes,
            .. new WorkflowRuns(_repositories, context.Options).Routes,
            .. new Issues(_repositories).Routes,
            .. new Pages(_repositories).Routes,
        ];
    }

    public override string Name => "github";

    public override IReadOnlyList<Route> Routes { get; }

    public override void Seed(Documents documents)
    {
        _secondaryLimit.Reset();
        _directory.Seed(documents);
        _repositories.Seed(documents);
    }

    public override void OnDue(Documents documents, string action, string key)
    {
        if (action == "populate")
        {
            _repositories.Populate(documents, key);
        }
    }

    public override Reply? Ask(Documents documents, Call call, string what) => what == "id-token" ? _workflowTokens.Issue(documents, call) : null;

    public override bool IsTransient(string kind) => kind is "installation-token";

    /// <summary>A repository is known by its number too, with everything below it.</summary>
    public override string RoutedPath(Call call) =>
        Route.Segments(call.RawPath) is ["repositories", var id, .. var rest] && Repositories.ById(call.Documents, id) is { } repository
            ? $"/repos/{repository.Text("owner")}/{repository.Text("name")}{string.Concat(rest.Select(r => "/" + r))}"
            : call.RawPath;

    public override Reply? Authenticate(Call call)
    {
        call.MaxPageSize = _maxPageSize;
        if (call.RawPath.Length > 1 && call.RawPath.EndsWith('/'))
        {
            return GitHubErrors.NotFound();
        }

        if (string.IsNullOrWhiteSpace(call.Header("User-Agent")))
        {
            return Reply.Text(403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.\n");
        }

        if (call.Header("X-GitHub-Api-Version") is { } version && !s_versions.Contains(version, StringComparer.Ordinal))
        {
            return GitHubErrors.Reply(400, $"The API version '{version}' is not supported.");
        }

        return _authentication.Authenticate(call) ?? _secondaryLimit.Spend(call) ?? _rateLimit.Spend(call);
    }

    public override Reply Error(Call call, int status) => status switch
    {
        401 => GitHubErrors.Reply(401, "Bad credentials"),
        403 => GitHubErrors.Reply(403, "Resource not accessible by integration").With("X-Accepted-GitHub-Permissions", "administration=write"),
        404 or 405 => GitHubErrors.NotFound(),
        409 => GitHubErrors.Reply(409, "Conflict"),
        422 => GitHubErrors.Validation("Validation Failed", "custom", "name", "the request could not be processed"),
        429 => GitHubErrors.Reply(429, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.").With("Retry-After", "1"),
        >= 500 => GitHubErrors.Reply(status, "Server Error"),
        _ => GitHubErrors.Reply(status, "Problems parsing JSON"),
    };

    public override Reply Finish(Call call, Reply reply)
    {
        if (call.Method is "GET" && reply.Status == 200 && call.Values.Count + reply.Body.Length > 0)
        {
            var tag = $"W/\"{Convert.ToHexStringLower(SHA256.HashData(reply.Body.Span))}\"";
            if (call.Header("If-None-Match") == tag)
            {
                _rateLimit.GiveBack(call);
                reply = Reply.Empty(304);
            }

            reply.With("ETag", tag);
        }

        _rateLimit.AddHeaders(call, reply);
        return reply
            .With("X-GitHub-Request-Id", Convert.ToHexString(RandomNumberGenerator.GetBytes(8)))
            .With("X-GitHub-Media-Type", "github.v3; format=json")
            .With("X-GitHub-Api-Version-Selected", call.Header("X-GitHub-Api-Version") ?? s_versions[0]);
    }
}

/// <summary>Primary rate limit: so many requests an hour for each caller, told in the headers of every answer.</summary>
internal sealed class GitHubRateLimit(int limit)
{
    private readonly Dictionary<string, (long Reset, int Used)> _windows = new(StringComparer.Ordinal);

    public Reply? Spend(Call call)
    {
        var (reset, used) = Window(call);
        if (used >= limit)
        {
            return call.RawPath == "/rate_limit" ? null : GitHubErrors.Reply(403, $"API rate limit exceeded for {call.Caller}.");
        }

        _windows[call.Caller] = (reset, call.RawPath == "/rate_limit" ? used : used + 1);
        return null;
    }

    public void GiveBack(Call call)
    {
        var (reset, used) = Window(call);
        _windows[call.Caller] = (reset, Math.Max(0, used - 1));
    }

    public void AddHeaders(Call call, Reply reply)
    {
        var (reset, used) = Window(call);
        reply.Headers.TryAdd("x-ratelimit-limit", Text(limit));
        reply.Headers.TryAdd("x-ratelimit-remaining", Text(limit - used));
        reply.Headers.TryAdd("x-ratelimit-used", Text(used));
        reply.Headers.TryAdd("x-ratelimit-reset", Text(reset));
        reply.Headers.TryAdd("x-ratelimit-resource", "core");
    }

    public JsonObject Describe(Call call)
    {
        var (reset, used) = Window(call);
        JsonObject Core() => new() { ["limit"] = limit, ["remaining"] = limit - used, ["reset"] = reset, ["used"] = used, ["resource"] = "core" };
        return new JsonObject { ["resources"] = new JsonObject { ["core"] = Core() }, ["rate"] = Core() };
    }

    private (long Reset, int Used) Window(Call call)
    {
        var now = call.Now.ToUnixTimeSeconds();
        return _windows.TryGetValue(call.Caller, out var window) && window.Reset > now ? window : (now + 3600, 0);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
