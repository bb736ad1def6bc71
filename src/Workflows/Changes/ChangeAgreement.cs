using Onramp.Workflows.Contracts;
using Onramp.Workflows.Display;
using Onramp.Workflows.Saga;
using Onramp.Workflows.Services;
using Temporalio.Workflows;

namespace Onramp.Workflows.Changes;

/// <summary>
/// From an order to a plan that may be applied right now: planned, agreed to by whoever must, its turn come, and seen again: what is applied is
/// what was agreed.
/// </summary>
internal sealed class ChangeAgreement(ChangeState state, ChangeCalls calls, ChangeHold hold)
{
    /// <summary>How often the world may have changed between plan and turn.</summary>
    private const int MaxRounds = 10;

    /// <summary>A turn mostly comes at once; a longer wait is shown.</summary>
    private static readonly TimeSpan ShowWaitAfter = TimeSpan.FromSeconds(5);

    /// <summary>A word is lost only with the run that it was said to, so it is said again soon; and seldom to one that keeps somebody waiting for days.</summary>
    private static readonly TimeSpan AskAgainFirst = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AskAgainMaximum = TimeSpan.FromMinutes(30);

    private readonly ChangeInput input = state.Input;
    private int round;

    /// <summary>Scopes that are the change's own now.</summary>
    public ScopesGranted? Granted { get; private set; }

    /// <summary>What answers an earlier asking doesn't count: it has been given back since.</summary>
    public void Take(ScopesGranted grant)
    {
        if (grant.Round is null || grant.Round == round)
            Granted = grant;
    }

    /// <summary>
    /// Plans, asks whoever must agree, waits for its turn and plans again. Null: it has ended. What it returns may be applied right now: its scopes are the
    /// change's own.
    /// </summary>
    public async Task<ChangePlan?> ReachAsync(CancellationToken cancellationToken)
    {
        var snapshot = input.Snapshot;
        ChangePlan? agreed = null;
        for (var planned = 0; planned < MaxRounds; planned++)
        {
            if (state.Phase != ChangePhase.AwaitingTurn)
                state.Pass(ChangePhase.Planning, planned == 0 ? "Planning" : "Planning again: the world has changed");
            var plan = await PlanAsync(snapshot, cancellationToken);
            if (plan.Refusals is [var refusal, ..])
                return Refuse(plan, refusal);
            var holds = Granted is { } g && (g.Scopes.Contains(Scopes.Whole, StringComparer.Ordinal) || ScopesOf(plan).All(s => g.Scopes.Contains(s, StringComparer.Ordinal)));
            if (agreed is null || plan.Digest != agreed.Digest)
            {
                var verdict = await calls.DecideAsync(plan, agreed, cancellationToken);
                state.Judged(verdict);
                state.Planned(plan);
                if (verdict.Denied.Count > 0)
                {
                    state.End(ChangeOutcome.Denied, string.Join(" ", verdict.Denied));
                    return null;
                }
                if (!verdict.Covered && !await ApprovedAsync(plan, verdict, asksAgain: agreed is not null, holds, cancellationToken))
                    return null;
                holds = Granted is not null && holds;
            }
            state.Planned(plan);
            agreed = plan;
            if (holds && !plan.IsEmpty && hold.IsOn)
            {
                // Its scopes stay its own: nobody else applies either. Afterwards it looks again.
                state.Enter(ChangePhase.AwaitingTurn, $"All applying is held by {state.Held!.By.Name}: {state.Held.Reason}");
                await hold.WaitAsync(cancellationToken);
                planned--;
                continue;
            }
            if (plan.IsEmpty || holds)
            {
                state.Book = new PlanBook(plan, snapshot.Inventory);
                state.Runner = new PlanRunner(state.Book, calls, input.Timing);
                return plan;
            }
            await TurnAsync(plan, cancellationToken);
            if (Granted!.Refusal is { } refused)
                return Closed(refused);
            snapshot = Granted.Snapshot;
        }
        state.Fail(new StepError(ErrorTypes.ChangedMeanwhile, "The world kept changing while it was planned"), "Ask again when it is quieter.");
        state.End(ChangeOutcome.Failed, $"Planned {MaxRounds} times, and each time the world had changed");
        return null;
    }

