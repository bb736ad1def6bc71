using Onramp.Workflows.Approvals;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Saga;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Onramp.Workflows.Onboarding;

/// <summary>
/// State of one run, and its picture for the progress query. Only workflow code touches it, so it needs no locks; the clock is
/// the workflow's.
/// </summary>
internal sealed class OnboardingState : ISagaObserver
{
    private static readonly SearchAttributeKey<string> TeamKey = SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Team);
    private static readonly SearchAttributeKey<string> ServiceKey = SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Service);
    private static readonly SearchAttributeKey<string> EnvironmentKey = SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Environment);
    private static readonly SearchAttributeKey<string> StateKey = SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.State);

    private readonly Dictionary<string, StepProgress> steps = new(StringComparer.Ordinal);
    private readonly List<string> order = [];
    private readonly List<OnboardingLink> links = [];
    private readonly List<string> warnings = [];
    private readonly List<UndoResult> left = [];
    private readonly Dictionary<string, string> facts = new(StringComparer.Ordinal);
    private OnboardingPhase? publishedPhase;

    public OnboardingState(ServiceRequest request, WorkflowInfo info)
    {
        Request = request;
        WorkflowId = info.WorkflowId;
        RunId = info.RunId;
        StartedAt = new DateTimeOffset(DateTime.SpecifyKind(info.WorkflowStartTime, DateTimeKind.Utc));
        Ledger = new ApprovalLedger(request.Requester ?? "");
        Add(StepIds.Validate, "Validation", Systems.Onramp, OnboardingPhase.Validating);
        Add(StepIds.Plan, "Plan and names", Systems.Onramp, OnboardingPhase.Planning);
        Add(StepIds.Approval, "Approval", Systems.Onramp, OnboardingPhase.AwaitingApproval);
    }

    public ServiceRequest Request { get; set; }
    public string WorkflowId { get; }
    public string RunId { get; }
    public DateTimeOffset StartedAt { get; }
    public ApprovalLedger Ledger { get; }
    public PlatformProfile Platform { get; set; } = new();
    public ServiceNames? Names { get; set; }
    public OnboardingPlan? Plan { get; set; }
    public ApprovalProgress? Approval { get; set; }
    public OnboardingStatus Status { get; private set; } = OnboardingStatus.Pending;
    public OnboardingPhase Phase { get; private set; } = OnboardingPhase.Received;
    public string Message { get; private set; } = "Received";
    public OnboardingFailure? Failure { get; private set; }
    public bool CancelRequested { get; set; }

    /// <summary>Called once for each step whose undo fails: somebody must know, since the run waits for it.</summary>
    public Func<string, Task> OnUndoFailing { get; set; } = static _ => Task.CompletedTask;

    public IReadOnlyList<OnboardingLink> Links => links;
    private DateTimeOffset? EndedAt { get; set; }

    /// <summary>Adds the rows of the step table that apply, and the notification that ends every run.</summary>
    public void AddSteps(IEnumerable<OnboardingStep> rows)
    {
        foreach (var row in rows)
            Add(row.Id, row.Title, row.System, row.Phase, row.After);
        Add(StepIds.Notify, "Notification", Systems.Notifications, OnboardingPhase.Notifying);
    }

    public void Enter(OnboardingPhase phase, string message)
    {
        Phase = phase;
        Message = message;
        Status = StatusOf(phase);
        if (phase >= OnboardingPhase.Completed)
            EndedAt = Now;
        if (publishedPhase != phase)
            Publish(phase);
        Show();
    }

    public void Fail(OnboardingPhase phase, OnboardingFailure failure)
    {
        Failure = failure;
        Enter(phase, failure.Message);
    }

    /// <summary>Keeps the failure while things are being undone.</summary>
    public void BeginCompensation(OnboardingFailure failure)
    {
        Failure = failure;
        Enter(OnboardingPhase.Compensating, $"Undoing what was made: {failure.Message}");
    }

    public void Warn(string warning)
    {
        warnings.Add(warning);
        Show();
    }

    /// <summary>What the plan was made for, for the steps to keep to.</summary>
    public void Know(LookAhead ahead)
    {
        if (ahead.RegistryByRepository is { } byRepository)
            facts[StepFacts.RegistryScope] = byRepository ? "repository" : "registry";
    }

    public StepInput InputOf(string step) => new()
    {
        Key = KeyOf(step),
        Request = Request,
        Names = Names ?? new ServiceNames(),
        Platform = Platform,
        Facts = new SortedDictionary<string, string>(facts, StringComparer.Ordinal),
    };

    public StepKey KeyOf(string step) => new() { WorkflowId = WorkflowId, RunId = RunId, Step = step, RunStartedAt = StartedAt };

    public void Begin(string id) => Change(id, s => s with { State = StepState.Running, Attempt = 1, StartedAt = s.StartedAt ?? Now });

    public void End(string id, StepState state, StepError? error = null) =>
        Change(id, s => s with { State = state, LastError = error ?? s.LastError, EndedAt = Now });

    /// <summary>Whatever is under way is so no longer: the run is called off.</summary>
    public void StopSteps()
    {
        foreach (var id in order.Where(id => steps[id].State == StepState.Running))
            End(id, StepState.Cancelled);
    }

    public void Skip(string id) => Change(id, s => s with { State = StepState.Skipped });

    void ISagaObserver.StepStarted(SagaStep step)
    {
        Begin(step.Id);
        FollowPhase();
    }

    void ISagaObserver.StepWaiting(SagaStep step, StepResult result)
    {
        Learn(result);
        Message = $"Waiting for {result.WaitingFor}";
        Change(step.Id, s => s with { Attempt = result.Attempt, Link = result.Link ?? s.Link, LastError = null });
    }

    void ISagaObserver.StepSucceeded(SagaStep step, StepResult result, string? warning)
    {
        Learn(result);
        Change(step.Id, s => s with
        {
            State = warning is null ? StepState.Succeeded : StepState.Warning,
            Attempt = result.Attempt,
            EndedAt = Now,
            LastError = null,
            Link = result.Link ?? s.Link,
            Created = result.Resources.Count == 0 ? null : result.Resources.Any(r => r.Created),
        });
        if (result.Link is { } link)
            links.Add(new OnboardingLink(steps[step.Id].Title, link));
        if (warning is not null)
            Warn($"{steps[step.Id].Title}: {warning}");
        FollowPhase();
    }

    void ISagaObserver.StepFailed(SagaStep step, StepError error) => End(step.Id, StepState.Failed, error);

    void ISagaObserver.StepCancelled(SagaStep step) => End(step.Id, StepState.Cancelled);

    void ISagaObserver.UndoStarted(SagaStep step) => Change(step.Id, s => s with { State = StepState.Undoing, EndedAt = null });

    async Task ISagaObserver.UndoFailingAsync(SagaStep step, StepError error, int failures)
    {
        Message = $"Undoing {steps[step.Id].Title} keeps failing and is tried again: {error.Message}";
        Change(step.Id, s => s with { State = StepState.UndoFailing, LastError = error, Attempt = failures });
        if (failures == 1)
            await OnUndoFailing(Message);
    }

    void ISagaObserver.UndoLeft(SagaStep step, UndoResult result)
    {
        left.Add(result);
        Warn($"{steps[step.Id].Title} stays: {result.Left}");
    }

    /// <summary>What the undo came to, in a sentence that is true.</summary>
    public string Aftermath => left.Count == 0
        ? "Everything made was removed."
        : $"What stays: {string.Join("; ", left.Select(l => l.Left))}. Everything else that was made was removed.";

    /// <summary>A failure with what the undo left: asking again can't help while that is in the way.</summary>
    public OnboardingFailure After(OnboardingFailure failure)
    {
        var inTheWay = left.Where(l => l.IsInTheWay).Select(l => l.Left).ToList();
        return inTheWay.Count == 0 ? failure : failure with
        {
            Retryable = false,
            Remediation = $"{failure.Remediation} Before asking again move out of the way what stays: {string.Join("; ", inTheWay)}.".TrimStart(),
        };
    }

    void ISagaObserver.UndoFinished(SagaStep step) => End(step.Id, StepState.Undone);

    public OnboardingProgress Snapshot() => new()
    {
        WorkflowId = WorkflowId,
        RunId = RunId,
        RequestId = Request.RequestId,
        Service = Request.Name,
        Team = Request.Team,
        Environment = Request.Environment,
        Requester = Request.Requester,
        Status = Status,
        Phase = Phase,
        Message = Message,
        Remediation = Failure?.Remediation,
        Retryable = Failure?.Retryable,
        ErrorType = Failure?.Type,
        StartedAt = StartedAt,
        EndedAt = EndedAt,
        CancelRequested = CancelRequested,
        Names = Names,
        Plan = Plan,
        Approval = Approval is null ? null : Approval with { State = Ledger.State, Decisions = Ledger.Records.ToArray() },
        Steps = order.Select(id => steps[id]).ToArray(),
        Links = links.ToArray(),
        Warnings = warnings.ToArray(),
    };

    private static DateTimeOffset Now => new(DateTime.SpecifyKind(Workflow.UtcNow, DateTimeKind.Utc));

    private static OnboardingStatus StatusOf(OnboardingPhase phase) => phase switch
    {
        < OnboardingPhase.CreatingRepository => OnboardingStatus.Pending,
        < OnboardingPhase.Completed => OnboardingStatus.Provisioning,
        OnboardingPhase.Completed => OnboardingStatus.Completed,
        _ => OnboardingStatus.Failed,
    };

    private void Add(string id, string title, string system, OnboardingPhase phase, IReadOnlyList<string>? after = null)
    {
        order.Add(id);
        steps[id] = new StepProgress { Id = id, Title = title, System = system, Phase = phase, After = after ?? [] };
    }

    private void Change(string id, Func<StepProgress, StepProgress> change)
    {
        if (steps.TryGetValue(id, out var step))
        {
            steps[id] = change(step);
            Show();
        }
    }

    /// <summary>For those who look at it in Temporal's UI.</summary>
    private void Show() => Workflow.CurrentDetails = OnboardingDetails.Of(Snapshot());

    private void Learn(StepResult result)
    {
        foreach (var (name, value) in result.Facts)
            facts[name] = value;
    }

    /// <summary>With branches in parallel the phase shown is the earliest one that still runs.</summary>
    private void FollowPhase()
    {
        if (Phase == OnboardingPhase.Compensating)
            return;
        var running = order.Select(id => steps[id]).Where(s => s.State == StepState.Running).ToList();
        if (running.Count > 0)
            Enter(running.Min(s => s.Phase), string.Join(", ", running.Select(s => s.Title)));
    }

    /// <summary>Identity goes along once; afterwards only the state changes.</summary>
    private void Publish(OnboardingPhase phase)
    {
        var state = StateKey.ValueSet(phase.ToString());
        if (publishedPhase is null)
        {
            Workflow.UpsertTypedSearchAttributes(
                TeamKey.ValueSet(Request.Team),
                ServiceKey.ValueSet(Request.Name),
                EnvironmentKey.ValueSet(Request.Environment),
                state);
        }
        else
        {
            Workflow.UpsertTypedSearchAttributes(state);
        }
        publishedPhase = phase;
    }
}
