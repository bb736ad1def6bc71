using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Onramp.Workflows.Validation;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;

namespace Onramp.Workflows.Tests.Onboarding;

/// <summary>The workflow itself, on the embedded server, with every activity faked by name.</summary>
public sealed class OnboardServiceWorkflowTests(OnboardingEnvironment environment) : IClassFixture<OnboardingEnvironment>
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

    [Fact]
    public async Task Onboards_a_service()
    {
        var systems = new FakeSystems();
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders);

            var progress = await handle.GetResultAsync();

            progress.Status.ShouldBe(OnboardingStatus.Completed);
            progress.Phase.ShouldBe(OnboardingPhase.Completed);
            progress.EndedAt.ShouldNotBeNull();
            progress.Names!.Namespace.ShouldBe("orders-dev");
            progress.Plan!.Digest.Length.ShouldBe(64);
            progress.Links.Count.ShouldBe(OnboardingSteps.For(Requests.Orders, Requests.Platform).Count);
            progress.Steps.Where(s => s.Id != StepIds.Approval).ShouldAllBe(s => s.State == StepState.Succeeded);
            progress.Steps.Single(s => s.Id == StepIds.Approval).State.ShouldBe(StepState.Skipped);
            systems.Things.ShouldBe(OnboardingSteps.For(Requests.Orders, Requests.Platform).Select(s => s.Id), ignoreOrder: true);
            systems.Notifications.Select(n => n.Kind).ShouldBe([NotificationKinds.Completed]);
            (await handle.QueryAsync(w => w.Progress())).Phase.ShouldBe(OnboardingPhase.Completed);
        });
    }

    [Fact]
    public async Task Starts_a_step_only_after_those_it_comes_after()
    {
        var systems = new FakeSystems();
        await environment.WithWorkerAsync(systems, async run =>
        {
            await (await run.StartAsync(Requests.Orders)).GetResultAsync();

            var order = systems.Log.Select(l => l["do ".Length..]).ToList();
            foreach (var step in OnboardingSteps.For(Requests.Orders, Requests.Platform))
                step.After.ShouldAllBe(a => order.IndexOf(a) < order.IndexOf(step.Id), step.Id);
        });
    }

    [Fact]
    public async Task Runs_the_branches_side_by_side()
    {
        var bothBegun = new CountdownEvent(2);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async Task<StepResult?> MeetAsync(int times)
        {
            if (bothBegun.Signal())
                gate.SetResult();
            await gate.Task.WaitAsync(TimeSpan.FromMinutes(2));
            return null;
        }

        var systems = new FakeSystems().OnDo(StepIds.Repository, MeetAsync).OnDo(StepIds.ResourceGroup, MeetAsync);
        await environment.WithWorkerAsync(systems, async run =>
            (await (await run.StartAsync(Requests.Orders)).GetResultAsync()).Status.ShouldBe(OnboardingStatus.Completed));
    }

    [Fact]
    public async Task Leaves_out_what_the_request_does_not_want()
    {
        var systems = new FakeSystems();
        var request = Requests.Orders with
        {
            Features = new FeatureRequest { Monitoring = false, Alerts = false, Catalog = false, GitOps = Vocabulary.GitOpsNone },
        };
        await environment.WithWorkerAsync(systems, async run =>
        {
            await (await run.StartAsync(request)).GetResultAsync();

            string[] unwanted =
                [StepIds.Dashboard, StepIds.DashboardFolder, StepIds.AlertRules, StepIds.ServiceMonitor, StepIds.Catalog, StepIds.Flux, StepIds.ArgoCd];
            systems.Things.Intersect(unwanted).ShouldBeEmpty();
            systems.Things.ShouldContain(StepIds.Protection);
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
    public async Task A_transient_failure_is_tried_again_and_shown()
    {
        var systems = new FakeSystems().OnDo(StepIds.KeyVault, StepResult? (n) => n < 3 ? throw FakeSystems.Transient() : null);
        await environment.WithWorkerAsync(systems, async run =>
        {
            var progress = await (await run.StartAsync(Requests.Orders)).GetResultAsync();

            progress.Steps.Single(s => s.Id == StepIds.KeyVault).Attempt.ShouldBe(3);
            systems.Log.ShouldNotContain(l => l.StartsWith("undo", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task A_step_under_way_is_looked_at_again_on_a_timer()
    {
        var systems = new FakeSystems().OnDo(StepIds.Repository, n => n < 4 ? new StepResult { Ready = false, WaitingFor = "contents" } : null);
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders);
            await handle.GetResultAsync();

            systems.Log.Count(l => l == $"do {StepIds.Repository}").ShouldBe(4);
            var history = await handle.FetchHistoryAsync();
            history.Events.Count(e => e.EventType == EventType.TimerFired).ShouldBe(3);
        });
    }

    [Fact]
    public async Task A_wait_has_an_end()
    {
        var systems = new FakeSystems().OnDo(StepIds.Repository, _ => new StepResult { Ready = false, WaitingFor = "contents" });
        systems.Platform = systems.Platform with { Timing = systems.Platform.Timing with { RepositoryPopulation = TimeSpan.FromMilliseconds(100) } };
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders);

            await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());

            var progress = await handle.QueryAsync(w => w.Progress());
            progress.ErrorType.ShouldBe(ErrorTypes.Timeout);
            progress.Retryable.ShouldBe(true);
            systems.Things.ShouldBeEmpty();
        });
    }

    [Fact]
    public async Task A_catalog_that_does_not_read_the_file_is_a_warning()
    {
        var systems = new FakeSystems().OnDo(StepIds.Catalog, _ => new StepResult { Ready = false, WaitingFor = "the entity" });
        systems.Platform = systems.Platform with { Timing = systems.Platform.Timing with { CatalogEntity = TimeSpan.FromMilliseconds(50) } };
        await environment.WithWorkerAsync(systems, async run =>
        {
            var progress = await (await run.StartAsync(Requests.Orders)).GetResultAsync();

            progress.Steps.Single(s => s.Id == StepIds.Catalog).State.ShouldBe(StepState.Warning);
            progress.Warnings.Count.ShouldBe(1);
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

    [Theory]
    [InlineData("production")]
    [InlineData("development")]
    public async Task What_would_end_the_run_later_ends_it_before_anybody_is_asked(string environmentName)
    {
        var systems = new FakeSystems { OnLook = () => new LookAhead { Problems = [new AheadProblem(ErrorTypes.NameTaken, new FieldError("name", "taken", "name: the repository is there"))] } };
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders with { Environment = environmentName });
            await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());

            var progress = await handle.QueryAsync(w => w.Progress());
            (progress.Phase, progress.ErrorType, progress.Approval, systems.Log.Count, systems.Notifications.Count)
                .ShouldBe((OnboardingPhase.Invalid, ErrorTypes.NameTaken, null, 0, 0));
        });
    }

    [Fact]
    public async Task A_look_that_comes_to_nothing_refuses_nothing()
    {
        var systems = new FakeSystems { OnLook = () => throw FakeSystems.Transient() };
        await environment.WithWorkerAsync(systems, async run =>
            (await (await run.StartAsync(Requests.Orders)).GetResultAsync()).Status.ShouldBe(OnboardingStatus.Completed));
    }

    [Fact]
    public async Task Flux_on_a_platform_without_it_is_refused()
    {
        var systems = new FakeSystems();
        systems.Platform = systems.Platform with { Kubernetes = systems.Platform.Kubernetes with { FluxProvider = "none" } };
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders);

            var failure = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());

            failure.InnerException.ShouldBeOfType<ApplicationFailureException>().Message.ShouldContain("features.gitOps");
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

    [Fact]
    public async Task A_bad_request_fails_before_anything_is_called()
    {
        var systems = new FakeSystems();
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders with { Plan = "gigantic", Team = "" });

            var failure = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());

            var error = failure.InnerException.ShouldBeOfType<ApplicationFailureException>();
            error.ErrorType.ShouldBe(ErrorTypes.Validation);
            error.Message.ShouldContain("plan must be one of");
            error.Message.ShouldContain("team is required");
            (await handle.QueryAsync(w => w.Progress())).Phase.ShouldBe(OnboardingPhase.Invalid);
            systems.Log.ShouldBeEmpty();
        });
    }

    [Fact]
    public async Task A_notification_that_fails_never_fails_the_run()
    {
        var systems = new FakeSystems { OnNotify = _ => throw FakeSystems.Permanent(ErrorTypes.NotFound) };
        await environment.WithWorkerAsync(systems, async run =>
        {
            var progress = await (await run.StartAsync(Requests.Orders)).GetResultAsync();

            progress.Status.ShouldBe(OnboardingStatus.Completed);
            progress.Warnings.ShouldHaveSingleItem().ShouldContain("not delivered");
        });
    }

    [Fact]
    public async Task Search_attributes_follow_the_run()
    {
        await environment.WithWorkerAsync(new FakeSystems(), async run =>
        {
            var handle = await run.StartAsync(Requests.Orders);
            await handle.GetResultAsync();

            var attributes = (await handle.DescribeAsync()).TypedSearchAttributes;

            attributes.Get(SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Service)).ShouldBe("orders");
            attributes.Get(SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Team)).ShouldBe("payments");
            attributes.Get(SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Environment)).ShouldBe("development");
            attributes.Get(SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.State)).ShouldBe("Completed");
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
