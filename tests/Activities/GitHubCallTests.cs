using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Octokit;
using Onramp.Activities.GitHub;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;
using Temporalio.Testing;

namespace Onramp.Activities.Tests;

/// <summary>What holds for every call to GitHub, whether Octokit's typed clients make it or its connection does.</summary>
public sealed class GitHubCallTests(SandboxFixture fixture, AppSandboxFixture app) : IClassFixture<SandboxFixture>, IClassFixture<AppSandboxFixture>
{
    private static readonly string[] GitHubSteps =
        [StepIds.Repository, StepIds.Team, StepIds.Files, StepIds.GitHubEnvironment, StepIds.Protection];

    private readonly GitHubCalls calls = new();

    /// <summary>An activity, a method and a route of each way in which GitHub is called.</summary>
    public static TheoryData<string, string, string, string> Kinds => new()
    {
        { ActivityNames.CreateRepository, StepIds.Repository, "GET", "/repos/{owner}/{repo}" },
        { ActivityNames.GrantTeam, StepIds.Team, "PUT", "/orgs/{org}/teams/{slug}/repos/{owner}/{repo}" },
        { ActivityNames.CommitFiles, StepIds.Files, "PUT", "/repos/{owner}/{repo}/contents/{**path}" },
        { ActivityNames.CommitFiles, StepIds.Files, "GET", "/repos/{owner}/{repo}/contents/{**path}" },
        { ActivityNames.CreateEnvironment, StepIds.GitHubEnvironment, "PUT", "/repos/{owner}/{repo}/environments/{environment}" },
        { ActivityNames.ProtectBranch, StepIds.Protection, "PUT", "/repos/{owner}/{repo}/branches/{branch}/protection" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_failing_call_is_sent_once_and_left_to_Temporal(string activity, string step, string method, string route)
    {
        await using var run = await StartAsync();
        await run.DoUntilAsync(step);
        await run.AddFaultAsync(Fault(method, route, 503));

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => run.CallAsync(activity, [run.Input(step)]));

        (failure.ErrorType, await UsedAsync(run)).ShouldBe((ErrorTypes.Transient, 1));
    }

    [Fact]
    public async Task Every_call_says_which_step_it_belongs_to_who_calls_and_which_version_it_wants()
    {
        await using var run = await app.StartAsync(s => calls.Record(s));

        await DoAsync(run);
        await run.UndoAllAsync();

        calls.Sent.ShouldContain(c => c.Uri.AbsolutePath.EndsWith("/access_tokens"));
        calls.Sent.ShouldContain(c => c.Method == "GET" && c.Uri.AbsolutePath.Contains("/contents/"));
        calls.Sent.ShouldAllBe(c => c.Headers["X-Correlation-Id"].StartsWith("onboarding-orders-development/")
            && c.Headers["User-Agent"].StartsWith("onramp/")
            && c.Headers["X-GitHub-Api-Version"] == "2022-11-28"
            && c.Authorization!.Scheme == "Bearer"
            && (c.MediaType == null || c.MediaType == "application/json"));
    }

    [Fact]
    public async Task What_the_App_made_it_knows_as_its_own_and_takes_away()
    {
        await using var run = await app.StartAsync(s => calls.Record(s));
        await DoAsync(run);

        await run.UndoAllAsync();

        (await run.KeysAsync()).ShouldNotContain("github repository acme/orders");
    }

    [Fact]
    public async Task All_calls_share_one_pooled_handler()
    {
        await using var run = await StartAsync();

        await DoAsync(run);

        calls.Handlers.ShouldBe(1);
    }

    [Fact]
    public async Task A_servers_address_with_a_path_of_its_own_keeps_it()
    {
        await using var run = await StartAsync(
            rewrite: u => new UriBuilder(u) { Path = u.AbsolutePath.Replace("/api/v3/", "/") }.Uri,
            settings: ("Onramp:GitHub:BaseUrl", new Uri(fixture.Sandbox.GitHub, "/api/v3").ToString()));

        await DoAsync(run);
        await run.UndoAllAsync();

        // Next pages are where the sandbox says, which knows no such path.
        calls.Sent.Where(c => !c.Uri.Query.Contains("&page=")).ShouldAllBe(c => c.Uri.AbsolutePath.StartsWith("/api/v3/"));
    }

    [Fact]
    public async Task A_refused_installation_token_is_renewed_and_the_call_sent_again()
    {
        await using var run = await app.StartAsync(s => calls.Record(s));
        await run.DoAsync(StepIds.Repository);
        await run.AddFaultAsync(Fault("GET", "/orgs/{org}/teams/{slug}", 401, times: 1));

        await run.CallAsync(ActivityNames.GrantTeam, [run.Input(StepIds.Team)]);

        Renewals().ShouldBe(2);
    }

    [Fact]
    public async Task A_refused_installation_token_is_renewed_once_for_all_who_held_it()
    {
        await using var run = await app.StartAsync(s => calls.Record(s));
        var tokens = run.Service<IGitHubTokens>();
        var held = await tokens.GetAsync(null, CancellationToken.None);

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => tokens.GetAsync(held, CancellationToken.None).AsTask()));