    /// <summary>Plans; and when it may be applied next, looks for a hold, side by side.</summary>
    private async Task<ChangePlan> PlanAsync(ServiceSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (Granted is null || input.Revision == 0)
            return await calls.PlanAsync(snapshot, cancellationToken);
        var looking = calls.LookForHoldAsync(cancellationToken);
        var plan = await calls.PlanAsync(snapshot, cancellationToken);
        hold.Take(await looking);
        return plan;
    }

    private ChangePlan? Refuse(ChangePlan plan, PlanRefusal refusal)
    {
        state.Planned(plan);
        state.Fail(new StepError(refusal.Type, refusal.Message), refusal.Remediation);
        state.End(ChangeOutcome.Failed, refusal.Message);
        return null;
    }

    /// <summary>Its service has noted its end already: it found no workflow of it where there is one.</summary>
    private ChangePlan? Closed(string why)
    {
        state.Fail(new StepError(ErrorTypes.Conflict, why), "Ask again.");
        state.End(ChangeOutcome.Interrupted, $"The service had closed it: {why}");
        return null;
    }

    /// <summary>Whoever must agree does, or the change has ended. While people think, nothing is held.</summary>
    private async Task<bool> ApprovedAsync(ChangePlan plan, PolicyVerdict verdict, bool asksAgain, bool holds, CancellationToken cancellationToken)
    {
        if (asksAgain)
            state.AskAgain();
        if (verdict.Approval.IsNeeded || !holds)
            await ReleaseAsync(cancellationToken);
        switch (await new ChangeApproval(state, calls).PassAsync(plan, verdict, cancellationToken))
        {
            case ApprovalStates.Rejected:
                var by = state.Ledger.Rejection!;
                state.Fail(new StepError(ErrorTypes.Rejected, $"Rejected by {by.Approver}"), null);
                state.End(ChangeOutcome.Rejected, $"Rejected by {by.Approver}: {by.Comment}".TrimEnd(' ', ':'));
                return false;
            case ApprovalStates.Expired:
                state.Fail(new StepError(ErrorTypes.ApprovalExpired, "Nobody decided in time"), "Ask again.");
                state.End(ChangeOutcome.Expired, $"Nobody decided within {verdict.ExpireAfter}");
                return false;
            default:
                return true;
        }
    }

    /// <summary>
    /// What it touches, and its environment in any case: two changes of one environment take turns. What takes away what the environments share
    /// takes the whole: a change of some environment may rest on it without touching it.
    /// </summary>
    private IReadOnlyList<string> ScopesOf(ChangePlan plan)
    {
        if (input.Revision > 0 && plan.Actions.Any(a => a.Kind == ActionKind.Remove && a.Scope == Scopes.Component))
            return [Scopes.Whole];
        return input.Order.Environment is { } environment ? [.. plan.Scopes.Append(Scopes.Environment(environment)).Distinct(StringComparer.Ordinal)] : plan.Scopes;
    }

    /// <summary>Asks for all scopes at once and waits for them. Asks again in a while: the service may have been gone when it was asked.</summary>
    private async Task TurnAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        Granted = null;
        state.Pass(ChangePhase.AwaitingTurn, "Waiting for its turn");
        var asked = ChangeReport.Asked(state, plan, ScopesOf(plan)) with { Round = ++round };
        if (input.Revision > 0)
        {
            await calls.TellServiceAsync(new TellInput { Service = input.Service, Asked = asked }, cancellationToken);
            if (await Waits.UntilAsync(() => Granted is not null, ShowWaitAfter, "Show that it waits for its turn", cancellationToken))
                return;
            state.Publish();
        }
        for (var wait = AskAgainFirst; ; wait = wait * 2 < AskAgainMaximum ? wait * 2 : AskAgainMaximum)
        {
            await calls.TellServiceAsync(new TellInput { Service = input.Service, Asked = asked }, cancellationToken);
            if (await Waits.UntilAsync(() => Granted is not null, wait, "Ask again for its turn", cancellationToken))
                return;
        }
    }

    /// <summary>Holds nothing any more, so that others can go on while people think.</summary>
    private async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (Granted is null)
            return;
        Granted = null;
        round++;
        await calls.TellServiceAsync(new TellInput { Service = input.Service, Asked = new ScopesAsked { Change = state.Head } }, cancellationToken);
    }
}
