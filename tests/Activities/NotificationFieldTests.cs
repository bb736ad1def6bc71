using System.Text.Json.Nodes;
using Onramp.Activities.Notifications;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>What people who send messages from automation ran into; each test is named by its case.</summary>
public sealed class NotificationFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string Evil = "<!channel> <https://evil.test|the wiki> & more";

    private (string, string) Bot => ("Onramp:Notifications:SlackBotToken", fixture.Sandbox.Options.Credentials.SlackBotToken);
    private (string, string) Api => ("Onramp:Notifications:SlackUrl", fixture.Sandbox.SlackApi.ToString());

    [Fact]
    public async Task F19_with_a_bots_token_a_message_goes_to_the_channel_that_was_asked_for()
    {
        await using var run = await StartAsync(Bot, Api);

        await TellAsync(run, new NotificationInput { Channel = "#payments-alerts" });

        (await MessagesAsync(run, "slack")).ShouldHaveSingleItem()["channel"]!.ToString().ShouldBe("#payments-alerts");
    }

    [Fact]
    public void F19_a_webhook_for_the_channel_is_used_for_it()
    {
        const string own = "https://hooks.test/payments-alerts";
        var message = NotificationChannels.For(
            Input(new NotificationInput { Channel = "#payments-alerts" }),
            new NotificationOptions { SlackWebhookUrl = "https://hooks.test/other", SlackChannelWebhooks = { ["#payments-alerts"] = own } }).ShouldHaveSingleItem();

        message.Target.ToString().ShouldBe(own);
    }

    [Fact]
    public async Task F19_a_channel_that_one_webhook_can_not_reach_is_named_in_the_platforms_channel()
    {
        await using var run = await StartAsync();

        await TellAsync(run, new NotificationInput { Channel = "#payments-alerts", Text = "ready" });

        var told = (await MessagesAsync(run, "slack")).ShouldHaveSingleItem();
        (told["channel"]!.ToString(), told["message"]!["text"]!.ToString()).ShouldBe(("#onramp", "orders: title\nFor #payments-alerts: ready"));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("bot", true)]
    public async Task F19_the_profile_says_which_channels_can_be_written_to(string token, bool any)
    {
        await using var run = await StartAsync(("Onramp:Notifications:SlackBotToken", token));

        (run.Platform.Notifications.ChatChannels is null).ShouldBe(any);
    }

    [Fact]
    public async Task F19_where_an_approving_group_is_told_comes_from_the_configuration()
    {
        await using var run = await StartAsync(
            ("Onramp:Onboarding:Approvals:GroupContacts:platform:Channel", "#platform-approvals"),
            ("Onramp:Onboarding:Approvals:GroupContacts:platform:Email", "platform@acme.test"));

        run.Platform.Approvals.GroupContacts["platform"].ShouldBe(new GroupContact { Channel = "#platform-approvals", Email = "platform@acme.test" });
    }

    [Fact]
    public async Task F19_a_channel_that_the_bot_is_not_in_is_told_by_name()
    {
        await using var run = await StartAsync(Bot, Api);

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => TellAsync(run, new NotificationInput { Channel = "#nobody" }));

        (failure.ErrorType, failure.Message).ShouldBe((ErrorTypes.NotFound, "slack #nobody: channel_not_found"));
    }

    [Fact]
    public async Task F19_an_address_without_a_channel_does_not_leave_chat_out()
    {
        await using var run = await StartAsync();

        await TellAsync(run, new NotificationInput { Email = "payments@acme.test" });

        (await MessagesAsync(run, "slack")).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task F19_everyone_it_is_for_is_told_once()
    {
        await using var run = await StartAsync(Bot, Api);

        await TellAsync(run, new NotificationInput { Channels = ["#platform-approvals", "#payments", "#payments"], Emails = ["a@acme.test", "b@acme.test", "A@acme.test"] });

        (await MessagesAsync(run, "slack")).Select(m => m["channel"]!.ToString()).ShouldBe(["#platform-approvals", "#payments"]);
        (await run.ToldAsync("mail")).ShouldHaveSingleItem()["to"]!.AsArray().Select(t => t!.ToString()).ShouldBe(["a@acme.test", "b@acme.test"]);
    }

    [Fact]
    public async Task F20_text_from_people_pings_nobody_and_hides_no_link_in_slack()
    {
        await using var run = await StartAsync();

        await TellAsync(run, new NotificationInput { Title = Evil, Text = Evil, Links = [new OnboardingLink("a <b> & |c", "https://x.test/?a=1&b=2|y>")] });

        var text = (await MessagesAsync(run, "slack")).ShouldHaveSingleItem()["message"]!.ToJsonString(new System.Text.Json.JsonSerializerOptions
        {
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
        text.ShouldNotContain("<!channel>");
        text.ShouldNotContain("<https://evil.test");
        text.ShouldContain("&lt;!channel&gt; &lt;https://evil.test|the wiki&gt; &amp; more");
        text.ShouldContain("<https://x.test/?a=1&amp;b=2%7Cy%3E|a &lt;b&gt; &amp; |c>");
    }

    [Fact]
    public async Task F20_text_from_people_is_no_markdown_in_teams()
    {
        await using var run = await StartAsync();

        await TellAsync(run, new NotificationInput { Text = "[the wiki](https://evil.test) **bold**" });

        var body = (await MessagesAsync(run, "teams")).ShouldHaveSingleItem()["message"]!["attachments"]![0]!["content"]!["body"]!.AsArray();
        body.Select(b => b!["type"]!.ToString()).ShouldAllBe(type => type == "RichTextBlock");
        body[1]!["inlines"]![0]!["text"]!.ToString().ShouldBe("[the wiki](https://evil.test) **bold**");
    }

    [Fact]
    public async Task F20_text_from_people_begins_no_header_in_mail()
    {
        await using var run = await StartAsync();

        await TellAsync(run, new NotificationInput { Title = "ready\r\nBcc: all@acme.test", Email = "payments@acme.test" });

        (await run.ToldAsync("mail")).ShouldHaveSingleItem()["message"]!["subject"]!.ToString().ShouldBe("ready  Bcc: all@acme.test");
    }

    [Fact]
    public async Task F20_text_of_any_length_is_taken()
    {
        await using var run = await StartAsync(Bot, Api);
        var text = string.Join('\n', Enumerable.Range(0, 400).Select(n => $"{n} <&> {new string('x', n * 10)}"));

        await TellAsync(run, new NotificationInput { Channel = "#payments", Text = text, Email = "payments@acme.test" });

        (await MessagesAsync(run, "slack")).ShouldHaveSingleItem()["message"]!["blocks"]!.AsArray().Count.ShouldBeInRange(2, 50);
    }

    private async Task<SandboxRun> StartAsync(params (string Key, string Value)[] settings)
    {
        var run = SandboxRun.Create(fixture.Sandbox, settings: settings);
        await run.ResetAsync();
        await run.ClearFaultsAsync();
        return run;
    }

    private static NotificationInput Input(NotificationInput input) => input with
    {
        Key = new StepKey { WorkflowId = "onboarding-orders-dev", RunId = "run-1", Step = StepIds.Notify },
        Kind = NotificationKinds.NotApproved,
        Title = input.Title.Length > 0 ? input.Title : "orders: title",
    };

    private static Task TellAsync(SandboxRun run, NotificationInput input) => run.CallAsync(ActivityNames.Notify, [Input(input)]);

    private static async Task<IReadOnlyList<JsonNode>> MessagesAsync(SandboxRun run, string to) =>
        [.. (await run.ToldAsync("chat")).Where(m => m["to"]!.ToString() == to)];
}
