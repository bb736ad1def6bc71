using Onramp.Workflows.Approvals;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Planning;
using Onramp.Workflows.Saga;
using Onramp.Workflows.Validation;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Onramp.Workflows.Onboarding;

/// <summary>
/// From asked for to running: validate, plan, approve, make everything, verify, tell. Ends completed with the progress as its
/// result, or failed or cancelled with nothing of it left.
/// </summary>
[Workflow(OnboardingContract.WorkflowType)]
public sealed class OnboardServiceWorkflow
{
    private readonly OnboardingState state;
    private readonly StepCalls calls;

    /// <summary>State exists before the first signal or query is handled, however early that comes.</summary>
    [WorkflowInit]
    public OnboardServiceWorkflow(ServiceRequest request)
    {
        state = new OnboardingState(ServiceRequestValidator.Validate(request).Request, Workflow.Info);
        calls = new StepCalls(state);
    }

    [WorkflowRun]
    public async Task<OnboardingProgress> RunAsync(ServiceRequest request)
    {
        Validate(request);
        try
        {
            await PlanAsync();
            await ApproveAsync();
        }
        catch (Exception e) when (FailureReader.IsCancellation(e))
        {
            state.CancelRequested = true;
            state.StopSteps();
            state.Fail(OnboardingPhase.Cancelled, OnboardingFailure.Cancelled);
            throw;
        }
        finally
        {
            state.Ledger.Close();
        }
        await ProvisionAsync();
        return state.Snapshot();
    }

    /// <summary>One decision of one approver. Early ones are kept until there is a plan; every one leaves a record.</summary>
    [WorkflowSignal(OnboardingContract.ApprovalSignal, Description = "One decision of one approver: verdict (approve or reject), planDigest, decisionId, approver, groups, comment")]
    public Task DecideAsync(ApprovalDecision decision)
    {
        var at = new DateTimeOffset(DateTime.SpecifyKind(Workflow.UtcNow, DateTimeKind.Utc));
        if (state.Ledger.IsIdReused(decision) && Workflow.Patched(Patches.IdsOfDecisions))
            state.Ledger.RefuseReusedId(decision, at);
        else
            state.Ledger.Receive(decision, at);
        return Task.CompletedTask;
    }

    [WorkflowQuery(OnboardingContract.ProgressQuery, Description = "Everything about the run: phase, plan, approval, steps, links, warnings")]
    public OnboardingProgress Progress() => state.Snapshot();

    private void Validate(ServiceRequest request)
    {
        state.Begin(StepIds.Validate);
        state.Enter(OnboardingPhase.Validating, "Checking the request");
        Refuse(ErrorsOf(request), StepIds.Validate);
        state.End(StepIds.Validate, StepState.Succeeded);
    }

    /// <summary>A run that began before a rule was made goes on without it.</summary>
    private static IReadOnlyList<FieldError> ErrorsOf(ServiceRequest request)
    {
        var errors = ServiceRequestValidator.Validate(request).Errors;
        var before = ServiceRequestValidator.Validate(request, RuleEdition.First).Errors;
        return errors.Count == before.Count || Workflow.Patched(Patches.RulesOfSystems) ? errors : before;
    }

    private void Refuse(IReadOnlyList<FieldError> errors, string step)
    {
        if (errors.Count == 0)
            return;
        var failure = OnboardingFailure.Of(ErrorTypes.Validation, ServiceRequestValidator.Describe(errors));
        state.End(step, StepState.Failed, new StepError(failure.Type, failure.Message));
        Stop(OnboardingPhase.Invalid, failure, errors);
    }

    /// <summary>What would end the run after somebody has approved it ends it before.</summary>
    private void Refuse(IReadOnlyList<AheadProblem> problems)
    {
        if (problems.Count == 0)
            return;
        var errors = problems.Select(p => p.Error).ToList();
        var failure = OnboardingFailure.Of(problems[0].Type, ServiceRequestValidator.Describe(errors));
        state.End(StepIds.Plan, StepState.Failed, new StepError(failure.Type, failure.Message));
        Stop(OnboardingPhase.Invalid, failure, errors);
    }

