using Onramp.Workflows.Contracts;
using Onramp.Workflows.Saga;
using Onramp.Workflows.Services;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Onramp.Workflows.Changes;

/// <summary>
/// One pass from one spec to another, whatever its kind: plan, policy, approval, turn, look again, apply, verify, tell; or undo. Until it
/// applies it holds nothing. It tells its service how it ended, and ends.
/// </summary>
[Workflow(ChangeContract.WorkflowType)]
public sealed class ChangeWorkflow
{
    /// <summary>How often the world may have changed between plan and turn.</summary>
    private const int MaxRounds = 10;

    private static readonly TimeSpan AskAgainFirst = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AskAgainMaximum = TimeSpan.FromMinutes(30);

    private readonly ChangeInput input;
    private readonly ChangeState state;
    private readonly ChangeCalls calls;
    private readonly CancellationTokenSource stop = new();
    private ScopesGranted? granted;
    private Principal? supersededBy;

    /// <summary>State exists before the first handler runs, however early that comes.</summary>
    [WorkflowInit]
    public ChangeWorkflow(ChangeInput input)
    {
        this.input = input;
        state = new ChangeState(input);
        calls = new ChangeCalls(state);
    }

    /// <summary>From here on it has something to lose: it is undone, not dropped.</summary>
    private bool HasBegun => state.Phase is ChangePhase.Applying or ChangePhase.Verifying or ChangePhase.Undoing or ChangePhase.Ended;

    [WorkflowRun]
    public async Task<ChangeOutcome> RunAsync(ChangeInput input)
    {
        _ = WatchTemporalAsync();
        var outcome = await WholeAsync();
        await calls.TellServiceAsync(new TellInput { Service = input.Service, Finished = Finished(outcome) }, CancellationToken.None);
        await calls.NotifyAsync(
            outcome == ChangeOutcome.Completed ? NotificationKinds.Completed : state.Book is null ? NotificationKinds.NotApproved : NotificationKinds.RolledBack,
            $"{input.Order.Kind} {outcome}".ToLowerInvariant(),
            state.View.Message);
        await Workflow.WaitConditionAsync(() => Workflow.AllHandlersFinished, CancellationToken.None);
        if (outcome == ChangeOutcome.Cancelled)
            Workflow.CancellationToken.ThrowIfCancellationRequested();
        if (outcome is ChangeOutcome.Failed or ChangeOutcome.Denied or ChangeOutcome.Rejected or ChangeOutcome.Expired)
            throw new ApplicationFailureException(state.View.Message, state.Failure?.Type ?? outcome.ToString(), nonRetryable: true);
        return outcome;
    }

    [WorkflowQuery(ChangeContract.ViewQuery)]
    public ChangeView View() => state.View;

    [WorkflowSignal(ChangeContract.GrantedSignal)]
    public Task GrantedAsync(ScopesGranted grant)
    {
        granted = grant;
        return Task.CompletedTask;
    }

    [WorkflowSignal(ChangeContract.SupersedeSignal)]
    public Task SupersedeAsync(Principal by)
    {
        if (HasBegun)
            return Task.CompletedTask;
        supersededBy = by;
        state.Say("A newer one takes its place", by.Name);
        return CancelAsync(stop);
    }

    /// <summary>One decision of one person; every one leaves a record.</summary>
    [WorkflowSignal(ChangeContract.DecideSignal)]
    public Task DecisionAsync(Decision decision)
    {
        Judge(decision);
        return Task.CompletedTask;
    }

    /// <summary>As the signal, and says what came of it.</summary>
    [WorkflowUpdate(ChangeContract.DecideUpdate)]
    public Task<ApprovalRecord> DecideAsync(Decision decision)
    {
        Judge(decision);
        return Task.FromResult(state.Ledger.Records[^1]);
    }

    [WorkflowUpdateValidator(nameof(DecideAsync))]
    public void CheckDecision(Decision decision)
    {
        if (decision.By is not { Name.Length: > 0 } || decision.PlanDigest is not { Length: > 0 })
            throw new ApplicationFailureException("A decision needs who decides and the plan's digest", ErrorTypes.Validation, nonRetryable: true);
        if (state.Phase != ChangePhase.AwaitingApproval)
            throw new ApplicationFailureException($"It does not wait for approval: it is {state.Phase}", ErrorTypes.Conflict, nonRetryable: true);
    }

