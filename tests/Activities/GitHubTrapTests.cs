using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>What GitHub does to those who don't look.</summary>
public sealed class GitHubTrapTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static readonly JsonObject Foreign = new() { ["owner"] = "acme", ["name"] = "orders", ["private"] = true };
    private static readonly ServiceRequest Adopt = SandboxRun.Orders with { Repository = new RepositoryRequest { Mode = Vocabulary.RepositoryAdopt } };

    [Fact]
    public async Task A_name_that_somebody_else_has_is_refused_and_never_deleted()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        await others.GitHubAsync("POST", "/repos/acme/golden-path-frontend/generate", Foreign.DeepClone());

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.Repository));
        await run.UndoAllAsync();

        failure.ErrorType.ShouldBe(ErrorTypes.NameTaken);
        failure.NonRetryable.ShouldBeTrue();
        (await run.KeysAsync()).ShouldContain("github repository acme/orders");
    }

    [Fact]
    public async Task Another_run_of_the_same_service_does_not_take_it_for_its_own()
    {
        await using var first = await fixture.StartAsync();
        await first.DoAsync(StepIds.Repository);
        await using var second = SandboxRun.Create(fixture.Sandbox, runId: "run-2");

        (await Should.ThrowAsync<ApplicationFailureException>(() => second.DoAsync(StepIds.Repository))).ErrorType.ShouldBe(ErrorTypes.NameTaken);
        await second.UndoAllAsync();

        (await first.KeysAsync()).ShouldContain("github repository acme/orders");
    }

    [Fact]
    public async Task A_repository_renamed_in_between_is_followed_with_the_same_verb_and_credential()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        await run.DoAsync(StepIds.Repository);
        await others.GitHubAsync("PATCH", "/repos/acme/orders", new JsonObject { ["name"] = "orders-renamed" });

        (await run.DoAsync(StepIds.Repository)).Resources.ShouldHaveSingleItem().Id.ShouldBe("acme/orders-renamed");
        await run.UndoAllAsync();

        (await run.KeysAsync()).ShouldNotContain("github repository acme/orders-renamed");
    }

    [Fact]
    public async Task P06_what_people_committed_is_archived_not_deleted()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        await run.DoAsync(StepIds.Repository);
        await others.GitHubAsync("PUT", "/repos/acme/orders/contents/work.txt", new JsonObject
        {
            ["message"] = "my work", ["content"] = Convert.ToBase64String("work"u8), ["branch"] = "main",
        });

        await run.UndoAllAsync();

        (await others.GitHubAsync("GET", "/repos/acme/orders"))!["archived"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task An_adopted_repository_keeps_what_it_had_and_is_left_as_it_was()
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var others = new SandboxApi(fixture.Sandbox);
        await others.GitHubAsync("POST", "/repos/acme/golden-path-frontend/generate", Foreign.DeepClone());
        await others.GitHubAsync("PUT", "/orgs/acme/teams/payments/repos/acme/orders", new JsonObject { ["permission"] = "admin" });
        string[] steps = [StepIds.Repository, StepIds.Team, StepIds.Files, StepIds.GitHubEnvironment, StepIds.Protection];
        foreach (var step in steps)
            await run.DoAsync(step);
        run.Facts[StepFacts.RepositoryHad].ShouldContain("team");
        (await run.KeysAsync()).ShouldContain(k => k.StartsWith("github environment"));

        await run.UndoAllAsync();

        var keys = await run.KeysAsync();
        keys.ShouldContain("github repository acme/orders");
        keys.ShouldContain(k => k.StartsWith("github grant") && k.EndsWith("/payments"));
        keys.ShouldNotContain(k => k.StartsWith("github environment") || k.StartsWith("github protection"));
    }

    [Fact]
    public async Task Adopting_what_is_not_there_says_so()
    {
        await using var run = await fixture.StartAsync(Adopt);

        (await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.Repository))).ErrorType.ShouldBe(ErrorTypes.NotFound);
    }

    [Fact]
    public async Task A_team_that_does_not_exist_says_so()
    {
        await using var run = await fixture.StartAsync(SandboxRun.Orders with { Team = "nobodys" });
        await run.DoAsync(StepIds.Repository);

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.Team));

        failure.ErrorType.ShouldBe(ErrorTypes.NotFound);
        failure.Message.ShouldContain("nobodys");
    }

    [Theory]
    [InlineData("x-ratelimit-remaining", "0", "API rate limit exceeded for user", 1_500, 1_802)]
    [InlineData("Retry-After", "17", "You have exceeded a secondary rate limit", 17, 17)]
    [InlineData("X-Nothing", "0", "You have exceeded a secondary rate limit", 60, 60)]
    public async Task Limits_become_the_delay_of_the_next_attempt(string header, string value, string message, int atLeast, int atMost)
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "github",
            ["action"] = "fail",
            ["status"] = 403,
            ["headers"] = new JsonObject
            {
                [header] = value,
                ["x-ratelimit-reset"] = (DateTimeOffset.UtcNow + TimeSpan.FromMinutes(30)).ToUnixTimeSeconds().ToString(),
            },
            ["body"] = new JsonObject { ["message"] = message },
        });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(
            () => run.CallAsync(ActivityNames.CreateRepository, [run.Input(StepIds.Repository)]));

        failure.ErrorType.ShouldBe(ErrorTypes.RateLimited);
        failure.NonRetryable.ShouldBeFalse();
        failure.NextRetryDelay!.Value.TotalSeconds.ShouldBeInRange(atLeast, atMost);
    }

    [Fact]
    public async Task The_subject_of_the_federation_carries_the_repositorys_id()
    {
        await using var run = await fixture.StartAsync();

        await run.DoAsync(StepIds.Repository);

        run.Facts[StepFacts.OidcSubjectPrefix].ShouldMatch($"^repo:acme@[0-9]+/orders@{run.Facts[StepFacts.RepositoryId]}$");
    }

    [Fact]
    public async Task A_plan_without_protection_is_a_warning()
    {
        await using var sandbox = await StartAsync(o => o.GitHubPaidPlan = false);
        await using var run = SandboxRun.Create(sandbox, SandboxRun.Orders with { Environment = Vocabulary.Production });
        await run.DoAsync(StepIds.Repository);
        await run.DoAsync(StepIds.Team);

        (await run.DoAsync(StepIds.GitHubEnvironment)).Warning.ShouldNotBeNull().ShouldContain("reviewers");
        (await run.DoAsync(StepIds.Protection)).Warning.ShouldNotBeNull().ShouldContain("protection");
    }

    [Fact]
    public async Task Acts_as_an_app_with_tokens_that_it_renews()
    {
        using var key = RSA.Create(2048);
        await using var sandbox = await StartAsync(o => o.Credentials.GitHubAppPublicKeyPem = key.ExportSubjectPublicKeyInfoPem());
        await using var run = SandboxRun.Create(sandbox, settings:
        [
            ("Onramp:GitHub:Token", ""),
            ("Onramp:GitHub:AppId", "1001"),
            ("Onramp:GitHub:AppPrivateKey", key.ExportPkcs8PrivateKeyPem().Replace("\n", "\\n")),
        ]);

        await run.DoAsync(StepIds.Repository);
        await run.AddFaultAsync(new JsonObject { ["system"] = "github", ["action"] = "fail", ["status"] = 401, ["method"] = "PUT" });
        await run.DoAsync(StepIds.Team);

        (await run.KeysAsync()).ShouldContain("github repository acme/orders");
    }

    private static Task<SandboxHost> StartAsync(Action<SandboxOptions> change)
    {
        var options = SandboxSettings.Fast();
        change(options);
        return SandboxHost.StartAsync(options);
    }
}
