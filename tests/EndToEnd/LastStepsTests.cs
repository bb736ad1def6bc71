using Onramp.Workflows.Contracts;

namespace Onramp.EndToEnd.Tests;

/// <summary>The steps that make nothing: looking whether all is there, and telling people.</summary>
public sealed class LastStepsTests(StackFixture stack) : IClassFixture<StackFixture>
{
    [Fact]
    public async Task A_verification_that_is_refused_for_good_undoes_everything()
    {
        var before = await stack.Sandbox.StateAsync();
        await stack.Sandbox.FaultAsync(new
        {
            system = "kubernetes", method = "GET", route = "/api/v1/namespaces/{space}/resourcequotas/{name}", action = "fail", status = 403, times = 1,
        });
        try
        {
            var view = await stack.OnboardAsync(StackFixture.Request("unverified"));
            (await stack.Sandbox.FaultsMetAsync()).ShouldBe(1);
            (view.Progress.Status, view.Progress.Phase).ShouldBe((OnboardingStatus.Failed, OnboardingPhase.Compensated), StackFixture.Describe(view));
            view.Progress.Steps.Single(s => s.Id == StepIds.Verification).State.ShouldBe(StepState.Failed);
            (await stack.Sandbox.StateAsync()).ShouldBe(before);
        }
        finally
        {
            await stack.Sandbox.ClearFaultsAsync();
        }
    }

    [Fact]
    public async Task A_notification_that_can_not_be_delivered_only_warns()
    {
        await stack.Sandbox.FaultAsync(new { system = "chat", action = "fail", status = 404, times = 1000 });
        await stack.Sandbox.FaultAsync(new { system = "mail", action = "fail", status = 401, times = 1000 });
        try
        {
            var view = await stack.OnboardAsync(StackFixture.Request("untold"));
            view.Progress.Status.ShouldBe(OnboardingStatus.Completed, StackFixture.Describe(view));
            view.Progress.Warnings.ShouldNotBeEmpty();
        }
        finally
        {
            await stack.Sandbox.ClearFaultsAsync();
        }
    }
}