    /// <summary>Calls it off; what was done is undone.</summary>
    [WorkflowUpdate(ChangeContract.CancelUpdate)]
    public Task CancelAsync(Principal by)
    {
        Stop(by);
        return Task.CompletedTask;
    }

    [WorkflowUpdateValidator(nameof(CancelAsync))]
    public void CheckCancel(Principal by)
    {
        if (by is not { Name.Length: > 0 })
            throw new ApplicationFailureException("Who calls it off needs a name", ErrorTypes.Validation, nonRetryable: true);
        if (state.Phase is ChangePhase.Undoing or ChangePhase.Ended)
            throw new ApplicationFailureException($"It can't be called off any more: it is {state.Phase}", ErrorTypes.Conflict, nonRetryable: true);
    }

    /// <summary>Retry, skip, abandon, pause, resume; with a name.</summary>
    [WorkflowUpdate(ChangeContract.OperateUpdate)]
    public Task OperateAsync(OperatorCommand command)
    {
        state.Say($"{command.Verb} {command.Action}".TrimEnd(), command.By.Name);
        state.Runner!.Take(command);
        return Task.CompletedTask;
    }

    [WorkflowUpdateValidator(nameof(OperateAsync))]
    public void CheckOperation(OperatorCommand command)
    {
        if (command.By is not { Name.Length: > 0 } || !OperatorCommand.Verbs.Contains(command.Verb))
            throw new ApplicationFailureException($"verb must be one of {string.Join(", ", OperatorCommand.Verbs)}, by somebody with a name", ErrorTypes.Validation, nonRetryable: true);
        if (state.Runner is null || state.Phase is ChangePhase.Ended)
            throw new ApplicationFailureException($"Nothing is being applied or undone: it is {state.Phase}", ErrorTypes.Conflict, nonRetryable: true);
        if (command.Verb is OperatorCommand.Retry or OperatorCommand.Skip && !state.Runner.Stuck.Contains(command.Action, StringComparer.Ordinal))
            throw new ApplicationFailureException($"'{command.Action}' is not stuck", ErrorTypes.Conflict, nonRetryable: true);
    }

    private static Task CancelAsync(CancellationTokenSource source)
    {
        // Synchronously on purpose: the asynchronous form leaves the workflow's scheduler.
        source.Cancel();
        return Task.CompletedTask;
    }

    private static bool IsExpected(Exception e) => e is FailureException || FailureReader.IsCancellation(e);

