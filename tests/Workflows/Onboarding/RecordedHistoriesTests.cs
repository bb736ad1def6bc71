using System.Runtime.CompilerServices;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Worker;

namespace Onramp.Workflows.Tests.Onboarding;

/// <summary>
/// Runs that are under way in the world must go on under new code, so recorded histories are replayed against it. When a change
/// breaks one, the change needs a patch (<c>Workflow.Patched</c>), not a new recording. Recording anew, for new scenarios:
/// <c>ONRAMP_RECORD_HISTORIES=1 dotnet test tests/Workflows --filter RecordedHistories</c>.
/// </summary>
public sealed class RecordedHistoriesTests(OnboardingEnvironment environment) : IClassFixture<OnboardingEnvironment>
{
    private const string RecordVariable = "ONRAMP_RECORD_HISTORIES";

    private static readonly Dictionary<string, Func<OnboardingEnvironment, Task<WorkflowHandle>>> Scenarios = new(StringComparer.Ordinal)
    {
        ["completed"] = e => RunAsync(e, new FakeSystems(), Requests.Orders),
        ["completed-argocd"] = e => RunAsync(e, new FakeSystems(), Requests.Orders with { Features = new FeatureRequest { GitOps = Vocabulary.GitOpsArgoCd } }),
        ["approved-production"] = e => RunAsync(
            e, new FakeSystems(), Requests.Orders with { Environment = Vocabulary.Production }, h => DecideAsync(h, ApprovalVerdict.Approve)),
        ["rejected"] = e => RunAsync(
            e, new FakeSystems(), Requests.Orders with { Plan = Vocabulary.PlanLarge }, h => DecideAsync(h, ApprovalVerdict.Reject)),
        ["approval-expired"] = e => RunAsync(e, Impatient(), Requests.Orders with { NetworkPolicy = Vocabulary.NetworkOpen }),
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

    public static TheoryData<string> Names => [.. Scenarios.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Replays(string scenario)
    {
        if (Environment.GetEnvironmentVariable(RecordVariable) == "1")
            await RecordAsync(scenario);
        var history = WorkflowHistory.FromJson($"onboarding-{scenario}", await File.ReadAllTextAsync(PathOf(scenario)));

        var result = await Replayer().ReplayWorkflowAsync(history, throwOnReplayFailure: false);

        result.ReplayFailure.ShouldBeNull();
    }

    [Fact]
    public void Every_recording_has_its_scenario() =>
        Directory.GetFiles(Path.GetDirectoryName(PathOf("any"))!, "*.json").Select(Path.GetFileNameWithoutExtension).ShouldBe(Scenarios.Keys, ignoreOrder: true);

    [Fact]
    public async Task A_change_of_the_order_of_steps_is_noticed()
    {
        var json = await File.ReadAllTextAsync(PathOf("completed"));
        var changed = json.Replace($"\"{ActivityNames.CreateKeyVault}\"", $"\"{ActivityNames.GrantTeam}\"", StringComparison.Ordinal);
        changed.ShouldNotBe(json);

        var result = await Replayer().ReplayWorkflowAsync(WorkflowHistory.FromJson("onboarding-changed", changed), throwOnReplayFailure: false);

        result.ReplayFailure.ShouldBeOfType<Temporalio.Exceptions.WorkflowNondeterminismException>();
    }

    private static WorkflowReplayer Replayer() => new(new WorkflowReplayerOptions().AddWorkflow<OnboardServiceWorkflow>());

    private static string PathOf(string scenario, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "Histories", $"{scenario}.json");

    private async Task RecordAsync(string scenario)
    {
        var handle = await Scenarios[scenario](environment);
        var history = await handle.FetchHistoryAsync();
        await File.WriteAllTextAsync(PathOf(scenario), history.ToJson() + "\n");
    }

    private static FakeSystems Impatient()
    {
        var systems = new FakeSystems();
        systems.Platform = systems.Platform with
        {
            Approvals = new ApprovalProfile
            {
                ReminderAfter = TimeSpan.FromMilliseconds(50),
                EscalateAfter = TimeSpan.FromMilliseconds(100),
                ExpireAfter = TimeSpan.FromMilliseconds(150),
            },
        };
        return systems;
    }

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
