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
    private readonly ChangeInput input;
    private readonly ChangeState state;
    private readonly ChangeCalls calls;
    private readonly ChangeHold hold;
    private readonly ChangeAgreement agreement;
    private readonly CancellationTokenSource stop = new();
    private Principal? supersededBy;

    /// <summary>State exists before the first handler runs, however early that comes.</summary>
    [WorkflowInit]
    public ChangeWorkflow(ChangeInput input)
    {
        this.input = input;
        state = new ChangeState(input);
        calls = new ChangeCalls(state);
        hold = new ChangeHold(state, calls);
        agreement = new ChangeAgreement(state, calls, hold);
    }

    /// <summary>From here on it has something to lose: it is undone, not dropped.</summary>
    private bool HasBegun => state.Phase is ChangePhase.Applying or ChangePhase.Verifying or ChangePhase.Undoing or ChangePhase.Ended;

    [WorkflowRun]
    public async Task<ChangeOutcome> RunAsync(ChangeInput input)
    {
        _ = WatchTemporalAsync();
        var outcome = await WholeAsync();
        await TellAsync(outcome);
        await Workflow.WaitConditionAsync(() => Workflow.AllHandlersFinished, CancellationToken.None);
        if (outcome == ChangeOutcome.Cancelled)
            Workflow.CancellationToken.ThrowIfCancellationRequested();
        if (outcome is ChangeOutcome.Failed or ChangeOutcome.Denied or ChangeOutcome.Rejected or ChangeOutcome.Expired)
            throw new ApplicationFailureException(state.View.Message, state.Failure?.Type ?? outcome.ToString(), nonRetryable: true);
        return outcome;
    }

    [WorkflowQuery(ChangeContract.ViewQuery, Description = "Everything about the change: plan, approval, actions, events")]
    public ChangeView View() => state.View;

    [WorkflowSignal(ChangeContract.GrantedSignal, Description = "Of the service only: scopes are its own")]
    public Task GrantedAsync(ScopesGranted grant)
    {
        agreement.Take(grant);
        return Task.CompletedTask;
    }

    /// <summary>Somebody holds all applying, or releases it.</summary>
    [WorkflowSignal(ChangeContract.HoldSignal, Description = "Of a hold only: all applying is held, or goes on")]
    public Task HoldAsync(Hold told)
    {
        hold.Take(told);
        if (HasBegun)
            hold.Watch();
        return Task.CompletedTask;
    }

    [WorkflowSignal(ChangeContract.SupersedeSignal, Description = "Of the service only: a newer change takes its place")]
    public Task SupersedeAsync(Principal by)
    {
        if (HasBegun)
            return Task.CompletedTask;
        supersededBy = by;
        state.Say("A newer one takes its place", by.Name);
        return CancelAsync(stop);
    }

    /// <summary>One decision of one person; every one leaves a record.</summary>
    [WorkflowSignal(ChangeContract.DecideSignal, Description = "One decision of one person about the plan")]
    public Task DecisionAsync(Decision decision)
    {
        Judge(decision);
        return Task.CompletedTask;
    }

    /// <summary>As the signal, and says what came of it.</summary>
    [WorkflowUpdate(ChangeContract.DecideUpdate, Description = "One decision of one person about the plan; says what came of it")]
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
    [WorkflowUpdate(ChangeContract.CancelUpdate, Description = "Calls it off; what was done is undone")]
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
    [WorkflowUpdate(ChangeContract.OperateUpdate, Description = "Retry, skip or abandon what is stuck; pause, resume")]
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

    private void Judge(Decision decision)
    {
        var judged = new ApprovalDecision
        {
            DecisionId = decision.Id,
            Approver = decision.By.Name,
            Groups = decision.By.Groups ?? [],
            Verdict = decision.Verdict,
            PlanDigest = decision.PlanDigest,
            Comment = decision.Comment,
        };
        if (state.Ledger.IsIdReused(judged))
            state.Ledger.RefuseReusedId(judged, ChangeState.Now);
        else
            state.Ledger.Receive(judged, ChangeState.Now);
    }

    private async Task<ChangeOutcome> WholeAsync()
    {
        ChangePlan plan;
        try
        {
            if (await agreement.ReachAsync(stop.Token) is not { } agreed)
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
            state.Pass(ChangePhase.Verifying, "Looking whether it is so");
            return End(ChangeOutcome.Completed, await VerifyAsync());
        }
        catch (Exception e) when (IsExpected(e))
        {
            return await UndoAsync(e);
        }
    }

    /// <summary>Plans from how it is now to what was wanted: nothing may be left to do.</summary>
    private async Task<string> VerifyAsync()
    {
        var (finished, granted) = (ChangeReport.Finished(state, ChangeOutcome.Completed), agreement.Granted!);
        var inventory = granted.Snapshot.Inventory
            .Where(i => !finished.Gone.Contains($"{i.Capability}@{i.Scope}") && !finished.Made.Any(m => m.Is(i.Capability, i.Scope)))
            .Concat(finished.Made);
        var after = await calls.PlanAfterAsync(granted.Snapshot with { Inventory = [.. inventory] }, stop.Token);
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

    /// <summary>Tells the service, which needs to know, and people; side by side, since neither waits for the other.</summary>
    private async Task TellAsync(ChangeOutcome outcome)
    {
        Task NotifyAsync() => calls.NotifyAsync(
            outcome == ChangeOutcome.Completed ? NotificationKinds.Completed : state.Book is null ? NotificationKinds.NotApproved : NotificationKinds.RolledBack,
            $"{input.Order.Kind} {outcome}".ToLowerInvariant(),
            state.View.Message);
        var people = input.Revision > 0 ? NotifyAsync() : null;
        await calls.TellServiceAsync(new TellInput { Service = input.Service, Finished = ChangeReport.Finished(state, outcome) }, CancellationToken.None);
        await (people ?? NotifyAsync());
    }
}
