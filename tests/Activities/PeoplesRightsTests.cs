using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;
using Temporalio.Testing;

namespace Onramp.Activities.Tests;

/// <summary>
/// What <c>deploy/</c> asks for in Backstage, Slack, the mail service and PagerDuty is enough, nothing of it is too much, and what is missing is
/// named. Backstage tells those who may not read that there is nothing.
/// </summary>
public sealed partial class PeoplesRightsTests
{
    private static readonly IReadOnlyList<string> Catalog = [.. PermissionNames().Matches(File.ReadAllText("backstage/external-access.yaml")).Select(m => m.Value)];
    private static readonly IReadOnlyList<string> Slack =
        [.. JsonNode.Parse(File.ReadAllText("slack/manifest.json"))!["oauth_config"]!["scopes"]!["bot"]!.AsArray().Select(s => s!.ToString())];
    private static readonly IReadOnlyList<string> Mail = [.. JsonNode.Parse(File.ReadAllText("mail/scopes.json"))!.AsArray().Select(s => s!.ToString())];

    public static TheoryData<string> CatalogPermissions => [.. Catalog];

    public static TheoryData<string> SlackScopes => [.. Slack];

    public static TheoryData<string> MailScopes => [.. Mail];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_permissions_in_Backstage_are_enough(bool queries) => await CatalogAsync(Catalog, queries);

    [Theory]
    [MemberData(nameof(CatalogPermissions))]
    public async Task Without_one_of_the_permissions_in_Backstage_the_error_names_it(string permission)
    {
        var failure = (await Record.ExceptionAsync(() => CatalogAsync([.. Catalog.Where(p => p != permission)]))).ShouldNotBeNull();

        // What can't be read shows in what is waited for: it may be there.
        var remediation = failure is ApplicationFailureException refused ? refused.Details.ElementAt<FailureDetail>(0)!.Remediation : "";
        $"{failure.Message} {remediation}".ShouldContain(permission);
    }

    [Fact]
    public async Task What_was_registered_and_can_not_be_listed_is_taken_away_again()
    {
        var options = SandboxSettings.Fast();
        options.Seed.CatalogPermissions = [.. Catalog.Where(p => p != "catalog.location.read")];
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);
        foreach (var step in (string[])[StepIds.Repository, StepIds.Team, StepIds.Files])
            await run.DoAsync(step);
        run.Know((StepFacts.LocationBefore, "absent"));
        var late = new ActivityEnvironment { Info = ActivityEnvironment.DefaultInfo with { ScheduledTime = TimeProvider.System.GetUtcNow().AddMinutes(-5).UtcDateTime } };

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => late.RunAsync(() => run.CallAsync(ActivityNames.RegisterCatalogEntity, [run.Input(StepIds.Catalog)])));

        (failure.ErrorType, (await run.KeysAsync()).Any(k => k.StartsWith("catalog location"))).ShouldBe((ErrorTypes.PermissionDenied, false));
    }

    [Fact]
    public async Task The_scopes_in_Slack_are_enough() => await TellAsync(seed => seed.SlackScopes = [.. Slack]);

    [Theory]
    [MemberData(nameof(SlackScopes))]
    public async Task Without_one_of_the_scopes_in_Slack_the_error_names_it(string scope)
    {
        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => TellAsync(seed => seed.SlackScopes = [.. Slack.Where(s => s != scope), "channels:read"]));

        (failure.ErrorType, failure.Message.Contains(scope), failure.Details.ElementAt<FailureDetail>(0)!.Remediation.Contains(scope))
            .ShouldBe((ErrorTypes.PermissionDenied, true, true));
    }

    [Fact]
    public async Task A_channel_without_an_invitation_says_so()
    {
        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => TellAsync(_ => { }, channel: "#general"));

        (failure.Message, failure.Details.ElementAt<FailureDetail>(0)!.Remediation.Contains("invite")).ShouldBe(("slack #general: not_in_channel", true));
    }

    [Fact]
    public async Task The_scopes_of_the_mail_services_key_are_enough() => await TellAsync(seed => (seed.MailScopes, seed.MailSenders) = ([.. Mail], ["@acme.test"]));

    [Theory]
    [MemberData(nameof(MailScopes))]
    public async Task Without_one_of_the_scopes_of_the_mail_services_key_the_error_names_it(string scope)
    {
        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => TellAsync(seed => seed.MailScopes = [.. Mail.Where(s => s != scope), "stats.read"]));

        (failure.ErrorType, failure.Details.ElementAt<FailureDetail>(0)!.Remediation.Contains(scope)).ShouldBe((ErrorTypes.PermissionDenied, true));
    }

    [Fact]
    public async Task A_sender_that_the_mail_service_has_not_verified_is_named()
    {
        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => TellAsync(seed => seed.MailSenders = ["@elsewhere.test"]));

        (failure.ErrorType, failure.Details.ElementAt<FailureDetail>(0)!.Remediation.Contains("MailFrom")).ShouldBe((ErrorTypes.PermissionDenied, true));
    }

    [Theory]
    [InlineData("ffffffffffffffffffffffffffffffff")]
    [InlineData("short")]
    public async Task A_routing_key_of_no_integration_is_named_and_not_told(string key)
    {
        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => TellAsync(_ => { }, routingKey: key));

        (failure.ErrorType, failure.Details.ElementAt<FailureDetail>(0)!.Remediation.Contains("PagerDutyRoutingKey"), failure.Message.Contains(key))
            .ShouldBe((ErrorTypes.PermissionDenied, true, false));
    }

    [Fact]
    public void The_operators_table_holds_all_of_it()
    {
        var table = File.ReadAllText("operators.md");

        Catalog.Concat(Slack).Concat(Mail).Where(n => !table.Contains($"`{n}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    /// <summary>An entity registered, and all of it undone.</summary>
    private static async Task CatalogAsync(IReadOnlyCollection<string> held, bool queries = true)
    {
        var options = SandboxSettings.Fast();
        (options.Seed.CatalogPermissions, options.CatalogQueriesLocations) = (held, queries);
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);
        run.IsFinal = e => e.NonRetryable || e.Message.Contains("the token lacks", StringComparison.Ordinal);
        foreach (var step in (string[])[StepIds.Repository, StepIds.Team, StepIds.Files, StepIds.Catalog])
            await run.DoAsync(step);
        await run.UndoAllAsync();
    }

    /// <summary>A page, which goes to Slack, mail and PagerDuty.</summary>
    private static async Task TellAsync(Action<SandboxSeed> change, string channel = "#payments", string? routingKey = null)
    {
        var options = SandboxSettings.Fast();
        change(options.Seed);
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox, settings:
        [
            ("Onramp:Notifications:SlackBotToken", options.Credentials.SlackBotToken),
            ("Onramp:Notifications:SlackUrl", sandbox.SlackApi.ToString()),
            ("Onramp:Notifications:MailFrom", "onramp@acme.test"),
            ("Onramp:Notifications:PagerDutyRoutingKey", routingKey ?? options.Credentials.PagerDutyRoutingKey),
        ]);
        await run.CallAsync(ActivityNames.Notify,
        [
            new NotificationInput
            {
                Key = new StepKey { WorkflowId = "onboarding-orders-dev", RunId = "run-1", Step = StepIds.Notify },
                Kind = NotificationKinds.UndoFailing, Title = "orders: an undo fails", Text = "look", Channel = channel, Email = "payments@acme.test",
            },
        ]);
    }

    [GeneratedRegex(@"catalog\.[a-z]+\.[a-z]+")]
    private static partial Regex PermissionNames();
}