    private async Task PlanAsync()
    {
        state.Begin(StepIds.Plan);
        state.Enter(OnboardingPhase.Planning, "Planning");
        state.Platform = await calls.DescribePlatformAsync();
        var looks = Workflow.Patched(Patches.LookAhead);
        Refuse([.. Planner.Check(state.Request, state.Platform), .. looks ? Planner.CheckFeatures(state.Request, state.Platform) : []], StepIds.Plan);
        foreach (var warning in Planner.Warnings(state.Request, state.Platform))
            state.Warn(warning);
        var names = NameDeriver.Derive(state.Request, state.Platform);
        state.Names = looks ? names : names with { PipelineIdentity = "" };
        var ahead = looks ? await calls.LookAheadAsync() : new LookAhead();
        Refuse(ahead.Problems);
        state.Know(ahead);
        state.Plan = Planner.Plan(state.Request, state.Names, state.Platform, ahead);
        state.AddSteps(OnboardingSteps.For(state.Request, state.Platform));
        state.End(StepIds.Plan, StepState.Succeeded);
    }

    private async Task ApproveAsync()
    {
        var outcome = await new ApprovalGate(state, calls).PassAsync(state.Plan!);
        switch (outcome)
        {
            case ApprovalStates.Rejected:
                var by = state.Ledger.Rejection!;
                await TellAsync(NotificationKinds.NotApproved, "not approved", $"Rejected by {by.Approver}. {by.Comment}".TrimEnd());
                Stop(OnboardingPhase.Rejected, OnboardingFailure.Of(ErrorTypes.Rejected, $"Rejected by {by.Approver}: {by.Comment}".TrimEnd(' ', ':')));
                break;
            case ApprovalStates.Expired:
                await TellAsync(NotificationKinds.NotApproved, "not approved", "Nobody decided in time.");
                Stop(OnboardingPhase.ApprovalExpired, OnboardingFailure.Of(
                    ErrorTypes.ApprovalExpired, $"Nobody decided within {state.Platform.Approvals.ExpireAfter}"));
                break;
        }
    }

    private async Task ProvisionAsync()
    {
        var timing = state.Platform.Timing;
        var saga = new SagaRunner(
            calls.Bind(OnboardingSteps.For(state.Request, state.Platform)),
            new SagaTiming(timing.PollInterval, timing.PollMaximum, timing.UndoRetry, timing.UndoRetryMaximum, timing.Removal),
            state);
        try
        {
            await saga.RunAsync(Workflow.CancellationToken);
        }
        catch (Exception e) when (FailureReader.IsCancellation(e))
        {
            state.CancelRequested = true;
            state.Fail(OnboardingPhase.Cancelled, await CompensateAsync(saga, OnboardingFailure.Cancelled));
            throw;
        }
        catch (FailureException e)
        {
            var failure = OnboardingFailure.From(e);
            Stop(OnboardingPhase.Compensated, await CompensateAsync(saga, failure));
        }
        state.Begin(StepIds.Notify);
        state.Enter(OnboardingPhase.Notifying, "Telling the team");
        await TellAsync(NotificationKinds.Completed, "ready", $"{state.Request.Name} is ready in {state.Names!.Namespace}.");
        state.End(StepIds.Notify, StepState.Succeeded);
        state.Enter(OnboardingPhase.Completed, $"{state.Request.Name} is ready in {state.Request.Environment}");
    }

    /// <summary>Undoes what was made; the failure as it is to be told afterwards.</summary>
    private async Task<OnboardingFailure> CompensateAsync(SagaRunner saga, OnboardingFailure failure)
    {
        state.BeginCompensation(failure);
        state.OnUndoFailing = message => TellAsync(NotificationKinds.UndoFailing, "undo keeps failing", message);
        await saga.CompensateAsync();
        var told = state.After(failure);
        await TellAsync(NotificationKinds.RolledBack, "rolled back", $"{told.Message} {state.Aftermath} {told.Remediation}");
        state.Skip(StepIds.Notify);
        return told;
    }

    private Task TellAsync(string kind, string title, string text) => calls.NotifyAsync(new NotificationInput
    {
        Key = state.KeyOf(StepIds.Notify),
        Kind = kind,
        Title = $"{state.Request.Name} in {state.Request.Environment}: {title}",
        Text = text,
        Channel = state.Request.Notifications.Channel,
        Email = state.Request.Notifications.Email,
        Links = state.Links,
    });

    /// <summary>Ends the run as failed, for good: what to do next is the caller's choice, not a retry's.</summary>
    private void Stop(OnboardingPhase phase, OnboardingFailure failure, object? detail = null)
    {
        state.Fail(phase, failure);
        throw new ApplicationFailureException(failure.Message, failure.Type, nonRetryable: true, details: detail is null ? null : [detail]);
    }
}
