using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.Grafana;

public sealed class GrafanaTests
{
    private static Task<Answer> SendAsync(SandboxFixture sandbox, string method, string path, JsonNode? body = null, string? token = null) =>
        sandbox.SendAsync(sandbox.Host.Grafana, method, path, body, token ?? sandbox.Host.Options.Credentials.GrafanaToken);

    private static JsonObject Dashboard(string title, int version = 0, bool overwrite = false, string folder = "") => new()
    {
        ["dashboard"] = new JsonObject { ["id"] = null, ["uid"] = "svc-orders", ["title"] = title, ["version"] = version, ["panels"] = new JsonArray() },
        ["folderUid"] = folder,
        ["overwrite"] = overwrite,
    };

    private static JsonObject Rule(string uid, string title) => new()
    {
        ["uid"] = uid,
        ["folderUID"] = "team-payments",
        ["ruleGroup"] = "orders",
        ["title"] = title,
        ["condition"] = "A",
        ["data"] = new JsonArray(new JsonObject { ["refId"] = "A", ["datasourceUid"] = "prometheus", ["model"] = new JsonObject() }),
    };

    private static Task<Answer> CreateFolderAsync(SandboxFixture sandbox) =>
        SendAsync(sandbox, "POST", "/api/folders", new JsonObject { ["uid"] = "team-payments", ["title"] = "Payments" });

    [Fact]
    public async Task Dashboard_is_guarded_by_its_version_unless_overwritten()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        (await SendAsync(sandbox, "POST", "/api/dashboards/db", Dashboard("Orders", folder: "absent"))).Status.ShouldBe(404);
        var first = await SendAsync(sandbox, "POST", "/api/dashboards/db", Dashboard("Orders"));
        first.Json["url"]!.GetValue<string>().ShouldBe("/d/svc-orders/orders");
        (await SendAsync(sandbox, "POST", "/api/dashboards/db", Dashboard("Orders"))).Json["status"]!.GetValue<string>().ShouldBe("name-exists");
        (await SendAsync(sandbox, "POST", "/api/dashboards/db", Dashboard("Orders 2", 1))).Json["version"]!.GetValue<int>().ShouldBe(2);
        var stale = await SendAsync(sandbox, "POST", "/api/dashboards/db", Dashboard("Orders 3", 1));
        stale.Status.ShouldBe(412);
        stale.Json["message"]!.GetValue<string>().ShouldBe("The dashboard has been changed by someone else");
        (await SendAsync(sandbox, "POST", "/api/dashboards/db", Dashboard("Orders 3", 1, overwrite: true))).Status.ShouldBe(200);
        (await SendAsync(sandbox, "DELETE", "/api/dashboards/uid/svc-orders")).Status.ShouldBe(200);
        (await SendAsync(sandbox, "GET", "/api/dashboards/uid/svc-orders")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Folder_takes_its_content_along_and_keeps_rules_unless_told()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var before = (await sandbox.StateAsync()).ToJsonString();
        await CreateFolderAsync(sandbox);
        (await CreateFolderAsync(sandbox)).Status.ShouldBe(409);
        await SendAsync(sandbox, "POST", "/api/dashboards/db", Dashboard("Orders", folder: "team-payments"));
        (await SendAsync(sandbox, "PUT", "/api/v1/provisioning/folder/team-payments/rule-groups/orders", new JsonObject { ["interval"] = 60, ["rules"] = new JsonArray(Rule("a", "A")) }))
            .Status.ShouldBe(200);
        (await SendAsync(sandbox, "DELETE", "/api/folders/team-payments")).Status.ShouldBe(400);
        (await SendAsync(sandbox, "DELETE", "/api/folders/team-payments?forceDeleteRules=true")).Status.ShouldBe(200);
        (await sandbox.StateAsync()).ToJsonString().ShouldBe(before);
    }

