using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Onramp.Workflows.Validation;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;

namespace Onramp.Workflows.Tests.Onboarding;

/// <summary>What fails, or is called off, is undone in reverse, on the embedded server, with every activity faked by name.</summary>
public sealed class OnboardingUndoTests(OnboardingEnvironment environment) : IClassFixture<OnboardingEnvironment>
{
    public static TheoryData<string> Steps => [.. OnboardingSteps.For(Requests.Orders, Requests.Platform).Select(s => s.Id)];

    [Theory]
    [InlineData(true, false, "Before asking again move out of the way what stays: the repository")]
    [InlineData(false, true, "ask again")]
    public async Task What_an_undo_leaves_is_told_and_asking_again_only_advised_when_it_can_help(bool isInTheWay, bool retryable, string remediation)
    {
        var systems = new FakeSystems()
            .OnDo(StepIds.Namespace, StepResult? (_) => throw new ApplicationFailureException("changed", ErrorTypes.Conflict, nonRetryable: true))
            .OnUndo(StepIds.Repository, _ => Task.FromResult<UndoResult?>(new UndoResult(Left: "the repository", IsInTheWay: isInTheWay)));
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders);
            await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());

            var progress = await handle.QueryAsync(w => w.Progress());
            var told = systems.Notifications.Single(n => n.Kind == NotificationKinds.RolledBack).Text;
            (progress.Retryable, progress.Remediation!.Contains(remediation), told.Contains("What stays: the repository.")).ShouldBe((retryable, true, true));
            progress.Warnings.ShouldContain(w => w.EndsWith("stays: the repository"));
        });
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_permanent_failure_of_any_step_leaves_nothing(string failing)
    {
        var systems = new FakeSystems().OnDo(failing, StepResult? (_) => throw FakeSystems.Permanent());
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders);

            var failure = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());

            failure.InnerException.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe(ErrorTypes.PolicyDenied);
            systems.Things.ShouldBeEmpty();
            var progress = await handle.QueryAsync(w => w.Progress());
            progress.Status.ShouldBe(OnboardingStatus.Failed);
            progress.Phase.ShouldBe(OnboardingPhase.Compensated);
            progress.Remediation.ShouldBe("ask the policy's owner");
            progress.Retryable.ShouldBe(false);
            progress.Steps.Single(s => s.Id == failing).LastError!.Type.ShouldBe(ErrorTypes.PolicyDenied);
            systems.Log.Count(l => l == $"do {failing}").ShouldBe(1);
            ShouldUndoInReverse(systems.Log);
            systems.Notifications.Select(n => n.Kind).ShouldBe([NotificationKinds.RolledBack]);
        });
    }

    [Fact]
    public async Task A_step_in_doubt_is_undone_too()
    {
        // Applied, and then no answer but a permanent failure: the run can't know, so it undoes.
        var systems = new FakeSystems();
        systems.OnDo(StepIds.KeyVault, StepResult? (n) => throw FakeSystems.Permanent(ErrorTypes.QuotaExceeded));
        await environment.WithWorkerAsync(systems, async run =>
        {
            await Should.ThrowAsync<WorkflowFailedException>(async () => await (await run.StartAsync(Requests.Orders)).GetResultAsync());

            systems.Log.ShouldContain($"undo {StepIds.KeyVault}");
        });
    }

    [Fact]
    public async Task An_undo_that_fails_is_tried_again_and_says_so()
    {
        var repaired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var systems = new FakeSystems()
            .OnDo(StepIds.Namespace, StepResult? (_) => throw FakeSystems.Permanent())
            .OnUndo(StepIds.Identity, _ => repaired.Task.IsCompleted
                ? Task.FromResult<UndoResult?>(null)
                : throw FakeSystems.Permanent(ErrorTypes.PermissionDenied));
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders);

            var failing = await OnboardingCase.UntilAsync(
                handle, p => p.Steps.Any(s => s is { Id: StepIds.Identity, State: StepState.UndoFailing, Attempt: >= 2 }));
            failing.Phase.ShouldBe(OnboardingPhase.Compensating);
            failing.Status.ShouldBe(OnboardingStatus.Provisioning);
            failing.Message.ShouldContain("keeps failing");
            failing.Steps.Single(s => s.Id == StepIds.Identity).LastError!.Type.ShouldBe(ErrorTypes.PermissionDenied);
            repaired.SetResult();

            await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
            systems.Things.ShouldBeEmpty();
            (await handle.QueryAsync(w => w.Progress())).Steps.Single(s => s.Id == StepIds.Identity).State.ShouldBe(StepState.Undone);
            systems.Notifications.Select(n => n.Kind).ShouldBe([NotificationKinds.UndoFailing, NotificationKinds.RolledBack]);
        });
    }

    [Fact]
    public async Task An_undo_under_way_is_waited_for()
    {
        var systems = new FakeSystems()
            .OnDo(StepIds.Limits, StepResult? (_) => throw FakeSystems.Permanent())
            .OnUndo(StepIds.Namespace, n => Task.FromResult(n < 3 ? new UndoResult(false, "finalizers") : null));
        await environment.WithWorkerAsync(systems, async run =>
        {
            await Should.ThrowAsync<WorkflowFailedException>(async () => await (await run.StartAsync(Requests.Orders)).GetResultAsync());

            systems.Log.Count(l => l == $"undo {StepIds.Namespace}").ShouldBe(3);
            systems.Things.ShouldBeEmpty();
        });
    }

    [Fact]
    public async Task A_removal_that_gets_nowhere_is_told_and_looked_at_less_and_less_often()
    {
        // A year of looks that double up to an hour, some events each, stays far below what a history holds.
        var systems = new FakeSystems();
        systems.Platform = systems.Platform with { Timing = systems.Platform.Timing with { PollMaximum = TimeSpan.FromMinutes(1), Removal = TimeSpan.FromMinutes(15) } };
        systems
            .OnDo(StepIds.Flux, StepResult? (_) => throw FakeSystems.Permanent())
            .OnUndo(StepIds.Namespace, _ => Task.FromResult<UndoResult?>(new UndoResult(Ready: false, WaitingFor: "the removal of the namespace")));
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders);
            await OnboardingCase.UntilAsync(handle, p => p.Steps.Any(s => s is { Id: StepIds.Namespace, State: StepState.Undoing }));
            await environment.DelayAsync(TimeSpan.FromMinutes(16));
            var told = await OnboardingCase.UntilAsync(handle, p => p.Steps.Any(s => s is { Id: StepIds.Namespace, State: StepState.UndoFailing }));
            await environment.DelayAsync(TimeSpan.FromHours(48));
            var looks = systems.Log.Count(l => l == $"undo {StepIds.Namespace}");
            await handle.TerminateAsync();

            (told.Message.Contains("the removal of the namespace is still awaited"), looks is > 40 and < 120, systems.Notifications.Count(n => n.Kind == NotificationKinds.UndoFailing))
                .ShouldBe((true, true, 1), $"{looks} looks");
        });
    }

    [Fact]
    public async Task Cancelling_finishes_the_step_in_flight_and_undoes_everything()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var systems = new FakeSystems().OnDo(StepIds.Namespace, async _ =>
        {
            begun.TrySetResult();
            await goOn.Task;
            return null;
        });
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders);
            await begun.Task;

            await handle.CancelAsync();
            goOn.SetResult();

            var failure = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
            failure.InnerException.ShouldBeOfType<CanceledFailureException>();
            systems.Things.ShouldBeEmpty();
            systems.Log.ShouldContain($"undo {StepIds.Namespace}");
            ShouldUndoInReverse(systems.Log);
            var progress = await handle.QueryAsync(w => w.Progress());
            progress.Phase.ShouldBe(OnboardingPhase.Cancelled);
            progress.Status.ShouldBe(OnboardingStatus.Failed);
            progress.CancelRequested.ShouldBeTrue();
            (await handle.DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Canceled);
        });
    }

    /// <summary>Undos happen in reverse order of the first do of each step.</summary>
    private static void ShouldUndoInReverse(IReadOnlyList<string> log)
    {
        var begun = log.Where(l => l.StartsWith("do ", StringComparison.Ordinal)).Select(l => l[3..]).Distinct().ToList();
        var undone = log.Where(l => l.StartsWith("undo ", StringComparison.Ordinal)).Select(l => l[5..]).Distinct().ToList();
        foreach (var step in OnboardingSteps.All.Where(s => undone.Contains(s.Id)))
        {
            step.After.Where(undone.Contains).ShouldAllBe(a => undone.IndexOf(a) > undone.IndexOf(step.Id), step.Id);
        }
        undone.ShouldBe(begun.Where(b => OnboardingSteps.All.Single(s => s.Id == b).Undo is not null), ignoreOrder: true);
    }
}
