using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.Control;

public sealed class LedgerTests
{
    [Fact]
    public async Task Every_mutation_is_told_with_its_callers_key_and_what_it_changed()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var body = new JsonObject { ["permission"] = "push" };
        const string path = "/orgs/acme/teams/payments/repos/acme/golden-path-frontend";
        await sandbox.GitHubAsync("PUT", path, body, headers: ("X-Correlation-Id", "run-1"));
        await sandbox.GitHubAsync("PUT", path, body);
        await sandbox.GitHubAsync("GET", path);
        await sandbox.GitHubAsync("PUT", path.Replace("payments", "nobody", StringComparison.Ordinal), body);

        var ledger = (await sandbox.ControlAsync("GET", "ledger")).AsArray();
        ledger.Select(e => $"{e!["sequence"]} {e["system"]} {e["method"]} {e["status"]} {e["applied"]} {e["keys"]!.ToJsonString()}").ShouldBe(
        [
            """1 github PUT 204 true {"x-correlation-id":"run-1"}""",
            "2 github PUT 204 false {}",
            "3 github PUT 404 false {}",
        ]);
        ledger[0]!["changes"]![0]!["kind"]!.GetValue<string>().ShouldBe("grant");
        (await sandbox.ControlAsync("GET", "ledger?after=2")).AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Neither_ledger_nor_state_shows_a_credential()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var credentials = sandbox.Host.Options.Credentials;
        await sandbox.GitHubAsync("PUT", "/repos/acme/golden-path-frontend/topics", new JsonObject { ["names"] = new JsonArray("x") });
        await sandbox.SendAsync(sandbox.Host.SlackWebhook, "POST", sandbox.Host.SlackWebhook.PathAndQuery, new JsonObject { ["text"] = "hello" });
        await sandbox.SendAsync(sandbox.Host.TeamsWebhook, "POST", sandbox.Host.TeamsWebhook.PathAndQuery, new JsonObject());
        var all = (await sandbox.ControlAsync("GET", "ledger")).ToJsonString() + (await sandbox.StateAsync()).ToJsonString();
        foreach (var secret in new[] { credentials.GitHubToken, credentials.SlackWebhookSecret, credentials.TeamsWebhookSignature })
        {
            all.ShouldNotContain(secret);
        }
    }

    [Fact]
    public async Task Reset_brings_back_the_beginning()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var before = (await sandbox.StateAsync()).ToJsonString();
        await sandbox.GitHubAsync("DELETE", "/repos/acme/golden-path-frontend");
        await sandbox.ControlAsync("POST", "reset");
        (await sandbox.StateAsync()).ToJsonString().ShouldBe(before);
        (await sandbox.ControlAsync("GET", "ledger")).AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Control_token_is_asked_for_when_there_is_one()
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.ControlToken = "letmein");
        (await sandbox.SendAsync(sandbox.Host.GitHub, "GET", "/_sandbox/state")).Status.ShouldBe(401);
        (await sandbox.SendAsync(sandbox.Host.GitHub, "GET", "/_sandbox/state", token: "letmein")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Listening_beyond_loopback_needs_a_control_token() =>
        await Should.ThrowAsync<System.ComponentModel.DataAnnotations.ValidationException>(
            () => SandboxHost.StartAsync(new SandboxOptions { ListenAddress = System.Net.IPAddress.Any }));
}
