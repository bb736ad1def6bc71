using Onramp.Workflows.Approvals;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Saga;
using Onramp.Workflows.Services;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Onramp.Workflows.Changes;

/// <summary>State of one change, and its picture. Only workflow code touches it.</summary>
internal sealed class ChangeState(ChangeInput input)
{
    private static readonly SearchAttributeKey<string> ServiceKey = SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Service);
    private static readonly SearchAttributeKey<string> EnvironmentKey = SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Environment);
    private static readonly SearchAttributeKey<string> StateKey = SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.State);

    private readonly List<ChangeEvent> events = [];
    private ChangeView view = ChangeView.Of(input, Now);
    private int numbered;

    /// <summary>Its service has given it its search attributes, and its memo, when it started it.</summary>
    private bool identified = input.Revision >= 1;

    public static DateTimeOffset Now => new(DateTime.SpecifyKind(Workflow.UtcNow, DateTimeKind.Utc));

    public ChangeInput Input => input;

    public ApprovalLedger Ledger { get; private set; } = new(input.AskedBy.Name);

    public PlanBook? Book { get; set; }

    public PlanRunner? Runner { get; set; }

    public ChangePhase Phase => view.Phase;

    public ChangePlan? Plan => view.Plan;

    public Principal? CancelledBy => view.CancelledBy;

    public StepError? Failure => view.Failure;

    public ApprovalProgress? Approval
    {
        get => view.Approval;
        set => view = view with { Approval = value };
    }

    public Hold? Held
    {
        get => view.Held;
        set => view = view with { Held = value };
    }

    public ChangeHead Head => new()
    {
        ChangeId = input.ChangeId,
        Number = input.Number,
        Order = input.Order,
        AskedBy = input.AskedBy,
        AskedAt = view.AskedAt,
    };

    public IReadOnlyList<string> ApprovedBy =>
        [.. Ledger.Records.Where(r => r is { Outcome: DecisionOutcome.Accepted, Decision.Verdict: ApprovalVerdict.Approve }).Select(r => r.Decision.Approver)];

    public ChangeView View => view with
    {
        Approval = view.Approval is null ? null : view.Approval with { State = Ledger.State, Decisions = [.. Ledger.Records] },
        Actions = Book?.Views ?? [],
        Left = Book?.Left ?? [],
        Paused = Runner?.Paused == true,
        Events = [.. events],
    };

    public void Enter(ChangePhase phase, string message)
    {
        Pass(phase, message);
        if (input.Revision > 0)
            Publish();
    }

    /// <summary>Enters a phase that is mostly short; whoever asks is told, the memo isn't written for it.</summary>
    public void Pass(ChangePhase phase, string message)
    {
        view = view with { Phase = phase, Message = message };
        Note(new ChangeEvent(++numbered, Now, message) { Phase = phase });
        if (input.Revision == 0)
            Publish();
    }

    public void Say(string what, string? by = null) => Note(new ChangeEvent(++numbered, Now, what, by));

    public void Moved(string action, string what, string? by) =>
        Note(new ChangeEvent(++numbered, Now, $"{action} {what}", by) { Action = action, State = Book?.StateOf(action) });

    public void Planned(ChangePlan plan) => view = view with { Plan = plan };

    public void Judged(PolicyVerdict verdict) => view = view with { PolicyVersion = verdict.Version };

    /// <summary>Approvals begin anew: what was decided before was about another plan.</summary>
    public void AskAgain()
    {
        Ledger.Close();
        Ledger = new ApprovalLedger(input.AskedBy.Name);
    }

    public void Cancelled(Principal by)
    {
        if (view.CancelledBy is not null)
            return;
        view = view with { CancelledBy = by };
        Say("Called off", by.Name);
    }

    public void Fail(StepError error, string? remediation) => view = view with { Failure = error, Remediation = remediation };

    public void End(ChangeOutcome outcome, string message)
    {
        Ledger.Close();
        view = view with { Outcome = outcome, EndedAt = Now };
        Enter(ChangePhase.Ended, message);
    }

    /// <summary>Memo and search attributes: what is shown when no worker answers. Once a phase, not once an action.</summary>
    public void Publish()
    {
        Workflow.UpsertMemo(MemoUpdate.ValueSet(ChangeContract.ViewMemo, View));
        var state = StateKey.ValueSet(view.Outcome == ChangeOutcome.None ? view.Phase.ToString() : view.Outcome.ToString());
        if (identified)
            Workflow.UpsertTypedSearchAttributes(state);
        else
            Workflow.UpsertTypedSearchAttributes(state, ServiceKey.ValueSet(input.Service), EnvironmentKey.ValueSet(input.Order.Environment ?? Scopes.Component));
        identified = true;
    }

    private void Note(ChangeEvent happened)
    {
        events.Add(happened);
        if (events.Count > ChangeView.MaxEvents)
            events.RemoveAt(0);
        // For those who look at it in Temporal's UI.
        Workflow.CurrentDetails = ChangeWords.Describe(View);
    }
}