    /// <summary>
    /// Not by registering with the token, whose callbacks run outside of the workflow; and not by a condition on it, since a cancellation alone
    /// looks at no conditions.
    /// </summary>
    private async Task WatchTemporalAsync()
    {
        try
        {
            await Workflow.WaitConditionAsync(() => false, Workflow.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            Stop(Principal.AtTemporal);
        }
    }

    private void Stop(Principal by)
    {
        if (state.Phase is ChangePhase.Undoing or ChangePhase.Ended)
            return;
        state.Cancelled(by);
        _ = CancelAsync(stop);
    }

    private void Judge(Decision decision) => state.Ledger.Receive(
        new ApprovalDecision
        {
            DecisionId = decision.Id,
            Approver = decision.By.Name,
            Groups = decision.By.Groups ?? [],
            Verdict = decision.Verdict,
            PlanDigest = decision.PlanDigest,
            Comment = decision.Comment,
        },
        ChangeState.Now);

    private async Task<ChangeOutcome> WholeAsync()
    {
        ChangePlan plan;
        try
        {
            if (await AgreeAsync() is not { } agreed)
                return state.View.Outcome;
            plan = agreed;
        }
        catch (Exception e) when (IsExpected(e))
        {
            return EndWithout(e);
        }
        if (plan.IsEmpty)
            return End(ChangeOutcome.Completed, "There is nothing to do");
        try
        {
            state.Enter(ChangePhase.Applying, $"Applying {plan.Actions.Count(a => a.Kind != ActionKind.Keep)} actions");
            await state.Runner!.ApplyAsync(stop.Token);
            state.Enter(ChangePhase.Verifying, "Looking whether it is so");
            return End(ChangeOutcome.Completed, await VerifyAsync());
        }
        catch (Exception e) when (IsExpected(e))
        {
            return await UndoAsync(e);
        }
    }

    /// <summary>
    /// Plans, asks whoever must agree, waits for its turn and plans again: applied is what was agreed. Null: it has ended. What it returns may be
    /// applied right now: its scopes are the change's own.
    /// </summary>
    private async Task<ChangePlan?> AgreeAsync()
    {
        var snapshot = input.Snapshot;
        ChangePlan? agreed = null;
        for (var round = 0; round < MaxRounds; round++)
        {
            if (state.Phase != ChangePhase.AwaitingTurn)
                state.Enter(ChangePhase.Planning, round == 0 ? "Planning" : "Planning again: the world has changed");
            var plan = await calls.PlanAsync(snapshot, stop.Token);
            if (plan.Refusals is [var refusal, ..])
            {
                state.Planned(plan);
                state.Fail(new StepError(refusal.Type, refusal.Message), refusal.Remediation);
                End(ChangeOutcome.Failed, refusal.Message);
                return null;
            }
            var holds = granted is { } g && ScopesOf(plan).All(s => g.Scopes.Contains(s, StringComparer.Ordinal));
            if (agreed is null || plan.Digest != agreed.Digest)
            {
                var verdict = await calls.DecideAsync(plan, agreed, stop.Token);
                state.Judged(verdict);
                state.Planned(plan);
                if (verdict.Denied.Count > 0)
                {
                    End(ChangeOutcome.Denied, string.Join(" ", verdict.Denied));
                    return null;
                }
                if (!verdict.Covered && !await ApprovedAsync(plan, verdict, asksAgain: agreed is not null, holds))
                    return null;
                holds = granted is not null && holds;
            }
            state.Planned(plan);
            if (plan.IsEmpty || holds)
            {
                state.Book = new PlanBook(plan, snapshot.Inventory);
                state.Runner = new PlanRunner(state.Book, calls, input.Timing);
                return plan;
            }
            agreed = plan;
            snapshot = await TurnAsync(plan);
        }
        state.Fail(new StepError(ErrorTypes.ChangedMeanwhile, "The world kept changing while it was planned"), "Ask again when it is quieter.");
        End(ChangeOutcome.Failed, $"Planned {MaxRounds} times, and each time the world had changed");
        return null;
    }

    /// <summary>Whoever must agree does, or the change has ended. While people think, nothing is held.</summary>
    private async Task<bool> ApprovedAsync(ChangePlan plan, PolicyVerdict verdict, bool asksAgain, bool holds)
    {
        if (asksAgain)
            state.AskAgain();
        if (verdict.Approval.IsNeeded || !holds)
            await ReleaseAsync();
        switch (await new ChangeApproval(state, calls).PassAsync(plan, verdict, stop.Token))
        {
            case ApprovalStates.Rejected:
                var by = state.Ledger.Rejection!;
                state.Fail(new StepError(ErrorTypes.Rejected, $"Rejected by {by.Approver}"), null);
                End(ChangeOutcome.Rejected, $"Rejected by {by.Approver}: {by.Comment}".TrimEnd(' ', ':'));
                return false;
            case ApprovalStates.Expired:
                state.Fail(new StepError(ErrorTypes.ApprovalExpired, "Nobody decided in time"), "Ask again.");
                End(ChangeOutcome.Expired, $"Nobody decided within {verdict.ExpireAfter}");
                return false;
            default:
                return true;
        }
    }

    /// <summary>What it touches, and its environment in any case: two changes of one environment take turns.</summary>
    private IReadOnlyList<string> ScopesOf(ChangePlan plan) =>
        input.Order.Environment is { } environment ? [.. plan.Scopes.Append(Scopes.Environment(environment)).Distinct(StringComparer.Ordinal)] : plan.Scopes;

    /// <summary>Asks for all scopes at once and waits for them. Asks again in a while: the service may have been gone when it was asked.</summary>
    private async Task<ServiceSnapshot> TurnAsync(ChangePlan plan)
    {
        granted = null;
        state.Enter(ChangePhase.AwaitingTurn, "Waiting for its turn");
        var asked = new ScopesAsked
        {
            Change = state.Head,
            Scopes = ScopesOf(plan),
            PlanDigest = plan.Digest,
            Planned = [.. plan.Actions.Where(a => a.Kind is ActionKind.Create or ActionKind.Adopt).Select(a => ItemOf(a, null))],
            Wanted = plan.Wanted,
        };
        for (var wait = AskAgainFirst; ; wait = wait * 2 < AskAgainMaximum ? wait * 2 : AskAgainMaximum)
        {
            await calls.TellServiceAsync(new TellInput { Service = input.Service, Asked = asked }, stop.Token);
            if (await Workflow.WaitConditionAsync(() => granted is not null, wait, stop.Token))
                return granted!.Snapshot;
        }
    }

    /// <summary>Holds nothing any more, so that others can go on while people think.</summary>
    private async Task ReleaseAsync()
    {
        if (granted is null)
            return;
        granted = null;
        await calls.TellServiceAsync(new TellInput { Service = input.Service, Asked = new ScopesAsked { Change = state.Head } }, stop.Token);
    }

    /// <summary>Plans from how it is now to what was wanted: nothing may be left to do.</summary>
    private async Task<string> VerifyAsync()
    {
        var finished = Finished(ChangeOutcome.Completed);
        var inventory = granted!.Snapshot.Inventory
            .Where(i => !finished.Gone.Contains($"{i.Capability}@{i.Scope}") && !finished.Made.Any(m => m.Is(i.Capability, i.Scope)))
            .Concat(finished.Made);
        var after = await calls.PlanAsync(granted.Snapshot with { Inventory = [.. inventory] }, stop.Token);
        var open = after.Actions.Where(a => a.Kind != ActionKind.Keep && state.Book!.StateOf(a.Id) != ActionState.Left).Select(a => $"{a.Title} {a.Name}: {a.Reason}").ToList();
        return open.Count == 0 ? "It is as it should be" : $"Done, and since changed by somebody: {string.Join("; ", open)}";
    }

    private async Task<ChangeOutcome> UndoAsync(Exception cause)
    {
        var cancelled = stop.IsCancellationRequested;
        if (!cancelled)
            state.Fail(FailureReader.Read(cause), FailureReader.Remediation(cause));
        var why = cancelled ? $"Called off by {state.CancelledBy?.Name}" : state.Failure!.Message;
        state.Enter(ChangePhase.Undoing, $"Undoing: {why}");
        await state.Runner!.UndoAsync();
        return End(cancelled ? ChangeOutcome.Cancelled : ChangeOutcome.Failed, why);
    }

    /// <summary>It ends before anything was applied.</summary>
    private ChangeOutcome EndWithout(Exception cause)
    {
        if (supersededBy is { } newer)
            return End(ChangeOutcome.Superseded, $"Superseded by a newer one of {newer.Name}");
        if (stop.IsCancellationRequested)
            return End(ChangeOutcome.Cancelled, $"Called off by {state.CancelledBy?.Name}");
        state.Fail(FailureReader.Read(cause), FailureReader.Remediation(cause));
        return End(ChangeOutcome.Failed, state.Failure!.Message);
    }

    private ChangeOutcome End(ChangeOutcome outcome, string message)
    {
        state.End(outcome, message);
        return outcome;
    }

    private ChangeFinished Finished(ChangeOutcome outcome)
    {
        var actions = state.Book?.Actions ?? [];
        var kept = outcome == ChangeOutcome.Completed ? ActionState.Done : ActionState.HandedOver;
        return new ChangeFinished
        {
            Change = state.Head,
            Outcome = outcome,
            Message = state.View.Message,
            PlanDigest = state.Plan?.Digest ?? "",
            ApprovedBy = state.ApprovedBy,
            Wanted = state.Plan?.Wanted ?? new ServiceSpec(),
            Made = [.. actions.Where(a => a.Kind is not (ActionKind.Remove or ActionKind.Keep) && state.Book!.StateOf(a.Id) == kept).Select(a => ItemOf(a, state.Book!.ResultOf(a.Id)))],
            Gone = [.. actions.Where(a => a.Kind == ActionKind.Remove && IsGone(a)).Select(a => a.Id)],
            Left = state.Book?.Left ?? [],
        };
    }

    /// <summary>Removed, or given up with a name: either way the service has it no more.</summary>
    private bool IsGone(PlannedAction action) => state.Book!.StateOf(action.Id) switch
    {
        ActionState.Done => true,
        ActionState.Left => state.Book.ResultOf(action.Id)?.Ready == true || state.Book.WasSkipped(action.Id),
        _ => false,
    };

    private InventoryItem ItemOf(PlannedAction action, Capabilities.ActionResult? result) => new()
    {
        Capability = action.Capability,
        Scope = action.Scope,
        Name = action.Name,
        Id = result?.Id ?? "",
        Spec = action.Spec,
        Fields = action.Fields,
        Outputs = result?.Outputs ?? new(StringComparer.Ordinal),
        Adopted = action.Adopted,
        ChangeId = input.ChangeId,
        Link = result?.Link,
    };
}
