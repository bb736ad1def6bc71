using System.Text;
using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.Catalog;

public sealed class CatalogTests
{
    private const string Entity = "/api/catalog/entities/by-name/component/default/template-frontend";

    private static JsonObject Location(string path) => new() { ["type"] = "url", ["target"] = $"https://github.com/acme/golden-path-frontend/blob/main/{path}" };

    private static Task<Answer> SendAsync(SandboxFixture sandbox, string method, string path, JsonNode? body = null) =>
        sandbox.SendAsync(sandbox.Host.Catalog, method, path, body, sandbox.Host.Options.Credentials.CatalogToken);

    [Fact]
    public async Task Location_is_processed_later_and_leads_to_its_entities()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var before = (await sandbox.StateAsync()).ToJsonString();
        var created = await SendAsync(sandbox, "POST", "/api/catalog/locations", Location("catalog-info.yaml"));
        created.Status.ShouldBe(201);
        created.Json["entities"]!.AsArray().ShouldBeEmpty();
        created.Json["location"]!["entityRef"]!.GetValue<string>().ShouldMatch("^location:default/generated-[0-9a-f]{40}$");
        (await SendAsync(sandbox, "GET", Entity)).Status.ShouldBe(404);
        sandbox.Time.Advance(2);
        (await SendAsync(sandbox, "GET", Entity)).Json["spec"]!["owner"]!.GetValue<string>().ShouldBe("group:default/platform");

        var again = await SendAsync(sandbox, "POST", "/api/catalog/locations", Location("catalog-info.yaml"));
        again.Status.ShouldBe(409);
        again.Json["error"]!["name"]!.GetValue<string>().ShouldBe("ConflictError");
        var id = created.Json["location"]!["id"]!.GetValue<string>();
        (await SendAsync(sandbox, "POST", "/api/catalog/locations?onConflict=refresh", Location("catalog-info.yaml")))
            .Json["location"]!["id"]!.GetValue<string>().ShouldBe(id);
        (await SendAsync(sandbox, "DELETE", $"/api/catalog/locations/{id}")).Status.ShouldBe(204);
        (await sandbox.StateAsync()).ToJsonString().ShouldBe(before);
    }

    [Fact]
    public async Task Missing_file_is_accepted_and_never_becomes_an_entity()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        (await SendAsync(sandbox, "POST", "/api/catalog/locations?dryRun=true", Location("absent.yaml"))).Status.ShouldBe(400);
        (await SendAsync(sandbox, "POST", "/api/catalog/locations", Location("absent.yaml"))).Status.ShouldBe(201);
        sandbox.Time.Advance(60);
        (await SendAsync(sandbox, "GET", Entity)).Status.ShouldBe(404);

        await sandbox.GitHubAsync("PUT", "/repos/acme/golden-path-frontend/contents/absent.yaml", new JsonObject
        {
            ["message"] = "add",
            ["content"] = Convert.ToBase64String(Encoding.UTF8.GetBytes("apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata:\n  name: shop\nspec:\n  owner: platform\n")),
        });
        sandbox.Time.Advance(3);
        (await SendAsync(sandbox, "GET", "/api/catalog/entities/by-name/system/default/shop")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Dry_run_shows_entities_and_keeps_nothing()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var before = (await sandbox.StateAsync()).ToJsonString();
        var dry = await SendAsync(sandbox, "POST", "/api/catalog/locations?dryRun=true", Location("catalog-info.yaml"));
        dry.Json["entities"]!.AsArray().Count.ShouldBe(1);
        dry.Json["exists"]!.GetValue<bool>().ShouldBeFalse();
        (await sandbox.StateAsync()).ToJsonString().ShouldBe(before);
    }

    [Fact]
    public async Task Locations_are_queried_by_the_page_and_listed_whole()
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.CatalogMaxPageSize = 2);
        foreach (var i in Enumerable.Range(0, 3))
            await SendAsync(sandbox, "POST", "/api/catalog/locations", Location($"{i}.yaml"));

        var first = await SendAsync(sandbox, "POST", "/api/catalog/locations/by-query", new JsonObject { ["limit"] = 100, ["query"] = new JsonObject { ["type"] = "url" } });
        var second = await SendAsync(sandbox, "POST", "/api/catalog/locations/by-query", new JsonObject { ["cursor"] = first.Json["pageInfo"]!["nextCursor"]!.ToString() });

        (first.Json["items"]!.AsArray().Count, second.Json["items"]!.AsArray().Count, second.Json["pageInfo"]!["nextCursor"]).ShouldBe((2, 1, null));
        (await SendAsync(sandbox, "GET", "/api/catalog/locations")).Json.AsArray().Count.ShouldBe(3);
    }

    [Fact]
    public async Task Who_may_not_read_is_told_that_there_is_nothing_and_who_may_not_write_nothing_more()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await SendAsync(sandbox, "POST", "/api/catalog/locations", Location("catalog-info.yaml"));
        sandbox.Time.Advance(2);
        sandbox.Host.Options.Seed.CatalogPermissions = [];

        (await SendAsync(sandbox, "GET", "/api/catalog/locations")).Json.AsArray().ShouldBeEmpty();
        (await SendAsync(sandbox, "GET", Entity)).Status.ShouldBe(404);
        var refused = await SendAsync(sandbox, "POST", "/api/catalog/locations", Location("other.yaml"));
        (refused.Status, refused.Json["error"]!["name"]!.ToString(), refused.Json["error"]!["message"]!.ToString()).ShouldBe((403, "NotAllowedError", ""));
    }
}