    [Fact]
    public async Task Rules_are_unique_by_uid_and_by_title_in_a_folder()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await CreateFolderAsync(sandbox);
        (await SendAsync(sandbox, "POST", "/api/v1/provisioning/alert-rules", Rule("a", "Errors"))).Status.ShouldBe(201);
        (await SendAsync(sandbox, "POST", "/api/v1/provisioning/alert-rules", Rule("a", "Other"))).Status.ShouldBe(409);
        (await SendAsync(sandbox, "POST", "/api/v1/provisioning/alert-rules", Rule("b", "Errors"))).Status.ShouldBe(409);
        (await SendAsync(sandbox, "PUT", "/api/v1/provisioning/alert-rules/absent", Rule("absent", "X"))).Status.ShouldBe(404);
        var group = new JsonObject { ["interval"] = 60, ["rules"] = new JsonArray(Rule("c", "Latency")) };
        await SendAsync(sandbox, "PUT", "/api/v1/provisioning/folder/team-payments/rule-groups/orders", group);
        (await SendAsync(sandbox, "GET", "/api/v1/provisioning/alert-rules/a")).Status.ShouldBe(404);
        (await SendAsync(sandbox, "DELETE", "/api/v1/provisioning/alert-rules/absent")).Status.ShouldBe(204);
    }

    [Fact]
    public async Task People_see_pages_without_a_token()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await CreateFolderAsync(sandbox);
        await SendAsync(sandbox, "POST", "/api/dashboards/db", Dashboard("Orders", folder: "team-payments"));
        foreach (var path in new[] { "/d/svc-orders/orders", "/dashboards/f/team-payments", "/alerting/list" })
        {
            (await sandbox.SendAsync(sandbox.Host.Grafana, "GET", path)).Status.ShouldBe(200, path);
        }

        foreach (var path in new[] { "", "/settings/branches", "/deployments/dev", "/blob/main/README.md" })
        {
            (await sandbox.SendAsync(sandbox.Host.GitHub, "GET", "/acme/golden-path-frontend" + path)).Status.ShouldBe(200, path);
        }
    }

    [Fact]
    public async Task Tokens_are_checked()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        (await sandbox.SendAsync(sandbox.Host.Grafana, "GET", "/api/folders")).Status.ShouldBe(401);
        (await SendAsync(sandbox, "GET", "/api/folders", token: "glsa_wrong")).Json["message"]!.GetValue<string>().ShouldBe("Invalid API key");
        (await SendAsync(sandbox, "POST", "/api/folders", new JsonObject(), sandbox.Host.Options.Credentials.GrafanaReadToken)).Status.ShouldBe(403);
    }

    [Theory]
    [InlineData(true, "theirs")]
    [InlineData(false, "svc-orders")]
    public async Task Overwriting_takes_another_dashboard_of_the_title_where_titles_are_unique(bool unique, string written)
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.GrafanaUniqueTitles = unique);
        var theirs = Dashboard("Orders");
        theirs["dashboard"]!["uid"] = "theirs";
        await SendAsync(sandbox, "POST", "/api/dashboards/db", theirs);

        (await SendAsync(sandbox, "POST", "/api/dashboards/db", Dashboard("Orders", overwrite: true))).Json["uid"]!.ToString().ShouldBe(written);
    }

    [Fact]
    public async Task Deleting_a_folder_takes_folders_in_it_along()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await CreateFolderAsync(sandbox);
        await SendAsync(sandbox, "POST", "/api/folders", new JsonObject { ["uid"] = "drafts", ["title"] = "Drafts", ["parentUid"] = "team-payments" });
        (await SendAsync(sandbox, "GET", "/api/search?folderUIDs=team-payments")).Json[0]!["type"]!.ToString().ShouldBe("dash-folder");

        await SendAsync(sandbox, "DELETE", "/api/folders/team-payments");

        (await SendAsync(sandbox, "GET", "/api/folders/drafts")).Status.ShouldBe(404);
    }
}
