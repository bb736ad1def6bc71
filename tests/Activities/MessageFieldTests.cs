using System.Text;
using System.Text.Json.Nodes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>What Slack, Teams, mail and PagerDuty do with messages that they don't take as they are.</summary>
public sealed class MessageFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private (string, string) Bot => ("Onramp:Notifications:SlackBotToken", fixture.Sandbox.Options.Credentials.SlackBotToken);
    private (string, string) Api => ("Onramp:Notifications:SlackUrl", fixture.Sandbox.SlackApi.ToString());

    [Theory]
    [InlineData("slack", "/services/{**path}")]
    [InlineData("teams", "/workflows/{**path}")]
    public async Task A_proxy_that_quotes_a_webhooks_address_tells_nobody_its_secret(string channel, string route)
    {
        await using var run = await StartAsync();
        var credentials = fixture.Sandbox.Options.Credentials;
        var secret = channel == "slack" ? credentials.SlackWebhookSecret : credentials.TeamsWebhookSignature;
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "chat", ["route"] = route, ["action"] = "fail", ["status"] = 403, ["times"] = 10,
            ["body"] = $"<p>Blocked: {fixture.Sandbox.SlackWebhook} {fixture.Sandbox.TeamsWebhook}</p>",
        });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => TellAsync(run, new NotificationInput { Text = "ready" }));

        (failure.Message.Contains(secret), failure.Message.Contains("403")).ShouldBe((false, true), failure.Message);
    }

    [Fact]
    public async Task A_mail_service_that_quotes_the_key_tells_nobody()
    {
        await using var run = await StartAsync();
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "mail", ["action"] = "fail", ["status"] = 400, ["body"] = $"bad header: Bearer {fixture.Sandbox.Options.Credentials.MailToken}",
        });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => TellAsync(run, new NotificationInput { Email = "payments@acme.test" }));

        failure.Message.ShouldNotContain(fixture.Sandbox.Options.Credentials.MailToken);
    }

    [Theory]
    [InlineData(1000, 30)]
    [InlineData(5, 4000)]
    public async Task A_text_of_any_length_is_taken_by_Slack_as_a_whole(int lines, int length)
    {
        await using var run = await StartAsync(Bot, Api);
        var text = string.Join('\n', Enumerable.Range(0, lines).Select(n => $"{n} {new string('x', length)}"));

        await TellAsync(run, new NotificationInput { Channel = "#payments", Text = text });

        (await MessagesAsync(run, "slack")).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("é")]
    [InlineData("😀")]
    [InlineData("字")]
    public async Task A_text_in_any_language_is_taken_by_Teams(string character)
    {
        await using var run = await StartAsync();

        await TellAsync(run, new NotificationInput { Text = string.Concat(Enumerable.Repeat(character, 6000)) });

        (await MessagesAsync(run, "teams")).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId tcid=0", ErrorTypes.RateLimited)]
    [InlineData("Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 502 with ContextId tcid=0", ErrorTypes.Transient)]
    [InlineData("Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413 with ContextId tcid=0", ErrorTypes.Validation)]
    public async Task A_refusal_that_Teams_wraps_into_a_success_is_one(string body, string type)
    {
        await using var run = await StartAsync();
        await run.AddFaultAsync(new JsonObject { ["system"] = "chat", ["route"] = "/workflows/{**path}", ["action"] = "fail", ["status"] = 200, ["body"] = body });

        (await Should.ThrowAsync<ApplicationFailureException>(() => TellAsync(run, new NotificationInput { Text = "ready" }))).ErrorType.ShouldBe(type);
    }

    [Theory]
    [InlineData("#payments-2019", "is_archived")]
    [InlineData("#general", "not_in_channel")]
    [InlineData("#nobody", "channel_not_found")]
    public async Task What_a_channel_doesnt_take_reaches_the_platforms_own_with_the_reason(string channel, string reason)
    {
        await using var run = await StartAsync(Bot, Api, ("Onramp:Notifications:SlackDefaultChannel", "#platform"), ("Onramp:Notifications:SlackWebhookUrl", ""));

        await Should.ThrowAsync<ApplicationFailureException>(() => TellAsync(run, new NotificationInput { Channel = channel, Text = "decide" }));

        var told = (await MessagesAsync(run, "slack")).ShouldHaveSingleItem();
        (told["channel"]!.ToString(), told["message"]!["text"]!.ToString()).ShouldBe(("#platform", $"orders: title\nFor {channel} ({reason}): decide"));
    }

    [Fact]
    public async Task What_two_channels_dont_take_reaches_the_platforms_own_for_each()
    {
        await using var run = await StartAsync(Bot, Api, ("Onramp:Notifications:SlackDefaultChannel", "#platform"), ("Onramp:Notifications:SlackWebhookUrl", ""));

        await Should.ThrowAsync<ApplicationFailureException>(() => TellAsync(run, new NotificationInput { Channels = ["#general", "#payments", "#nobody"], Text = "decide" }));

        (await MessagesAsync(run, "slack")).Select(m => m["channel"]!.ToString()).Order().ShouldBe(["#payments", "#platform", "#platform"]);
    }

    [Theory]
    [InlineData("ratelimited")]
    [InlineData("rate_limited")]
    [InlineData("message_limit_exceeded")]
    public async Task A_limit_that_Slack_wraps_into_a_success_is_one(string error)
    {
        await using var run = await StartAsync(Bot, Api);
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "chat", ["route"] = "/api/chat.postMessage", ["action"] = "fail", ["status"] = 200, ["body"] = new JsonObject { ["ok"] = false, ["error"] = error },
        });

        (await Should.ThrowAsync<ApplicationFailureException>(() => TellAsync(run, new NotificationInput { Channel = "#payments" }))).ErrorType.ShouldBe(ErrorTypes.RateLimited);
    }

    [Fact]
    public async Task A_place_that_is_gone_keeps_no_other_from_being_tried_again()
    {
        await using var run = await StartAsync(Bot, Api);
        await run.AddFaultAsync(new JsonObject { ["system"] = "chat", ["route"] = "/api/chat.postMessage", ["action"] = "fail", ["status"] = 503 });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(
            () => TellAsync(run, new NotificationInput { Channels = ["#payments", "#nobody"], Text = "ready" }));

        failure.NonRetryable.ShouldBeFalse();
    }

    [Fact]
    public async Task A_limit_says_how_long_it_lasts()
    {
        await using var run = await StartAsync(Bot, Api);
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "chat", ["route"] = "/api/chat.postMessage", ["action"] = "fail", ["status"] = 429, ["headers"] = new JsonObject { ["Retry-After"] = "30" },
        });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => TellAsync(run, new NotificationInput { Channel = "#payments" }));

        failure.NextRetryDelay.ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("#payments", "", "Onramp:Notifications:SlackWebhookUrl", "notifications.channel #payments can't be written to: the platform has no chat")]
    [InlineData("", "payments@acme.test", "Onramp:Notifications:MailUrl", "notifications.email payments@acme.test can't be written to: the platform has no mail service")]
    public void What_was_asked_for_and_can_not_be_told_is_said(string channel, string email, string missing, string warning)
    {
        var request = SandboxRun.Orders with { Notifications = new NotificationRequest { Channel = channel, Email = email } };
        var run = SandboxRun.Create(fixture.Sandbox, request, settings: (missing, ""));

        Planner.Warnings(request, run.Platform).ShouldBe([warning]);
    }

    private async Task<SandboxRun> StartAsync(params (string Key, string Value)[] settings)
    {
        var run = SandboxRun.Create(fixture.Sandbox, settings: settings);
        await run.ResetAsync();
        await run.ClearFaultsAsync();
        return run;
    }

    private static Task TellAsync(SandboxRun run, NotificationInput input) => run.CallAsync(ActivityNames.Notify,
    [
        input with
        {
            Key = new StepKey { WorkflowId = "onboarding-orders-dev", RunId = "run-1", Step = StepIds.Notify },
            Kind = NotificationKinds.NotApproved,
            Title = input.Title.Length > 0 ? input.Title : "orders: title",
        },
    ]);

    private static async Task<IReadOnlyList<JsonNode>> MessagesAsync(SandboxRun run, string to) =>
        [.. (await run.ToldAsync("chat")).Where(m => m["to"]!.ToString() == to)];
}