        Renewals().ShouldBe(2);
    }

    [Fact]
    public async Task A_token_refused_again_after_its_renewal_is_a_matter_for_people()
    {
        await using var run = await app.StartAsync(s => calls.Record(s));
        await run.DoAsync(StepIds.Repository);
        await run.AddFaultAsync(Fault("GET", "/orgs/{org}/teams/{slug}", 401, times: 9));

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => run.CallAsync(ActivityNames.GrantTeam, [run.Input(StepIds.Team)]));

        (failure.ErrorType, await UsedAsync(run)).ShouldBe((ErrorTypes.PermissionDenied, 2));
    }

    [Fact]
    public async Task A_personal_token_that_is_refused_is_not_tried_again()
    {
        await using var run = await StartAsync();
        await run.DoAsync(StepIds.Repository);
        await run.AddFaultAsync(Fault("GET", "/orgs/{org}/teams/{slug}", 401, times: 9));

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => run.CallAsync(ActivityNames.GrantTeam, [run.Input(StepIds.Team)]));

        (failure.ErrorType, await UsedAsync(run)).ShouldBe((ErrorTypes.PermissionDenied, 1));
    }

    [Fact]
    public async Task A_redirect_to_another_host_is_refused_and_nothing_goes_there()
    {
        await using var run = await StartAsync();
        await run.DoAsync(StepIds.Repository);
        var fault = Fault("GET", "/orgs/{org}/teams/{slug}", 307);
        fault["headers"] = new JsonObject { ["Location"] = $"http://localhost:{fixture.Sandbox.GitHub.Port}/orgs/acme/teams/payments" };
        await run.AddFaultAsync(fault);

        (await Should.ThrowAsync<ApplicationFailureException>(() => run.CallAsync(ActivityNames.GrantTeam, [run.Input(StepIds.Team)])))
            .NonRetryable.ShouldBeTrue();

        calls.Sent.ShouldAllBe(c => c.Uri.Host == fixture.Sandbox.GitHub.Host);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(6, false)]
    public async Task Not_found_below_a_repository_means_not_yet_while_that_is_new(int minutesOld, bool retryable)
    {
        await using var run = await StartAsync();
        await run.DoUntilAsync(StepIds.Protection);
        await run.AddFaultAsync(Fault("PUT", "/repos/{owner}/{repo}/branches/{branch}/protection", 404));
        var facts = run.Facts.ToDictionary();
        facts[StepFacts.RepositoryCreatedAt] = (DateTimeOffset.UtcNow - TimeSpan.FromMinutes(minutesOld)).ToString("O");

        var failure = await Should.ThrowAsync<ApplicationFailureException>(
            () => run.CallAsync(ActivityNames.ProtectBranch, [run.Input(StepIds.Protection) with { Facts = facts }]));

        failure.NonRetryable.ShouldBe(!retryable);
    }

    [Fact]
    public async Task A_call_ends_with_the_activity_that_makes_it()
    {
        await using var run = await StartAsync();
        await run.DoAsync(StepIds.Repository);
        await run.AddFaultAsync(new JsonObject { ["system"] = "github", ["action"] = "delay", ["delayMilliseconds"] = 20_000 });
        using var cancel = new CancellationTokenSource();
        var environment = new ActivityEnvironment { CancellationTokenSource = cancel };

        var call = environment.RunAsync(() => run.CallAsync(ActivityNames.GrantTeam, [run.Input(StepIds.Team)]));
        await calls.WaitForAsync(c => c.Uri.AbsolutePath == "/orgs/acme/teams/payments");
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task An_answer_with_numbers_and_words_that_Octokit_does_not_know_is_read()
    {
        await using var run = await StartAsync();
        var fault = Fault("GET", "/repos/{owner}/{repo}", 200);
        fault["body"] = new JsonObject
        {
            ["id"] = 9_007_199_254_740_991,
            ["full_name"] = "acme/orders",
            ["visibility"] = "partners-only",
            ["owner"] = new JsonObject { ["login"] = "acme", ["id"] = 9_007_199_254_740_990, ["type"] = "Enterprise" },
            ["created_at"] = "2026-11-20T13:00:00Z",
            ["something_new"] = new JsonObject { ["deep"] = new JsonArray(1) },
        };
        await run.AddFaultAsync(fault);

        var found = await run.Service<IGitHubClient>().Repository.Get("acme", "orders");

        (found.Id, found.Visibility, found.Owner.Id, found.Owner.Type).ShouldBe((9_007_199_254_740_991, null, 9_007_199_254_740_990, null));
    }

    private static JsonObject Fault(string method, string route, int status, int times = 9) => new()
    {
        ["system"] = "github", ["method"] = method, ["route"] = route, ["action"] = "fail", ["status"] = status, ["times"] = times,
    };

    private static async Task<long> UsedAsync(SandboxRun run) => (await run.FaultsAsync()).Single()!["used"]!.GetValue<long>();

    private static async Task DoAsync(SandboxRun run)
    {
        foreach (var step in GitHubSteps)
            await run.DoAsync(step);
    }

    private int Renewals() => calls.Sent.Count(c => c.Uri.AbsolutePath.EndsWith("/access_tokens"));

    private async Task<SandboxRun> StartAsync(Func<Uri, Uri>? rewrite = null, params (string, string)[] settings)
    {
        var run = SandboxRun.Create(fixture.Sandbox, configure: s => calls.Record(s, rewrite), settings: settings);
        await run.ResetAsync();
        await run.ClearFaultsAsync();
        return run;
    }
}
