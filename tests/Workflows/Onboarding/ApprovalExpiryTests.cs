using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Workflows.Tests.Onboarding;

/// <summary>Approvals that nobody gives, over the days that they really have.</summary>
public sealed class ApprovalExpiryTests(OnboardingEnvironment environment) : IClassFixture<OnboardingEnvironment>
{
    private static readonly ApprovalProfile Times = Requests.Platform.Approvals;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly FakeSystems systems = new();

    [Fact]
    public async Task After_a_day_approvers_are_reminded()
    {
        await WithWaitingRunAsync(async (_, _) =>
        {
            await environment.DelayAsync(Times.ReminderAfter + Hour);

            Told().ShouldBe([NotificationKinds.ApprovalRequested, NotificationKinds.ApprovalReminder]);
        });
    }

    [Fact]
    public async Task After_two_days_it_is_escalated()
    {
        await WithWaitingRunAsync(async (_, _) =>
        {
            await environment.DelayAsync(Times.EscalateAfter + Hour);

            Told().ShouldBe([NotificationKinds.ApprovalRequested, NotificationKinds.ApprovalReminder, NotificationKinds.ApprovalEscalation]);
        });
    }

    [Fact]
    public async Task Before_three_days_are_over_it_still_waits()
    {
        await WithWaitingRunAsync(async (handle, _) =>
        {
            await environment.DelayAsync(Times.ExpireAfter - Hour);

            (await handle.QueryAsync(w => w.Progress())).Phase.ShouldBe(OnboardingPhase.AwaitingApproval);
        });
    }

    [Fact]
    public async Task After_three_days_it_expires_even_if_half_of_the_approvers_agreed()
    {
        await WithWaitingRunAsync(async (handle, waiting) =>
        {
            await ApproveAsync(handle, waiting, "grace", "platform");

            await environment.DelayAsync(Times.ExpireAfter);

            var failure = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
            failure.InnerException.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe(ErrorTypes.ApprovalExpired);
        });
    }

    [Fact]
    public async Task An_expired_request_tells_what_happened_and_that_it_can_be_made_again()
    {
        await WithWaitingRunAsync(async (handle, _) =>
        {
            await environment.DelayAsync(Times.ExpireAfter);
            await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());

            var progress = await handle.QueryAsync(w => w.Progress());

            (progress.Phase, progress.Retryable, progress.Approval!.State).ShouldBe((OnboardingPhase.ApprovalExpired, true, ApprovalStates.Expired));
        });
    }

    [Fact]
    public async Task An_expired_request_makes_nothing_and_is_told_to_everybody()
    {
        await WithWaitingRunAsync(async (handle, _) =>
        {
            await environment.DelayAsync(Times.ExpireAfter);
            await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());

            systems.Log.ShouldBeEmpty();
            Told().ShouldBe(
            [
                NotificationKinds.ApprovalRequested, NotificationKinds.ApprovalReminder, NotificationKinds.ApprovalEscalation,
                NotificationKinds.NotApproved,
            ]);
        });
    }

    [Fact]
    public async Task An_approval_in_the_last_hour_counts()
    {
        await WithWaitingRunAsync(async (handle, waiting) =>
        {
            await environment.DelayAsync(Times.ExpireAfter - Hour);

            await ApproveAsync(handle, waiting, "grace", "platform");
            await ApproveAsync(handle, waiting, "linus", "payments");

            (await handle.GetResultAsync()).Status.ShouldBe(OnboardingStatus.Completed);
        });
    }

    private IEnumerable<string> Told() => systems.Notifications.Select(n => n.Kind);

    private Task WithWaitingRunAsync(Func<WorkflowHandle<OnboardServiceWorkflow, OnboardingProgress>, OnboardingProgress, Task> test) =>
        environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders with { Environment = Vocabulary.Production });
            await test(handle, await OnboardingCase.UntilAsync(handle, p => p.Phase == OnboardingPhase.AwaitingApproval));
            await EndAsync(handle);
        });

    /// <summary>A run that still waits has timers, which the next test would skip over.</summary>
    private static async Task EndAsync(WorkflowHandle handle)
    {
        if ((await handle.DescribeAsync()).Status == WorkflowExecutionStatus.Running)
            await handle.TerminateAsync();
    }

    private static Task ApproveAsync(
        WorkflowHandle<OnboardServiceWorkflow, OnboardingProgress> handle, OnboardingProgress waiting, string approver, string group)
    {
        var decision = new ApprovalDecision
        {
            Approver = approver,
            Groups = [group],
            Verdict = ApprovalVerdict.Approve,
            PlanDigest = waiting.Approval!.PlanDigest,
        };
        return handle.SignalAsync(w => w.DecideAsync(decision));
    }
}
