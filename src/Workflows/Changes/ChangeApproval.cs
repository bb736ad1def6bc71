using Onramp.Workflows.Contracts;
using Onramp.Workflows.Display;
using Temporalio.Workflows;

namespace Onramp.Workflows.Changes;

/// <summary>Waits for the people that policy asks for; reminds, escalates and at last expires on timers. Holds nothing meanwhile.</summary>
internal sealed class ChangeApproval(ChangeState state, ChangeCalls calls)
{
    /// <summary>Returns the state in which the ledger ends: not needed, approved, rejected or expired.</summary>
    public async Task<string> PassAsync(ChangePlan plan, PolicyVerdict verdict, CancellationToken cancellationToken)
    {
        var requirement = verdict.Approval;
        var asked = ChangeState.Now;
        state.Approval = new ApprovalProgress
        {
            Requirement = requirement,
            PlanDigest = plan.Digest,
            RequestedAt = requirement.IsNeeded ? asked : null,
            ExpiresAt = requirement.IsNeeded ? asked + verdict.ExpireAfter : null,
        };
        // Judges what came early, so it comes before anything is awaited.
        state.Ledger.Open(requirement, plan.Digest);
        if (!requirement.IsNeeded)
            return state.Ledger.State;
        state.Enter(ChangePhase.AwaitingApproval, $"Waiting for {Wanted(requirement)} because of: {string.Join(", ", requirement.Reasons)}");
        await TellAsync(NotificationKinds.ApprovalRequested, "approval needed", plan, requirement);
        if (verdict.RemindAfter < verdict.ExpireAfter && !await DecidedByAsync(asked + verdict.RemindAfter, "Remind those who are to decide", cancellationToken))
        {
            state.Approval = state.Approval with { RemindedAt = ChangeState.Now };
            await TellAsync(NotificationKinds.ApprovalReminder, "approval still needed", plan, requirement);
        }
        if (verdict.EscalateAfter < verdict.ExpireAfter && !await DecidedByAsync(asked + verdict.EscalateAfter, "Tell them that it is overdue", cancellationToken))
        {
            state.Approval = state.Approval with { EscalatedAt = ChangeState.Now };
            await TellAsync(NotificationKinds.ApprovalEscalation, "approval overdue", plan, requirement);
        }
        if (!await DecidedByAsync(asked + verdict.ExpireAfter, "Nobody has decided: it ends", cancellationToken))
            state.Ledger.Expire();
        state.Approval = state.Approval with { DecidedAt = ChangeState.Now };
        return state.Ledger.State;
    }

    private async Task<bool> DecidedByAsync(DateTimeOffset deadline, string whatThen, CancellationToken cancellationToken)
    {
        var left = deadline - ChangeState.Now;
        return IsDecided() || (left > TimeSpan.Zero && await Waits.UntilAsync(IsDecided, left, whatThen, cancellationToken));
    }

    private bool IsDecided() => state.Ledger.State != ApprovalStates.Waiting;

    private Task TellAsync(string kind, string title, ChangePlan plan, ApprovalRequirement requirement) => calls.NotifyAsync(
        kind,
        title,
        $"{state.Input.AskedBy.Name} asks for it. Needed: {Wanted(requirement)}. {plan.Actions.Count(a => a.Kind != ActionKind.Keep)} things change, "
            + $"{plan.MonthlyAfter - plan.MonthlyBefore} {plan.Currency} a month. Plan {plan.Digest}.");

    private static string Wanted(ApprovalRequirement requirement) =>
        string.Join(" and ", requirement.Groups.Select(g => $"{g.Count} of {g.Group}"));
}
