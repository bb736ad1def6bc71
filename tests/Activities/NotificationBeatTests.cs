using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;
using Temporalio.Testing;

namespace Onramp.Activities.Tests;

/// <summary>What an attempt at telling people leaves for the next one.</summary>
public sealed class NotificationBeatTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    [Fact]
    public async Task When_everybody_was_told_nothing_is_left_for_another_attempt()
    {
        var beats = await BeatsAsync(new NotificationInput { Channel = "#payments" });

        beats.ShouldBeEmpty();
    }

    [Fact]
    public async Task When_somebody_was_not_those_who_were_are_left_for_the_next_attempt()
    {
        var beats = await BeatsAsync(new NotificationInput { Channels = ["#payments", "#nobody"] });

        // What went to the platform instead is left, too.
        beats[^1].ShouldBe(["slack #payments", "slack for #nobody"]);
    }

    [Fact]
    public async Task While_others_are_told_those_who_were_are_left_in_case_that_it_breaks_off()
    {
        var beats = await BeatsAsync(new NotificationInput { Channels = ["#payments", "#platform-approvals"] });

        beats.ShouldHaveSingleItem().ShouldBe(["slack #payments"]);
    }

    private async Task<List<List<string>>> BeatsAsync(NotificationInput input)
    {
        await using var run = SandboxRun.Create(fixture.Sandbox, settings:
        [
            ("Onramp:Notifications:SlackBotToken", fixture.Sandbox.Options.Credentials.SlackBotToken),
            ("Onramp:Notifications:SlackUrl", fixture.Sandbox.SlackApi.ToString()),
            ("Onramp:Notifications:TeamsWebhookUrl", ""),
        ]);
        await run.ResetAsync();
        var beats = new List<List<string>>();
        var environment = new ActivityEnvironment { Heartbeater = details => beats.Add(details.ShouldHaveSingleItem().ShouldBeOfType<List<string>>()) };
        var told = input with
        {
            Key = new StepKey { WorkflowId = "onboarding-orders-dev", RunId = "run-1", Step = StepIds.Notify },
            Kind = NotificationKinds.NotApproved,
            Title = "orders: title",
        };
        try
        {
            await environment.RunAsync(() => run.CallAsync(ActivityNames.Notify, [told]));
        }
        catch (ApplicationFailureException)
        {
            // What it left counts here.
        }
        return beats;
    }
}
