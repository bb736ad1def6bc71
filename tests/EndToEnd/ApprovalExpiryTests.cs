using Onramp.Workflows.Contracts;

namespace Onramp.EndToEnd.Tests;

/// <summary>A platform where approvals take seconds, not days.</summary>
public sealed class ImpatientStack : StackFixture
{
    protected override (string Key, string Value)[] Settings =>
    [
        ("Onboarding:Approvals:ReminderAfter", "00:00:01"),
        ("Onboarding:Approvals:EscalateAfter", "00:00:02"),
        ("Onboarding:Approvals:ExpireAfter", "00:00:03"),
    ];
}

public sealed class ApprovalExpiryTests(ImpatientStack stack) : IClassFixture<ImpatientStack>
{
    [Fact]
    public async Task An_approval_that_nobody_gives_is_reminded_of_escalated_and_expires_into_a_failure()
    {
        var before = await stack.Sandbox.StateAsync();
        var view = await stack.OnboardAsync(StackFixture.Request("forgotten", Vocabulary.Production));
        var approval = view.Progress.Approval.ShouldNotBeNull();
        (view.Progress.Status, view.Progress.Phase, approval.State).ShouldBe((OnboardingStatus.Failed, OnboardingPhase.ApprovalExpired, ApprovalStates.Expired));
        approval.RemindedAt.ShouldNotBeNull();
        approval.EscalatedAt.ShouldNotBeNull();
        view.Progress.Remediation.ShouldNotBeNullOrEmpty();
        (await stack.Sandbox.StateAsync()).ShouldBe(before);
    }
}
