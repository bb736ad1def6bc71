using Onramp.Workflows.Approvals;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Display;
using Temporalio.Workflows;

namespace Onramp.Workflows.Onboarding;

/// <summary>Waits for the people that policy asks for; reminds, escalates and at last expires on timers.</summary>
internal sealed class ApprovalGate(OnboardingState state, StepCalls calls)
{
    /// <summary>What happens when a time has passed without a decision.</summary>
    private sealed record Mark(TimeSpan After, string What, Func<Task> Act);

    /// <summary>Returns the state in which the ledger ends: not needed, approved, rejected or expired.</summary>
    public async Task<string> PassAsync(OnboardingPlan plan)
    {
        var requirement = ApprovalPolicy.For(state.Request, state.Platform.Approvals);
        state.Ledger.Open(requirement, plan.Digest);
        if (!requirement.IsNeeded)
        {
            state.Approval = new ApprovalProgress { Requirement = requirement, PlanDigest = plan.Digest };
            state.Skip(StepIds.Approval);
            return state.Ledger.State;
        }
        var requestedAt = Workflow.UtcNow;
        var profile = state.Platform.Approvals;
        state.Approval = new ApprovalProgress
        {
            Requirement = requirement,
            PlanDigest = plan.Digest,
            RequestedAt = Utc(requestedAt),
            ExpiresAt = Utc(requestedAt + profile.ExpireAfter),
        };
        state.Begin(StepIds.Approval);
        state.Enter(OnboardingPhase.AwaitingApproval, $"Waiting for {Wanted(requirement)} because of: {string.Join(", ", requirement.Reasons)}");
        await TellAsync(NotificationKinds.ApprovalRequested, "approval needed", requirement, plan);
        Mark[] marks =
        [
            new(profile.ReminderAfter, "Remind those who are to decide", () => RemindAsync(requirement, plan)),
            new(profile.EscalateAfter, "Tell them that it is overdue", () => EscalateAsync(requirement, plan)),
        ];
        foreach (var mark in marks.Where(m => m.After < profile.ExpireAfter).OrderBy(m => m.After))
        {
            if (await DecidedByAsync(requestedAt + mark.After, mark.What))
                break;
            await mark.Act();
        }
        if (!await DecidedByAsync(requestedAt + profile.ExpireAfter, "Nobody has decided: it ends"))
            state.Ledger.Expire();
        state.Approval = state.Approval with { DecidedAt = Utc(Workflow.UtcNow) };
        state.End(StepIds.Approval, state.Ledger.State == ApprovalStates.Approved ? StepState.Succeeded : StepState.Failed);
        return state.Ledger.State;
    }

    private async Task<bool> DecidedByAsync(DateTime deadline, string whatThen)
    {
        var left = deadline - Workflow.UtcNow;
        return IsDecided() || (left > TimeSpan.Zero && await Waits.UntilAsync(IsDecided, left, whatThen));
    }

    private bool IsDecided() => state.Ledger.State != ApprovalStates.Waiting;

    private Task RemindAsync(ApprovalRequirement requirement, OnboardingPlan plan)
    {
        state.Approval = state.Approval! with { RemindedAt = Utc(Workflow.UtcNow) };
        return TellAsync(NotificationKinds.ApprovalReminder, "approval still needed", requirement, plan);
    }

    private Task EscalateAsync(ApprovalRequirement requirement, OnboardingPlan plan)
    {
        state.Approval = state.Approval! with { EscalatedAt = Utc(Workflow.UtcNow) };
        return TellAsync(NotificationKinds.ApprovalEscalation, "approval overdue", requirement, plan);
    }

    private Task TellAsync(string kind, string title, ApprovalRequirement requirement, OnboardingPlan plan)
    {
        var contacts = requirement.Groups.Select(g => Contact(g.Group)).ToList();
        return calls.NotifyAsync(new NotificationInput
        {
            Key = state.KeyOf(StepIds.Approval),
            Kind = kind,
            Title = $"{state.Request.Name} in {state.Request.Environment}: {title}",
            Text = ApprovalText.For(state.Request, requirement, plan),
            Channels = contacts.Select(c => c.Channel).Distinct(StringComparer.Ordinal).ToArray(),
            Emails = contacts.Select(c => c.Email).Where(e => e.Length > 0).Distinct(StringComparer.Ordinal).ToArray(),
            Links = ApprovalText.Links(state.Request, state.Platform.Approvals),
        });
    }

    /// <summary>The people who are to decide are told, and not those who asked.</summary>
    private GroupContact Contact(string group) =>
        state.Platform.Approvals.GroupContacts.TryGetValue(group, out var known) ? known
        : group == state.Request.Team ? new GroupContact { Channel = state.Request.Notifications.Channel, Email = state.Request.Notifications.Email }
        : new GroupContact();

    private static string Wanted(ApprovalRequirement requirement) => ApprovalText.Wanted(requirement);

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
