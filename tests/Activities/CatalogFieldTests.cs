using System.Text;
using System.Text.Json.Nodes;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>What people who automate Backstage's catalog ran into.</summary>
public sealed class CatalogFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static readonly ServiceRequest Adopt = SandboxRun.Orders with { Repository = new RepositoryRequest { Mode = Vocabulary.RepositoryAdopt } };

    [Fact]
    public async Task An_entity_without_a_slug_is_known_by_where_it_is_described()
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithEntityAsync("orders", "blob");

        (await run.LookAheadAsync()).Problems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("blob")]
    [InlineData("tree")]
    public async Task A_file_that_is_registered_already_is_not_registered_again(string word)
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithEntityAsync("orders", word);
        await run.DoUntilAsync(StepIds.Catalog);

        (await run.DoAsync(StepIds.Catalog)).Resources.ShouldHaveSingleItem().Created.ShouldBeFalse();
    }

    [Fact]
    public async Task A_file_that_is_registered_in_other_letters_is_not_registered_again()
    {
        await using var run = await fixture.StartAsync(Adopt);
        using var team = await WithEntityAsync("orders", "blob", target => target.Replace("/acme/", "/Acme/"));
        await run.DoUntilAsync(StepIds.Catalog);

        (await run.DoAsync(StepIds.Catalog)).Resources.ShouldHaveSingleItem().Created.ShouldBeFalse();
    }

    [Fact]
    public async Task An_entity_whose_file_is_gone_is_named_as_one()
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "catalog", ["method"] = "GET", ["route"] = "/api/catalog/entities/by-name/{**name}", ["action"] = "fail", ["status"] = 200, ["times"] = 2,
            ["body"] = new JsonObject
            {
                ["kind"] = "Component",
                ["metadata"] = new JsonObject
                {
                    ["name"] = "orders", ["annotations"] = new JsonObject { ["backstage.io/orphan"] = "true", ["github.com/project-slug"] = "acme/old-orders" },
                },
            },
        });

        (await run.LookAheadAsync()).Problems.ShouldHaveSingleItem().Error.Message.ShouldContain("orphan");
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 1000)]
    [InlineData(false, 1)]
    public async Task A_location_is_found_behind_others_on_every_version(bool queries, int pageSize)
    {
        var options = SandboxSettings.Fast();
        (options.CatalogQueriesLocations, options.CatalogMaxPageSize) = (queries, pageSize);
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);
        using var others = new SandboxApi(sandbox);
        for (var i = 0; i < 5; i++)
            await others.CatalogAsync("POST", "/api/catalog/locations", new JsonObject { ["type"] = "url", ["target"] = $"https://github.test/acme/other-{i}/blob/main/catalog-info.yaml" });

        await run.DoUntilAsync(StepIds.Catalog);
        await run.DoAsync(StepIds.Catalog);
        await run.UndoAllAsync();

        (await others.CatalogAsync("GET", "/api/catalog/locations"))!.AsArray().Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_read_only_catalog_is_no_missing_permission()
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(StepIds.Catalog);
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "catalog", ["method"] = "POST", ["route"] = "/api/catalog/locations", ["action"] = "fail", ["status"] = 403,
            ["body"] = new JsonObject { ["error"] = new JsonObject { ["name"] = "NotAllowedError", ["message"] = "This operation not allowed in readonly mode" } },
        });

        (await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.Catalog))).ErrorType.ShouldBe(ErrorTypes.PolicyDenied);
    }

    private async Task<SandboxApi> WithEntityAsync(string repository, string word, Func<string, string>? spell = null)
    {
        var team = new SandboxApi(fixture.Sandbox);
        await team.GitHubAsync("POST", "/orgs/acme/repos", new JsonObject { ["name"] = repository, ["private"] = true, ["auto_init"] = true });
        const string yaml = """
            apiVersion: backstage.io/v1alpha1
            kind: Component
            metadata: { name: orders }
            spec: { type: service, lifecycle: production, owner: payments }
            """;
        await team.GitHubAsync("PUT", $"/repos/acme/{repository}/contents/catalog-info.yaml", new JsonObject
        {
            ["message"] = "describe", ["content"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(yaml)), ["branch"] = "main",
        });
        var target = $"{(await team.GitHubAsync("GET", $"/repos/acme/{repository}"))!["html_url"]}/{word}/main/catalog-info.yaml";
        await team.CatalogAsync("POST", "/api/catalog/locations", new JsonObject { ["type"] = "url", ["target"] = spell?.Invoke(target) ?? target });
        for (var looks = 0; looks < 100; looks++)
        {
            if ((await team.CatalogAsync("GET", "/api/catalog/entities?filter=metadata.name=orders"))!.AsArray().Count > 0)
                return team;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
        throw new TimeoutException("the entity didn't come");
    }
}
