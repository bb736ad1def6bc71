using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.GitHub;

public sealed class TemplateTests
{
    private static readonly JsonObject s_orders = new() { ["owner"] = "acme", ["name"] = "orders", ["private"] = true };

    [Fact]
    public async Task Generated_repository_stays_empty_until_its_content_arrives()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var created = await sandbox.GitHubAsync("POST", "/repos/acme/golden-path-microservice/generate", s_orders.DeepClone());
        created.Status.ShouldBe(201, created.Body);
        created.Json["template_repository"]!["full_name"]!.GetValue<string>().ShouldBe("acme/golden-path-microservice");

        var interim = new[]
        {
            await sandbox.GitHubAsync("GET", "/repos/acme/orders/contents/README.md"),
            await sandbox.GitHubAsync("GET", "/repos/acme/orders/commits"),
            await sandbox.GitHubAsync("GET", "/repos/acme/orders/branches"),
            await sandbox.GitHubAsync("GET", "/repos/acme/orders/branches/main"),
            await sandbox.GitHubAsync("PUT", "/repos/acme/orders/branches/main/protection", new JsonObject()),
            await sandbox.GitHubAsync("PATCH", "/repos/acme/orders", new JsonObject { ["default_branch"] = "main" }),
        };
        interim.Select(a => $"{a.Status} {(a.Body.StartsWith('[') ? a.Body : a.Json["message"])}").ShouldBe(
        [
            "404 This repository is empty.",
            "409 Git Repository is empty.",
            "200 []",
            "404 Branch not found",
            "404 Branch not found",
            "422 Validation Failed",
        ]);

        sandbox.Time.Advance(2);
        (await sandbox.GitHubAsync("GET", "/repos/acme/orders/branches/main")).Status.ShouldBe(200);
        var file = (await sandbox.GitHubAsync("GET", "/repos/acme/orders/contents/.github%2Fworkflows%2Fci-cd.yaml")).Json;
        file["path"]!.GetValue<string>().ShouldBe(".github/workflows/ci-cd.yaml");
    }

    [Fact]
    public async Task Name_that_is_taken_is_refused()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await sandbox.GitHubAsync("POST", "/repos/acme/golden-path-microservice/generate", s_orders.DeepClone());
        var again = await sandbox.GitHubAsync("POST", "/repos/ACME/golden-path-microservice/generate", new JsonObject { ["owner"] = "acme", ["name"] = "Orders" });
        again.Status.ShouldBe(422);
        again.Json["message"]!.GetValue<string>().ShouldBe("Could not clone: Name already exists on this account");
    }

    [Fact]
    public async Task Only_templates_can_be_generated_from()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await sandbox.GitHubAsync("POST", "/orgs/acme/repos", new JsonObject { ["name"] = "plain", ["auto_init"] = true });
        (await sandbox.GitHubAsync("POST", "/repos/acme/plain/generate", s_orders.DeepClone())).Status.ShouldBe(422);
        (await sandbox.GitHubAsync("POST", "/repos/acme/absent/generate", s_orders.DeepClone())).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Deleting_a_repository_leaves_everything_as_before()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var before = (await sandbox.StateAsync()).ToJsonString();
        await sandbox.GitHubAsync("POST", "/repos/acme/golden-path-microservice/generate", s_orders.DeepClone());
        sandbox.Time.Advance(3);
        await sandbox.GitHubAsync("PUT", "/orgs/acme/teams/payments/repos/acme/orders", new JsonObject { ["permission"] = "maintain" });
        await sandbox.GitHubAsync("PUT", "/repos/acme/orders/environments/dev");
        await sandbox.GitHubAsync("POST", "/repos/acme/orders/environments/dev/variables", new JsonObject { ["name"] = "A", ["value"] = "1" });
        (await sandbox.StateAsync()).ToJsonString().ShouldNotBe(before);
        (await sandbox.GitHubAsync("DELETE", "/repos/acme/orders")).Status.ShouldBe(204);
        (await sandbox.StateAsync()).ToJsonString().ShouldBe(before);
        (await sandbox.GitHubAsync("DELETE", "/repos/acme/orders")).Status.ShouldBe(404);
    }
}
