using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.Notifications;

public sealed class NotificationTests
{
    [Theory]
    [InlineData("""{"text":"hello"}""", 200, "ok")]
    [InlineData("""{}""", 400, "no_text")]
    [InlineData("""not json""", 400, "invalid_payload")]
    public async Task Slack_answers_in_plain_words(string body, int status, string text)
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var hook = sandbox.Host.SlackWebhook;
        var answer = await sandbox.SendAsync(hook, "POST", hook.PathAndQuery, body);
        (answer.Status, answer.Body).ShouldBe((status, text));
        (await sandbox.SendAsync(hook, "POST", hook.AbsolutePath[..^1], body)).Body.ShouldBe("invalid_token");
    }

    [Theory]
    [InlineData("xoxb-sandbox", "#payments", "hello", true, null)]
    [InlineData("xoxb-other", "#payments", "hello", false, "invalid_auth")]
    [InlineData("xoxb-sandbox", "#nobody", "hello", false, "channel_not_found")]
    [InlineData("xoxb-sandbox", "#general", "hello", false, "not_in_channel")]
    [InlineData("xoxb-sandbox", "#payments-2019", "hello", false, "is_archived")]
    [InlineData("xoxb-sandbox", "#payments", "", false, "no_text")]
    public async Task Slacks_api_refuses_in_the_body_of_a_success(string token, string channel, string text, bool ok, string? error)
    {
        await using var sandbox = await SandboxFixture.StartAsync();

        var answer = await sandbox.SendAsync(
            sandbox.Host.SlackApi, "POST", "/api/chat.postMessage", new JsonObject { ["channel"] = channel, ["text"] = text }, token);

        (answer.Status, answer.Json["ok"]!.GetValue<bool>(), answer.Json["error"]?.ToString()).ShouldBe((200, ok, error));
    }

    [Fact]
    public async Task A_webhook_posts_to_its_own_channel_whatever_is_asked()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var hook = sandbox.Host.SlackWebhook;

        await sandbox.SendAsync(hook, "POST", hook.PathAndQuery, new JsonObject { ["channel"] = "#payments", ["text"] = "hello" });

        (await sandbox.StateAsync())["exists"]!["chat"]!["message"]!["000001"]!["channel"]!.ToString().ShouldBe("#onramp");
    }

    [Fact]
    public async Task Teams_takes_adaptive_cards_with_the_right_signature()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var hook = sandbox.Host.TeamsWebhook;
        var card = new JsonObject
        {
            ["type"] = "message",
            ["attachments"] = new JsonArray(new JsonObject
            {
                ["contentType"] = "application/vnd.microsoft.card.adaptive", ["content"] = new JsonObject { ["type"] = "AdaptiveCard", ["version"] = "1.4" },
            }),
        };
        (await sandbox.SendAsync(hook, "POST", hook.PathAndQuery, card.DeepClone())).Status.ShouldBe(202);
        (await sandbox.SendAsync(hook, "POST", hook.AbsolutePath, card.DeepClone())).Status.ShouldBe(401);
        (await sandbox.SendAsync(hook, "POST", hook.PathAndQuery, new JsonObject { ["text"] = "plain" })).Status.ShouldBe(400);
        (await sandbox.StateAsync())["exists"]!["chat"]!["message"]!.AsObject().Count.ShouldBe(1);
    }

    [Fact]
    public async Task PagerDuty_keeps_one_alert_for_a_key()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        JsonObject Event(string action) => new()
        {
            ["routing_key"] = sandbox.Host.Options.Credentials.PagerDutyRoutingKey,
            ["event_action"] = action,
            ["dedup_key"] = "run-1",
            ["payload"] = new JsonObject { ["summary"] = "failed", ["source"] = "onramp", ["severity"] = "critical" },
        };
        (await sandbox.SendAsync(sandbox.Host.PagerDuty, "POST", "/v2/enqueue", Event("trigger"))).Status.ShouldBe(202);
        (await sandbox.SendAsync(sandbox.Host.PagerDuty, "POST", "/v2/enqueue", Event("trigger"))).Status.ShouldBe(202);
        (await sandbox.SendAsync(sandbox.Host.PagerDuty, "POST", "/v2/enqueue", Event("resolve"))).Status.ShouldBe(202);
        (await sandbox.SendAsync(sandbox.Host.PagerDuty, "POST", "/v2/enqueue", new JsonObject { ["routing_key"] = "short" })).Status.ShouldBe(400);
        var alert = (await sandbox.StateAsync())["exists"]!["pagerduty"]!["alert"]!["run-1"]!;
        (alert["status"]!.GetValue<string>(), alert["triggers"]!.GetValue<int>()).ShouldBe(("resolved", 2));
    }

    [Fact]
    public async Task Mail_is_accepted_when_it_is_complete()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var mail = new JsonObject
        {
            ["personalizations"] = new JsonArray(new JsonObject { ["to"] = new JsonArray(new JsonObject { ["email"] = "ada@acme.test" }) }),
            ["from"] = new JsonObject { ["email"] = "platform@acme.test" },
            ["subject"] = "orders is ready",
            ["content"] = new JsonArray(new JsonObject { ["type"] = "text/plain", ["value"] = "hello" }),
        };
        var token = sandbox.Host.Options.Credentials.MailToken;
        var sent = await sandbox.SendAsync(sandbox.Host.Mail, "POST", "/v3/mail/send", mail.DeepClone(), token);
        sent.Status.ShouldBe(202, sent.Body);
        sent.Header("X-Message-Id").ShouldNotBeEmpty();
        mail.Remove("subject");
        (await sandbox.SendAsync(sandbox.Host.Mail, "POST", "/v3/mail/send", mail, token)).Status.ShouldBe(400);
        (await sandbox.SendAsync(sandbox.Host.Mail, "POST", "/v3/mail/send", new JsonObject())).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Slacks_api_names_the_scope_that_a_token_lacks()
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.Seed.SlackScopes = ["channels:read"]);

        var answer = await sandbox.SendAsync(
            sandbox.Host.SlackApi, "POST", "/api/chat.postMessage", new JsonObject { ["channel"] = "#payments", ["text"] = "hello" }, "xoxb-sandbox");

        (answer.Json["error"]!.ToString(), answer.Json["needed"]!.ToString(), answer.Json["provided"]!.ToString()).ShouldBe(("missing_scope", "chat:write", "channels:read"));
    }

    [Theory]
    [InlineData(4, null)]
    [InlineData(5, "msg_blocks_too_long")]
    public async Task Slacks_api_takes_only_so_much_in_all_blocks_together(int sections, string? error)
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var blocks = Enumerable.Range(0, sections).Select(_ => (JsonNode)new JsonObject
        {
            ["type"] = "section", ["text"] = new JsonObject { ["type"] = "mrkdwn", ["text"] = new string('x', 3000) },
        });

        var answer = await sandbox.SendAsync(
            sandbox.Host.SlackApi, "POST", "/api/chat.postMessage",
            new JsonObject { ["channel"] = "#payments", ["text"] = "hello", ["blocks"] = new JsonArray([.. blocks]) }, "xoxb-sandbox");

        answer.Json["error"]?.ToString().ShouldBe(error);
    }
}
