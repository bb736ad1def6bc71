using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.GitHub;

public sealed class AccessTests
{
    [Theory]
    [InlineData("", 401, "Requires authentication")]
    [InlineData("token ghp_wrong", 401, "Bad credentials")]
    [InlineData("token ghp_sandbox_read", 403, "Resource not accessible by personal access token")]
    [InlineData("token ghp_sandbox", 200, null)]
    public async Task Tokens_are_checked(string token, int status, string? message)
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var answer = await sandbox.SendAsync(
            sandbox.Host.GitHub, "PUT", "/repos/acme/golden-path-frontend/topics", new JsonObject { ["names"] = new JsonArray() }, token);
        answer.Status.ShouldBe(status);
        (answer.Json["message"]?.GetValue<string>()).ShouldBe(message);
    }

    [Fact]
    public async Task Requests_are_counted_and_run_out()
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.GitHubRateLimit = 2);
        var first = await sandbox.GitHubAsync("GET", "/user");
        first.Header("x-ratelimit-remaining").ShouldBe("1");
        await sandbox.GitHubAsync("GET", "/user");
        var limited = await sandbox.GitHubAsync("GET", "/user");
        (limited.Status, limited.Header("x-ratelimit-remaining")).ShouldBe((403, "0"));
        limited.Json["message"]!.GetValue<string>().ShouldStartWith("API rate limit exceeded for");
        sandbox.Time.Advance(3601);
        (await sandbox.GitHubAsync("GET", "/user")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(2, 100, 2)]
    [InlineData(100, 100, 3)]
    public async Task Pages_hold_no_more_than_the_setting_and_lead_on(int setting, int asked, int items)
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.GitHubMaxPageSize = setting);
        for (var i = 0; i < 3; i++)
            await sandbox.GitHubAsync("POST", "/repos/acme/golden-path-frontend/actions/variables", new JsonObject { ["name"] = $"V{i}", ["value"] = "1" });

        var page = await sandbox.GitHubAsync("GET", $"/repos/acme/golden-path-frontend/actions/variables?per_page={asked}");

        (page.Json["variables"]!.AsArray().Count, page.Header("Link")?.Contains("rel=\"next\"") ?? false).ShouldBe((items, items < 3));
    }

    [Fact]
    public async Task Writes_in_a_short_time_run_into_the_secondary_limit_and_reads_do_not()
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.GitHubWritesPerMinute = 1);
        Task<Answer> Write() => sandbox.GitHubAsync("PUT", "/repos/acme/golden-path-frontend/topics", new JsonObject { ["names"] = new JsonArray() });
        (await Write()).Status.ShouldBe(200);
        sandbox.Time.Advance(20);
        var limited = await Write();
        (limited.Status, limited.Header("Retry-After"), limited.Body.Contains("secondary rate limit")).ShouldBe((403, "40", true));
        (await sandbox.GitHubAsync("GET", "/user")).Status.ShouldBe(200);
        sandbox.Time.Advance(40);
        (await Write()).Status.ShouldBe(200);
    }

    [Fact]
    public async Task An_Apps_token_does_what_the_installation_holds_and_the_refusal_names_the_rest()
    {
        using var key = RSA.Create(2048);
        await using var sandbox = await SandboxFixture.StartAsync(o =>
        {
            o.Credentials.GitHubAppPublicKeyPem = key.ExportSubjectPublicKeyInfoPem();
            o.Seed.GitHubPermissions = new Dictionary<string, string> { ["metadata"] = "read", ["contents"] = "read" };
        });
        var jwt = "Bearer " + Sign(key, sandbox.Time.GetUtcNow().ToUnixTimeSeconds(), 500);
        var token = (await sandbox.GitHubAsync("POST", "/app/installations/7001/access_tokens", new JsonObject(), jwt)).Json["token"]!.ToString();

        var read = await sandbox.GitHubAsync("GET", "/repos/acme/golden-path-frontend/contents/README.md", token: token);
        var written = await sandbox.GitHubAsync("PUT", "/repos/acme/golden-path-frontend/contents/new", new JsonObject { ["message"] = "m", ["content"] = "" }, token);

        (read.Status, written.Status, written.Header("X-Accepted-GitHub-Permissions")).ShouldBe((200, 403, "contents=write"));
    }

    [Theory]
    [InlineData("application/vnd.github.raw+json", "text")]
    [InlineData("application/vnd.github.v3.raw", "text")]
    [InlineData("application/vnd.github+json", "json")]
    public async Task A_file_comes_as_itself_when_that_is_asked_for(string accept, string kind)
    {
        await using var sandbox = await SandboxFixture.StartAsync();

        var answer = await sandbox.GitHubAsync("GET", "/repos/acme/golden-path-frontend/contents/CODEOWNERS", null, null, ("Accept", accept));

        answer.Body.StartsWith("* @acme/platform").ShouldBe(kind == "text");
    }

    [Fact]
    public async Task App_buys_installation_tokens_that_expire()
    {
        using var key = RSA.Create(2048);
        await using var sandbox = await SandboxFixture.StartAsync(o => o.Credentials.GitHubAppPublicKeyPem = key.ExportSubjectPublicKeyInfoPem());
        string Jwt(int lifetime) => Sign(key, sandbox.Time.GetUtcNow().ToUnixTimeSeconds(), lifetime);

        var installations = await sandbox.GitHubAsync("GET", "/app/installations", token: "Bearer " + Jwt(500));
        installations.Status.ShouldBe(200, installations.Body);
        var path = $"/app/installations/{installations.Json[0]!["id"]}/access_tokens";
        (await sandbox.GitHubAsync("POST", path, token: "Bearer " + Jwt(700))).Json["message"]!.GetValue<string>()
            .ShouldBe("'Expiration time' claim ('exp') is too far in the future");
        var token = (await sandbox.GitHubAsync("POST", path, token: "Bearer " + Jwt(500))).Json["token"]!.GetValue<string>();
        (await sandbox.GitHubAsync("GET", "/repos/acme/golden-path-frontend", token: token)).Status.ShouldBe(200);
        sandbox.Time.Advance(3601);
        (await sandbox.GitHubAsync("GET", "/repos/acme/golden-path-frontend", token: token)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Renamed_repository_redirects_to_its_number()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        await sandbox.GitHubAsync("PATCH", "/repos/acme/golden-path-frontend", new JsonObject { ["name"] = "renamed" });
        var moved = await sandbox.GitHubAsync("GET", "/repos/acme/golden-path-frontend");
        moved.Status.ShouldBe(301);
        var target = new Uri(moved.Header("Location")).PathAndQuery;
        (await sandbox.GitHubAsync("GET", target)).Json["name"]!.GetValue<string>().ShouldBe("renamed");
        var branch = await sandbox.GitHubAsync("GET", "/repos/acme/golden-path-frontend/branches/main");
        (await sandbox.GitHubAsync("GET", new Uri(branch.Header("Location")).PathAndQuery)).Status.ShouldBe(200);
        (await sandbox.GitHubAsync("GET", "/repositories/1/branches/main")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData(true, "repo:acme@277133432/golden-path-frontend@")]
    [InlineData(false, "repo:acme/golden-path-frontend")]
    public async Task Subject_prefix_carries_ids_by_default(bool immutable, string prefix)
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.Seed.ImmutableOidcSubjects = immutable);
        var answer = await sandbox.GitHubAsync("GET", "/repos/acme/golden-path-frontend/actions/oidc/customization/sub");
        answer.Json["sub_claim_prefix"]!.GetValue<string>().ShouldStartWith(prefix);
    }

    [Fact]
    public async Task Free_plan_has_no_protection_for_private_repositories()
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.GitHubPaidPlan = false);
        var answer = await sandbox.GitHubAsync("PUT", "/repos/acme/golden-path-frontend/branches/main/protection", new JsonObject());
        answer.Status.ShouldBe(403);
        answer.Json["message"]!.GetValue<string>().ShouldStartWith("Upgrade to GitHub Pro");
    }

    [Fact]
    public async Task Several_files_become_one_commit_and_references_only_move_forward()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        const string git = "/repos/acme/golden-path-frontend/git";
        var tip = (await sandbox.GitHubAsync("GET", git + "/ref/heads/main")).Json["object"]!["sha"]!.GetValue<string>();
        var tree = (await sandbox.GitHubAsync("POST", git + "/trees", new JsonObject
        {
            ["base_tree"] = tip,
            ["tree"] = new JsonArray(
                new JsonObject { ["path"] = "a.txt", ["mode"] = "100644", ["type"] = "blob", ["content"] = "a" },
                new JsonObject { ["path"] = "b/c.txt", ["mode"] = "100644", ["type"] = "blob", ["content"] = "c" }),
        })).Json["sha"]!.GetValue<string>();
        var commit = (await sandbox.GitHubAsync("POST", git + "/commits", new JsonObject { ["message"] = "two files", ["tree"] = tree, ["parents"] = new JsonArray(tip) }))
            .Json["sha"]!.GetValue<string>();
        (await sandbox.GitHubAsync("PATCH", git + "/refs/heads/main", new JsonObject { ["sha"] = commit })).Status.ShouldBe(200);
        var back = await sandbox.GitHubAsync("PATCH", git + "/refs/heads/main", new JsonObject { ["sha"] = tip });
        (back.Status, back.Json["message"]!.GetValue<string>()).ShouldBe((422, "Update is not a fast forward"));
        var file = await sandbox.GitHubAsync("GET", "/repos/acme/golden-path-frontend/contents/b/c.txt");
        file.Json["sha"]!.GetValue<string>().ShouldBe(Convert.ToHexStringLower(SHA1.HashData("blob 1\0c"u8)));
    }

    private static string Sign(RSA key, long now, int lifetime)
    {
        static string Part(string json) => Url(Encoding.UTF8.GetBytes(json));
        var text = $"{Part("""{"alg":"RS256","typ":"JWT"}""")}.{Part($$"""{"iat":{{now - 30}},"exp":{{now + lifetime}},"iss":1001}""")}";
        return $"{text}.{Url(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    [Fact]
    public async Task Writes_of_an_hour_run_into_the_secondary_limit_until_a_reset()
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.GitHubWritesPerHour = 1);
        Task<Answer> Write() => sandbox.GitHubAsync("PUT", "/repos/acme/golden-path-frontend/topics", new JsonObject { ["names"] = new JsonArray() });
        await Write();
        sandbox.Time.Advance(600);
        (await Write()).Header("Retry-After").ShouldBe("3000");

        await sandbox.SendAsync(sandbox.Host.Control, "POST", "/_sandbox/reset");

        (await Write()).Status.ShouldBe(200);
    }
}
