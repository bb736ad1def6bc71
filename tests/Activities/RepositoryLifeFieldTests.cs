using System.Text.Json.Nodes;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;
using Temporalio.Testing;

namespace Onramp.Activities.Tests;

/// <summary>What people do to repositories while, before and after a run works in them.</summary>
public sealed class RepositoryLifeFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static readonly ServiceRequest Adopt = SandboxRun.Orders with { Repository = new RepositoryRequest { Mode = Vocabulary.RepositoryAdopt } };

    [Fact]
    public async Task An_adopted_repository_whose_name_has_other_letters_keeps_its_entity()
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithRepositoryAsync("Orders");
        await RegisterAsync(team, "Orders", "acme/Orders");
        await run.DoUntilAsync(StepIds.Catalog);

        (await run.DoAsync(StepIds.Catalog)).Resources.ShouldHaveSingleItem().Created.ShouldBeFalse();
    }

    [Fact]
    public async Task An_adopted_repository_whose_name_has_other_letters_has_no_problem()
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithRepositoryAsync("Orders");
        await RegisterAsync(team, "Orders", "acme/Orders");

        (await run.LookAheadAsync()).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_repository_that_was_renamed_is_not_adopted_under_its_former_name()
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithRepositoryAsync("orders");
        await team.GitHubAsync("PATCH", "/repos/acme/orders", new JsonObject { ["name"] = "purchases" });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.Repository));

        (failure.ErrorType, failure.Message.Contains("acme/purchases")).ShouldBe((ErrorTypes.PolicyDenied, true), failure.Message);
    }

    [Fact]
    public async Task A_repository_that_was_renamed_is_named_before_anybody_is_asked()
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithRepositoryAsync("orders");
        await team.GitHubAsync("PATCH", "/repos/acme/orders", new JsonObject { ["name"] = "purchases" });

        (await run.LookAheadAsync()).Problems.ShouldHaveSingleItem().Error.Message.ShouldContain("acme/purchases");
    }

    [Fact]
    public async Task An_undo_ends_in_a_repository_that_somebody_archived_meanwhile()
    {
        await using var run = await fixture.StartAsync();
        using var person = new SandboxApi(fixture.Sandbox);
        await run.DoUntilAsync(StepIds.Verification);
        await person.GitHubAsync("PATCH", "/repos/acme/orders", new JsonObject { ["archived"] = true });

        await run.UndoAllAsync();

        run.Left.ShouldContain(l => l.Left!.Contains("acme/orders, archived"));
    }

    [Fact]
    public async Task An_undo_tells_what_stays_in_an_adopted_repository_that_somebody_archived_meanwhile()
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithRepositoryAsync("orders");
        await run.DoUntilAsync(StepIds.Verification);
        await team.GitHubAsync("PATCH", "/repos/acme/orders", new JsonObject { ["archived"] = true });

        await run.UndoAllAsync();

        run.Left.Select(l => l.Left!).ShouldContain(l => l.Contains("environment dev") && l.Contains("archived"));
    }

    [Fact]
    public async Task An_undo_ends_when_somebody_has_deleted_the_repository()
    {
        await using var run = await fixture.StartAsync();
        using var person = new SandboxApi(fixture.Sandbox);
        var before = await run.SettledKeysAsync();
        await run.DoUntilAsync(StepIds.Verification);
        await person.GitHubAsync("DELETE", "/repos/acme/orders");

        await run.UndoAllAsync();

        await run.ShouldSettleAtAsync(before);
    }

    [Theory]
    [InlineData(StepIds.Variables)]
    [InlineData(StepIds.Protection)]
    [InlineData(StepIds.Team)]
    [InlineData(StepIds.Files)]
    public async Task Somebody_elses_repository_that_took_the_name_is_not_touched(string step)
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(StepIds.Verification);
        using var person = await TakeNameAsync();
        var theirs = await TheirsAsync(run);

        await run.DoAsync(step);

        (await TheirsAsync(run)).ShouldBe(theirs);
    }

    [Fact]
    public async Task An_undo_takes_nothing_out_of_somebody_elses_repository_that_took_the_name()
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(StepIds.Verification);
        using var person = await TakeNameAsync();
        var theirs = await TheirsAsync(run);

        await run.UndoAllAsync();

        (await TheirsAsync(run)).ShouldBe(theirs);
    }

    [Fact]
    public async Task A_repository_that_somebody_renamed_goes_when_all_is_undone()
    {
        await using var run = await fixture.StartAsync();
        using var person = new SandboxApi(fixture.Sandbox);
        await run.DoUntilAsync(StepIds.Verification);
        await person.GitHubAsync("PATCH", "/repos/acme/orders", new JsonObject { ["name"] = "purchases" });

        await run.UndoAllAsync();

        (await run.KeysAsync()).ShouldNotContain("github repository acme/purchases");
    }

    [Fact]
    public async Task The_templates_own_branch_is_the_services()
    {
        await using var run = await fixture.StartAsync();
        using var platform = new SandboxApi(fixture.Sandbox);
        await NameBranchAsync(platform, "golden-path-microservice", "trunk");

        await run.DoUntilAsync(StepIds.Catalog);
        await run.DoAsync(StepIds.Catalog);

        run.Facts[StepFacts.CatalogTarget].ShouldEndWith("/blob/trunk/catalog-info.yaml");
    }

    [Fact]
    public async Task A_template_that_is_none_is_named_before_anybody_is_asked()
    {
        await using var run = await fixture.StartAsync();
        using var platform = new SandboxApi(fixture.Sandbox);
        await platform.GitHubAsync("PATCH", "/repos/acme/golden-path-microservice", new JsonObject { ["is_template"] = false });

        var problem = (await run.LookAheadAsync()).Problems.ShouldHaveSingleItem();

        (problem.Error.Field, problem.Error.Rule).ShouldBe(("template", "notTemplate"));
    }

    [Fact]
    public async Task An_empty_template_is_named_before_anybody_is_asked()
    {
        await using var run = await fixture.StartAsync(SandboxRun.Orders with { Template = "frontend" });
        using var platform = new SandboxApi(fixture.Sandbox);
        await platform.GitHubAsync("DELETE", "/repos/acme/golden-path-frontend");
        await platform.GitHubAsync("POST", "/orgs/acme/repos", new JsonObject { ["name"] = "golden-path-frontend", ["private"] = true, ["is_template"] = true });

        var problem = (await run.LookAheadAsync()).Problems.ShouldHaveSingleItem();

        (problem.Error.Field, problem.Error.Rule).ShouldBe(("template", "empty"));
    }

    [Theory]
    [InlineData("Organization members cannot delete repositories.")]
    [InlineData("Must have admin rights to Repository.")]
    public async Task Where_repositories_may_not_be_deleted_the_runs_own_is_archived_and_that_is_told(string message)
    {
        await using var run = await fixture.StartAsync();
        await run.DoAsync(StepIds.Repository);
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "github", ["method"] = "DELETE", ["route"] = "/repos/{owner}/{repo}", ["action"] = "fail", ["status"] = 403, ["times"] = 1000,
            ["body"] = new JsonObject { ["message"] = message },
        });

        await run.UndoAllAsync();

        run.Left.ShouldHaveSingleItem().Left!.ShouldContain("repository acme/orders, archived, since GitHub doesn't let it be deleted");
    }

    [Theory]
    [InlineData("/repos/{owner}/{repo}/environments/{environment}")]
    [InlineData("/repos/{owner}/{repo}/environments/{environment}/variables")]
    [InlineData("/orgs/{org}/teams/{team}/repos/{owner}/{repo}")]
    [InlineData("/repos/{owner}/{repo}/contents/{**path}")]
    public async Task One_look_that_sees_nothing_leaves_an_adopted_repositorys_things_alone(string route)
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithRepositoryAsync("orders");
        await team.GitHubAsync("PUT", "/orgs/acme/teams/payments/repos/acme/orders", new JsonObject { ["permission"] = "pull" });
        await team.GitHubAsync("PUT", "/repos/acme/orders/environments/dev", new JsonObject { ["wait_timer"] = 30 });
        await team.GitHubAsync("POST", "/repos/acme/orders/environments/dev/variables", new JsonObject { ["name"] = "NAMESPACE", ["value"] = "legacy" });
        await team.GitHubAsync("PUT", "/repos/acme/orders/contents/docs/CODEOWNERS", new JsonObject
        {
            ["message"] = "ours", ["content"] = Convert.ToBase64String("* @acme/security"u8), ["branch"] = "main",
        });
        var before = await run.StateAsync();
        await run.AddFaultAsync(new JsonObject { ["system"] = "github", ["method"] = "GET", ["route"] = route, ["action"] = "fail", ["status"] = 404 });

        await run.DoUntilAsync(StepIds.Verification);
        await run.UndoAllAsync();

        JsonNode.Parse(await run.StateAsync())!["github"]!["environment"]!.ToJsonString().ShouldBe(JsonNode.Parse(before)!["github"]!["environment"]!.ToJsonString());
        JsonNode.Parse(await run.StateAsync())!["github"]!["grant"]!.ToJsonString().ShouldBe(JsonNode.Parse(before)!["github"]!["grant"]!.ToJsonString());
        (await team.GitHubAsync("GET", "/repos/acme/orders/environments/dev/variables/NAMESPACE"))!["value"]!.ToString().ShouldBe("legacy");
    }

    [Fact]
    public async Task A_team_that_one_look_doesnt_see_is_looked_for_again()
    {
        await using var run = await fixture.StartAsync();
        await run.DoAsync(StepIds.Repository);
        await run.AddFaultAsync(new JsonObject { ["system"] = "github", ["method"] = "GET", ["route"] = "/orgs/{org}/teams/{team}", ["action"] = "fail", ["status"] = 404 });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(
            () => new ActivityEnvironment().RunAsync(() => run.CallAsync(ActivityNames.GrantTeam, [run.Input(StepIds.Team)])));

        failure.NonRetryable.ShouldBeFalse();
    }

    /// <summary>Ours is renamed, and somebody makes another one of its name.</summary>
    private async Task<SandboxApi> TakeNameAsync()
    {
        var person = new SandboxApi(fixture.Sandbox);
        await person.GitHubAsync("PATCH", "/repos/acme/orders", new JsonObject { ["name"] = "purchases" });
        await person.GitHubAsync("POST", "/orgs/acme/repos", new JsonObject { ["name"] = "orders", ["private"] = true, ["auto_init"] = true });
        await person.GitHubAsync("PUT", "/orgs/acme/teams/payments/repos/acme/orders", new JsonObject { ["permission"] = "pull" });
        await person.GitHubAsync("PUT", "/repos/acme/orders/environments/dev", new JsonObject());
        await person.GitHubAsync("POST", "/repos/acme/orders/environments/dev/variables", new JsonObject { ["name"] = "NAMESPACE", ["value"] = "theirs" });
        return person;
    }

    /// <summary>Everything in the other repository, by its number.</summary>
    private static async Task<string> TheirsAsync(SandboxRun run)
    {
        var github = JsonNode.Parse(await run.StateAsync())!["github"]!.AsObject();
        var repository = github["repository"]!["acme/orders"]!;
        var prefix = $"{repository["id"]!.GetValue<long>():D6}/";
        var inside = from kind in github
                     from entry in kind.Value!.AsObject()
                     where entry.Key.StartsWith(prefix, StringComparison.Ordinal)
                     select $"{kind.Key} {entry.Key} {entry.Value!.ToJsonString()}";
        return string.Join('\n', inside.Prepend(repository.ToJsonString()));
    }

    private async Task<SandboxApi> WithRepositoryAsync(string name)
    {
        var team = new SandboxApi(fixture.Sandbox);
        await team.GitHubAsync("POST", "/orgs/acme/repos", new JsonObject { ["name"] = name, ["private"] = true, ["auto_init"] = true });
        return team;
    }

    /// <summary>As its team registered it, by hand.</summary>
    private static async Task RegisterAsync(SandboxApi team, string repository, string slug)
    {
        var yaml = $"""
            apiVersion: backstage.io/v1alpha1
            kind: Component
            metadata: {"{"} name: orders, annotations: {"{"} github.com/project-slug: {slug} {"}"} {"}"}
            spec: {"{"} type: service, lifecycle: production, owner: payments {"}"}
            """;
        await team.GitHubAsync("PUT", $"/repos/acme/{repository}/contents/catalog-info.yaml", new JsonObject
        {
            ["message"] = "describe", ["content"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(yaml)), ["branch"] = "main",
        });
        var html = (await team.GitHubAsync("GET", $"/repos/acme/{repository}"))!["html_url"]!.ToString();
        await team.CatalogAsync("POST", "/api/catalog/locations", new JsonObject { ["type"] = "url", ["target"] = $"{html}/blob/main/catalog-info.yaml" });
        for (var looks = 0; looks < 100; looks++)
        {
            if ((await team.CatalogAsync("GET", "/api/catalog/entities?filter=metadata.name=orders"))!.AsArray().Count > 0)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
        throw new TimeoutException("the entity didn't come");
    }

    private static async Task NameBranchAsync(SandboxApi platform, string template, string branch)
    {
        var tip = (await platform.GitHubAsync("GET", $"/repos/acme/{template}/branches/main"))!["commit"]!["sha"]!.ToString();
        await platform.GitHubAsync("POST", $"/repos/acme/{template}/git/refs", new JsonObject { ["ref"] = $"refs/heads/{branch}", ["sha"] = tip });
        await platform.GitHubAsync("PATCH", $"/repos/acme/{template}", new JsonObject { ["default_branch"] = branch });
    }
}
