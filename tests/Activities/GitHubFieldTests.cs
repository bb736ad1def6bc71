using System.Text.Json.Nodes;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>What people who automate GitHub ran into; each test is named by its case.</summary>
public sealed class GitHubFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static readonly ServiceRequest Adopt = SandboxRun.Orders with { Repository = new RepositoryRequest { Mode = Vocabulary.RepositoryAdopt } };

    [Theory]
    [InlineData(2)]
    [InlineData(100)]
    public async Task F04_a_variable_on_a_later_page_is_the_adopted_repositorys_own(int pageSize)
    {
        var options = SandboxSettings.Fast();
        options.GitHubMaxPageSize = pageSize;
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox, Adopt);
        using var team = await WithRepositoryAsync(sandbox);
        await team.GitHubAsync("PUT", "/repos/acme/orders/environments/dev", new JsonObject());
        for (var i = 0; i < 39; i++)
            await SetAsync(team, $"A_{i}", "theirs");
        await SetAsync(team, "NAMESPACE", "legacy");
        await run.DoUntilAsync(StepIds.Variables);
        await run.DoAsync(StepIds.Variables);

        await run.UndoAllAsync();

        (await team.GitHubAsync("GET", "/repos/acme/orders/environments/dev/variables/NAMESPACE"))!["value"]!.ToString().ShouldBe("legacy");
    }

    [Theory]
    [InlineData("repository_owner_id,repository_id,context", "repository_owner_id:277133432:repository_id:{id}:environment:dev")]
    [InlineData("repo,context", "repo:acme@277133432/orders@{id}:environment:dev")]
    [InlineData("context,repository_id", "environment:dev:repository_id:{id}")]
    [InlineData("repository,repository_visibility", "repository:acme/orders:repository_visibility:private")]
    public async Task F05_a_customised_subject_is_built_from_its_claims_in_order(string claims, string subject)
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithRepositoryAsync(fixture.Sandbox);
        await CustomiseAsync(team, claims);

        await run.DoUntilAsync(StepIds.Federation);
        await run.DoAsync(StepIds.Federation);

        var (credentials, expected) = (await run.StateAsync(), subject.Replace("{id}", run.Facts[StepFacts.RepositoryId]));
        credentials.ShouldContain($"\"subject\": \"{expected}\"");
    }

    [Theory]
    [InlineData("repository_id,job_workflow_ref", "job_workflow_ref")]
    [InlineData("repository_owner,context", "other repositories")]
    public async Task F05_a_subject_that_no_credential_can_be_made_for_is_refused_in_words(string claims, string words)
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithRepositoryAsync(fixture.Sandbox);
        await CustomiseAsync(team, claims);

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.Repository));

        (failure.ErrorType, failure.Message.Contains(words)).ShouldBe((ErrorTypes.PolicyDenied, true));
    }

    [Fact]
    public async Task F05_verification_asks_GitHub_for_the_subject_instead_of_comparing_with_itself()
    {
        await using var run = await fixture.StartAsync();
        using var team = new SandboxApi(fixture.Sandbox);
        await run.DoUntilAsync(StepIds.Verification);
        await CustomiseAsync(team, "repository_id,context");

        (await run.DoAsync(StepIds.Verification)).Warning.ShouldNotBeNull().ShouldContain("repository_id:");
    }

    [Theory]
    [InlineData(Vocabulary.Development, "protected branch gate")]
    [InlineData(Vocabulary.Production, "protected branch gate")]
    [InlineData(Vocabulary.Production, "required reviewers")]
    [InlineData(Vocabulary.Production, "wait timer")]
    public async Task F06_an_environment_comes_without_the_rule_that_the_plan_lacks(string environment, string rule)
    {
        await using var run = await fixture.StartAsync(SandboxRun.Orders with { Environment = environment });
        await run.DoUntilAsync(StepIds.GitHubEnvironment);
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "github", ["method"] = "PUT", ["route"] = "/repos/{owner}/{repo}/environments/{environment}", ["action"] = "fail", ["status"] = 422,
            ["body"] = new JsonObject
            {
                ["message"] = $"Failed to create the environment protection rule. Please ensure the billing plan supports the {rule} protection rule.",
            },
        });

        (await run.DoAsync(StepIds.GitHubEnvironment)).Warning.ShouldNotBeNull().ShouldContain("plan");

        (await run.KeysAsync()).ShouldContain(k => k.StartsWith("github environment"));
    }

    [Theory]
    [InlineData("drop")]
    [InlineData("dropBefore")]
    public async Task F11_a_repository_whose_creation_got_no_answer_is_looked_for_until_it_is_seen(string lost)
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(Generating(lost));
        await run.AddFaultAsync(Unseen(skip: 1, times: 3));

        await run.DoAsync(StepIds.Repository);

        (await run.CreatedMoreThanOnceAsync(after: 0)).ShouldBeEmpty();
    }

    [Fact]
    public async Task F11_an_undo_looks_for_a_repository_whose_creation_got_no_answer()
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(Generating("drop"));
        await run.AddFaultAsync(Unseen(skip: 1, times: 3));
        var asked = (StepResult)(await run.CallAsync(ActivityNames.CreateRepository, [run.Input(StepIds.Repository)]))!;
        var input = run.Input(StepIds.Repository) with { Facts = asked.Facts };

        var undone = new List<UndoResult>();
        for (var look = 0; look < 4; look++)
            undone.Add((UndoResult)(await run.CallAsync(ActivityNames.DeleteRepository, [input, null]))!);

        undone.Select(u => u.Ready).ShouldBe([false, false, false, true]);
        (await run.KeysAsync()).ShouldNotContain("github repository acme/orders");
    }

    [Fact]
    public async Task F11_an_environment_that_is_not_seen_yet_in_an_old_repository_is_waited_for()
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(StepIds.Variables);
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "github", ["method"] = "POST", ["route"] = "/repos/{owner}/{repo}/environments/{environment}/variables", ["action"] = "fail", ["status"] = 404,
        });
        var facts = run.Facts.ToDictionary();
        facts[StepFacts.RepositoryCreatedAt] = "2020-01-01T00:00:00Z";

        var failure = await Should.ThrowAsync<ApplicationFailureException>(
            () => run.CallAsync(ActivityNames.SetVariables, [run.Input(StepIds.Variables) with { Facts = facts }]));

        failure.NonRetryable.ShouldBeFalse();
    }

    [Theory]
    [InlineData("Initial commit of the pricing engine", "main")]
    [InlineData("chore: onboard orders: catalog-info.yaml", "main")]
    [InlineData("work in progress", "pricing")]
    public async Task F13_what_a_person_committed_is_kept_whatever_they_call_it_and_wherever(string message, string branch)
    {
        await using var run = await fixture.StartAsync();
        using var person = new SandboxApi(fixture.Sandbox);
        await run.DoUntilAsync(StepIds.GitHubEnvironment);
        if (branch != "main")
        {
            var tip = (await person.GitHubAsync("GET", "/repos/acme/orders/branches/main"))!["commit"]!["sha"]!.ToString();
            await person.GitHubAsync("POST", "/repos/acme/orders/git/refs", new JsonObject { ["ref"] = $"refs/heads/{branch}", ["sha"] = tip });
        }
        await person.GitHubAsync("PUT", "/repos/acme/orders/contents/pricing.txt", new JsonObject
        {
            ["message"] = message, ["content"] = Convert.ToBase64String("prices"u8), ["branch"] = branch,
        });

        await run.UndoAllAsync();

        (await person.GitHubAsync("GET", "/repos/acme/orders"))!["archived"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task F13_what_is_kept_is_told_and_is_in_the_way()
    {
        await using var run = await fixture.StartAsync();
        using var person = new SandboxApi(fixture.Sandbox);
        await run.DoUntilAsync(StepIds.GitHubEnvironment);
        await person.GitHubAsync("PUT", "/repos/acme/orders/contents/pricing.txt", new JsonObject
        {
            ["message"] = "prices", ["content"] = Convert.ToBase64String("prices"u8), ["branch"] = "main",
        });
        var undone = (UndoResult)(await run.CallAsync(ActivityNames.DeleteRepository, [run.Input(StepIds.Repository), null]))!;

        var again = (UndoResult)(await run.CallAsync(ActivityNames.DeleteRepository, [run.Input(StepIds.Repository), null]))!;

        undone.ShouldBe(new UndoResult(Left: "repository acme/orders, archived, since people have worked in it", IsInTheWay: true));
        again.ShouldBe(undone);
    }

    [Fact]
    public async Task F13_a_persons_commit_with_our_own_content_is_still_theirs()
    {
        await using var run = await fixture.StartAsync();
        using var person = new SandboxApi(fixture.Sandbox);
        await run.DoUntilAsync(StepIds.Files);
        var before = (await person.GitHubAsync("GET", "/repos/acme/orders/contents/CODEOWNERS"))!["sha"]!.ToString();
        await person.GitHubAsync("PUT", "/repos/acme/orders/contents/CODEOWNERS", new JsonObject
        {
            ["message"] = "owners", ["sha"] = before, ["content"] = Convert.ToBase64String("* @acme/payments\n"u8), ["branch"] = "main",
            ["author"] = new JsonObject { ["name"] = "Ada", ["email"] = "ada@acme.test" },
        });

        await run.UndoAllAsync();

        (await person.GitHubAsync("GET", "/repos/acme/orders"))!["archived"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task F13_an_issue_that_somebody_wrote_is_kept()
    {
        await using var run = await fixture.StartAsync();
        using var person = new SandboxApi(fixture.Sandbox);
        await run.DoUntilAsync(StepIds.Files);
        await person.GitHubAsync("POST", "/repos/acme/orders/issues", new JsonObject { ["title"] = "prices are wrong" });

        await run.UndoAllAsync();

        (await person.GitHubAsync("GET", "/repos/acme/orders"))!["archived"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Theory]
    [InlineData("protection with reviews")]
    [InlineData("protection with checks")]
    [InlineData("ruleset")]
    public async Task F15_a_rule_against_direct_commits_is_named_at_once(string rule)
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithRepositoryAsync(fixture.Sandbox);
        await run.DoUntilAsync(StepIds.Files);
        await AddRuleAsync(team, rule);
        var mark = await run.LedgerEndAsync();

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.Files));

        var writes = (await run.LedgerAsync()).Count(e => e!["sequence"]!.GetValue<long>() > mark && e["method"]!.ToString() == "PUT");
        (failure.ErrorType, writes).ShouldBe((ErrorTypes.PolicyDenied, 1));
    }

    [Theory]
    [InlineData(".github/CODEOWNERS")]
    [InlineData("docs/CODEOWNERS")]
    [InlineData("CODEOWNERS")]
    public async Task F18_owners_named_in_any_place_are_left_alone(string place)
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithRepositoryAsync(fixture.Sandbox);
        await AddFileAsync(team, place, "* @acme/security\n");

        await run.DoUntilAsync(StepIds.Files);
        await run.DoAsync(StepIds.Files);

        var found = new List<string>();
        foreach (var folder in new[] { "", "/.github", "/docs" })
            found.AddRange(await PathsAsync(team, folder));
        found.Where(f => f.EndsWith("CODEOWNERS")).ShouldBe([place]);
    }

    [Fact]
    public async Task F18_an_entity_described_under_the_other_spelling_is_the_one_that_is_registered()
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithRepositoryAsync(fixture.Sandbox);
        await AddFileAsync(team, "catalog-info.yml", "kind: Component\n");

        await run.DoUntilAsync(StepIds.Files);
        await run.DoAsync(StepIds.Files);

        run.Facts[StepFacts.CatalogTarget].ShouldEndWith("/blob/main/catalog-info.yml");
    }

    [Fact]
    public async Task F18_a_template_without_the_usual_read_me_is_populated_too()
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithRepositoryAsync(fixture.Sandbox);
        await AddFileAsync(team, "readme.rst", "read me");
        var sha = (await team.GitHubAsync("GET", "/repos/acme/orders/contents/README.md"))!["sha"]!.ToString();
        await team.GitHubAsync("DELETE", "/repos/acme/orders/contents/README.md", new JsonObject { ["message"] = "no", ["sha"] = sha, ["branch"] = "main" });

        (await run.DoAsync(StepIds.Repository)).Ready.ShouldBeTrue();
    }

    private static JsonObject Generating(string action) => new()
    {
        ["system"] = "github", ["method"] = "POST", ["route"] = "/repos/{owner}/{repo}/generate", ["action"] = action,
    };

    /// <summary>The repository is there, and not seen.</summary>
    private static JsonObject Unseen(int skip, int times) => new()
    {
        ["system"] = "github", ["method"] = "GET", ["route"] = "/repos/acme/orders", ["action"] = "fail", ["status"] = 404, ["skip"] = skip, ["times"] = times,
    };

    private static Task CustomiseAsync(SandboxApi team, string claims) => team.GitHubAsync(
        "PUT",
        "/repos/acme/orders/actions/oidc/customization/sub",
        new JsonObject { ["use_default"] = false, ["include_claim_keys"] = new JsonArray([.. claims.Split(',').Select(c => (JsonNode)c)]) });

    private static Task AddFileAsync(SandboxApi team, string path, string content) => team.GitHubAsync(
        "PUT",
        $"/repos/acme/orders/contents/{path}",
        new JsonObject { ["message"] = "ours", ["content"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(content)), ["branch"] = "main" });

    private static async Task<IEnumerable<string>> PathsAsync(SandboxApi team, string folder)
    {
        try
        {
            return (await team.GitHubAsync("GET", $"/repos/acme/orders/contents{folder}"))!.AsArray().Select(f => f!["path"]!.ToString());
        }
        catch (ShouldAssertException)
        {
            return [];
        }
    }

    private static Task AddRuleAsync(SandboxApi team, string rule) => rule == "ruleset"
        ? team.GitHubAsync("POST", "/repos/acme/orders/rulesets", new JsonObject
        {
            ["name"] = "no direct commits", ["target"] = "branch", ["enforcement"] = "active",
            ["conditions"] = new JsonObject { ["ref_name"] = new JsonObject { ["include"] = new JsonArray("~DEFAULT_BRANCH"), ["exclude"] = new JsonArray() } },
            ["rules"] = new JsonArray(new JsonObject { ["type"] = "pull_request" }),
        })
        : team.GitHubAsync("PUT", "/repos/acme/orders/branches/main/protection", new JsonObject
        {
            ["required_status_checks"] = rule.EndsWith("checks") ? new JsonObject { ["strict"] = true, ["contexts"] = new JsonArray("build") } : null,
            ["enforce_admins"] = true,
            ["required_pull_request_reviews"] = rule.EndsWith("reviews") ? new JsonObject { ["required_approving_review_count"] = 1 } : null,
            ["restrictions"] = null,
        });

    private static Task SetAsync(SandboxApi team, string name, string value) =>
        team.GitHubAsync("POST", "/repos/acme/orders/environments/dev/variables", new JsonObject { ["name"] = name, ["value"] = value });

    /// <summary>A team that has a repository already.</summary>
    private static async Task<SandboxApi> WithRepositoryAsync(SandboxHost sandbox)
    {
        var team = new SandboxApi(sandbox);
        await team.GitHubAsync("POST", "/orgs/acme/repos", new JsonObject { ["name"] = "orders", ["private"] = true, ["auto_init"] = true });
        return team;
    }
}
