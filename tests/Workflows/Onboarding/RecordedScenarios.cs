using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Client;

namespace Onramp.Workflows.Tests.Onboarding;

/// <summary>The runs that are recorded, by name.</summary>
internal static class RecordedScenarios
{
    public static IReadOnlyDictionary<string, Func<OnboardingEnvironment, Task<WorkflowHandle>>> All { get; } =
        new Dictionary<string, Func<OnboardingEnvironment, Task<WorkflowHandle>>>(StringComparer.Ordinal)
        {
            ["completed"] = e => RunAsync(e, new FakeSystems(), Requests.Orders),
            ["completed-argocd"] = e => RunAsync(e, new FakeSystems(), Requests.Orders with { Features = new FeatureRequest { GitOps = Vocabulary.GitOpsArgoCd } }),
            ["approved-production"] = e => RunAsync(
                e, new FakeSystems(), Requests.Orders with { Environment = Vocabulary.Production }, h => DecideAsync(h, ApprovalVerdict.Approve)),
            ["rejected"] = e => RunAsync(
                e, new FakeSystems(), Requests.Orders with { Plan = Vocabulary.PlanLarge }, h => DecideAsync(h, ApprovalVerdict.Reject)),
            ["approval-expired"] = e => RunAsync(
                e, new FakeSystems(), Requests.Orders with { NetworkPolicy = Vocabulary.NetworkOpen }, _ => e.DelayAsync(Requests.Platform.Approvals.ExpireAfter)),
            ["compensated-namespace"] = e => RunAsync(
                e, new FakeSystems().OnDo(StepIds.Namespace, StepResult? (_) => throw FakeSystems.Permanent()), Requests.Orders),
            ["compensated-undo-failing"] = e => RunAsync(
                e,
                new FakeSystems()
                    .OnDo(StepIds.Verification, StepResult? (_) => throw FakeSystems.Permanent())
                    .OnUndo(StepIds.Flux, n => n < 5 ? throw FakeSystems.Transient() : Task.FromResult<UndoResult?>(null)),
                Requests.Orders),
            ["waited-and-retried"] = e => RunAsync(
                e,
                new FakeSystems()
                    .OnDo(StepIds.Repository, StepResult? (n) => n < 3 ? new StepResult { Ready = false, WaitingFor = "contents" } : null)
                    .OnDo(StepIds.KeyVault, StepResult? (n) => n < 3 ? throw FakeSystems.Transient() : null),
                Requests.Orders),
            ["cancelled"] = CancelledAsync,
            ["invalid"] = e => RunAsync(e, new FakeSystems(), Requests.Orders with { Plan = "gigantic" }),
        };

    private static async Task<WorkflowHandle> RunAsync(
        OnboardingEnvironment environment,
        FakeSystems systems,
        ServiceRequest request,
        Func<WorkflowHandle<OnboardServiceWorkflow, OnboardingProgress>, Task>? act = null)
    {
        WorkflowHandle? started = null;
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(request);
            started = handle;
            if (act is not null)
                await act(handle);
            await Record.ExceptionAsync(() => handle.GetResultAsync());
        });
        return started!;
    }

    private static async Task DecideAsync(WorkflowHandle<OnboardServiceWorkflow, OnboardingProgress> handle, ApprovalVerdict verdict)
    {
        var waiting = await OnboardingCase.UntilAsync(handle, p => p.Phase == OnboardingPhase.AwaitingApproval);
        foreach (var (approver, group) in new[] { ("grace", "platform"), ("linus", "payments") })
        {
            var decision = new ApprovalDecision { Approver = approver, Groups = [group], Verdict = verdict, PlanDigest = waiting.Plan!.Digest };
            await handle.SignalAsync(w => w.DecideAsync(decision));
            if (verdict == ApprovalVerdict.Reject)
                return;
        }
    }

    private static Task<WorkflowHandle> CancelledAsync(OnboardingEnvironment environment)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var systems = new FakeSystems().OnDo(StepIds.Namespace, async _ =>
        {
            begun.TrySetResult();
            await goOn.Task;
            return null;
        });
        return RunAsync(environment, systems, Requests.Orders, async handle =>
        {
            await begun.Task;
            await handle.CancelAsync();
            goOn.SetResult();
        });
    }
}
