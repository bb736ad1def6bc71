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
}
