using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.Control;

public sealed class FaultTests
{
    private const string Topics = "/repos/acme/golden-path-frontend/topics";

    private static JsonObject Names(params string[] names) => new() { ["names"] = new JsonArray([.. names.Select(n => (JsonNode?)n)]) };

    [Fact]
    public async Task Failure_hits_the_chosen_calls_only_and_changes_nothing()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var before = (await sandbox.StateAsync()).ToJsonString();
        await sandbox.FaultAsync(new JsonObject
        {
            ["system"] = "github", ["method"] = "PUT", ["route"] = "/repos/{owner}/{repo}/topics", ["status"] = 503, ["times"] = 2, ["skip"] = 1,
        });
        (await sandbox.GitHubAsync("GET", Topics)).Status.ShouldBe(200);
        (await sandbox.GitHubAsync("PUT", Topics, Names())).Status.ShouldBe(200);
        var failed = await sandbox.GitHubAsync("PUT", Topics, Names("a"));
        failed.Status.ShouldBe(503);
        failed.Json["message"]!.GetValue<string>().ShouldBe("Server Error");
        (await sandbox.GitHubAsync("PUT", Topics, Names("a"))).Status.ShouldBe(503);
        (await sandbox.StateAsync()).ToJsonString().ShouldBe(before);
        (await sandbox.GitHubAsync("PUT", Topics, Names("a"))).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("drop", true)]
    [InlineData("dropBefore", false)]
    public async Task Dropped_answer_tells_the_caller_nothing(string action, bool applied)
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await sandbox.FaultAsync(new JsonObject { ["system"] = "github", ["method"] = "PUT", ["action"] = action });
        await Should.ThrowAsync<HttpRequestException>(() => sandbox.GitHubAsync("PUT", Topics, Names("kept")));
        var topics = (await sandbox.GitHubAsync("GET", Topics)).Json["names"]!.AsArray();
        topics.Count.ShouldBe(applied ? 1 : 0);
        var entry = (await sandbox.ControlAsync("GET", "ledger")).AsArray()[^1]!;
        entry["outcome"]!.GetValue<string>().ShouldBe("dropped");
        entry["applied"]!.GetValue<bool>().ShouldBe(applied);
    }

    [Fact]
    public async Task Delay_holds_the_call_back()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await sandbox.FaultAsync(new JsonObject { ["system"] = "grafana", ["action"] = "delay", ["delayMilliseconds"] = 300 });
        var watch = System.Diagnostics.Stopwatch.StartNew();
        (await sandbox.SendAsync(sandbox.Host.Grafana, "GET", "/api/health")).Status.ShouldBe(200);
        watch.ElapsedMilliseconds.ShouldBeGreaterThan(250);
    }

    [Fact]
    public async Task Body_and_headers_can_be_given()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await sandbox.FaultAsync(new JsonObject
        {
            ["status"] = 429, ["headers"] = new JsonObject { ["Retry-After"] = "17" }, ["body"] = new JsonObject { ["message"] = "slow down" },
        });
        var answer = await sandbox.GitHubAsync("GET", "/user");
        answer.Status.ShouldBe(429);
        answer.Header("Retry-After").ShouldBe("17");
        answer.Body.ShouldBe("""{"message":"slow down"}""");
    }

    [Theory]
    [InlineData("""{"action":"explode"}""", "action")]
    [InlineData("""{"status":99}""", "status")]
    [InlineData("""{"action":"delay"}""", "delayMilliseconds")]
    [InlineData("""{"status":500,"times":0}""", "times")]
    public async Task Impossible_faults_are_refused_by_field(string fault, string field)
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var answer = await sandbox.SendAsync(sandbox.Host.GitHub, "POST", "/_sandbox/faults", JsonNode.Parse(fault));
        answer.Status.ShouldBe(400);
        answer.Json["field"]!.GetValue<string>().ShouldBe(field);
    }

    [Fact]
    public async Task Faults_are_listed_and_removed()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await sandbox.FaultAsync(new JsonObject { ["status"] = 500 });
        await sandbox.FaultAsync(new JsonObject { ["status"] = 501 });
        (await sandbox.ControlAsync("GET", "faults")).AsArray().Count.ShouldBe(2);
        await sandbox.ControlAsync("DELETE", "faults/1");
        (await sandbox.ControlAsync("GET", "faults")).AsArray().Select(f => f!["status"]!.GetValue<int>()).ShouldBe([501]);
        await sandbox.ControlAsync("DELETE", "faults");
        (await sandbox.GitHubAsync("GET", "/user")).Status.ShouldBe(200);
    }
}
